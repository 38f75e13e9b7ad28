//! The table of actions: the list of commands, keys that settings give, and the README.

use egui::{Key, Modifiers};
use node_editor::actions::{self, Action};
use nudge::folders::Folders;

use crate::common::{Person, root};
use crate::kept::two_pages;
use crate::{SHIFT_COMMAND, gradient};

/// Opens the list and searches it.
fn search(person: &mut Person, text: &str) {
    person.key(Modifiers::COMMAND, Key::P);
    person.type_text(text);
}

#[test]
fn the_list_of_commands_does_what_is_chosen_and_closes() {
    let mut person = gradient();
    search(&mut person, "select");
    assert!(person.sees("command Select all") && !person.sees("command Save"), "what is typed is searched for");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(!person.harness.state().editor().has_dialog());
    assert!(person.reads("4 blocks selected"));

    search(&mut person, "takes back");
    assert!(person.sees("command Undo"), "help is searched too");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.harness.state().editor().has_dialog(), "what cannot be done now is not");
    person.key(Modifiers::NONE, Key::Escape);
    assert!(!person.harness.state().editor().has_dialog());
    assert!(person.reads("4 blocks selected"), "Escape was the list's");

    // Down to the second, and back to the first.
    search(&mut person, "theme");
    person.key(Modifiers::NONE, Key::ArrowDown);
    person.key(Modifiers::NONE, Key::ArrowUp);
    person.key(Modifiers::NONE, Key::Enter);
    let theme = person.harness.ctx.options(|options| options.theme_preference);
    assert_ne!(theme, egui::ThemePreference::System);
    search(&mut person, "system");
    person.click("command System theme");
    assert_eq!(person.harness.ctx.options(|options| options.theme_preference), egui::ThemePreference::System);
    assert!(!person.harness.state().editor().has_dialog());
}

#[test]
fn one_dialog_can_follow_the_list() {
    let mut person = gradient();
    search(&mut person, "gestures");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("Share attributes"), "the list has closed, and not what it has opened");
    person.click("Close");
    search(&mut person, "delete");
    person.key(Modifiers::NONE, Key::Escape);
    person.key(Modifiers::COMMAND, Key::A);
    search(&mut person, "delete");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("0 blocks · 0 wires"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.reads("4 blocks"));
}

#[test]
fn menus_keys_and_the_list_agree_with_the_table() {
    let mut person = gradient();
    person.click("block grad");
    for menu in ["File", "Edit", "View", "Run", "Help"] {
        person.click(menu);
        for action in Action::ALL.iter().filter(|a| a.row().menu.is_some_and(|(of, _)| of.name() == menu)) {
            assert!(person.sees(action.row().name), "{menu} has {}", action.row().name);
        }
        person.key(Modifiers::NONE, Key::Escape);
    }
    person.key(Modifiers::COMMAND, Key::P);
    for action in Action::ALL.iter().filter(|action| **action != Action::Commands) {
        assert!(person.sees(&format!("command {}", action.row().name)), "{}", action.row().id);
    }
    person.key(Modifiers::NONE, Key::Escape);
    person.key(Modifiers::NONE, Key::F1);
    let with_keys = Action::ALL.iter().filter(|action| !action.row().keys.is_empty());
    for action in with_keys {
        assert!(person.sees(action.row().name), "the help tells of {}", action.row().name);
    }
}

#[test]
fn what_is_no_text_is_heard_in_a_field_too() {
    let mut person = gradient();
    person.click("block x");
    person.click("attribute x.value");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[9]");
    person.key(Modifiers::NONE, Key::Questionmark);
    assert!(!person.harness.state().editor().has_dialog(), "a question mark is text");
    search(&mut person, "select all");
    person.key(Modifiers::NONE, Key::Escape);
    assert_eq!(person.value("block x"), "[9]", "the list takes the focus, and what was typed is entered");
    person.click("attribute x.value");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[8]");
    person.key(Modifiers::NONE, Key::F5);
    assert_eq!(person.value("block x"), "[8]", "a run is of what was typed");
    person.click("attribute x.value");
    person.key(Modifiers::COMMAND, Key::A);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block x"), "[8]", "undo is the field's");
}

/// An editor with this settings file.
fn with_settings(text: &str) -> (Person, tempfile::TempDir, tempfile::TempDir) {
    let (folder, home) = (two_pages(), tempfile::tempdir().unwrap());
    std::fs::create_dir(home.path().join("settings")).unwrap();
    std::fs::write(home.path().join("settings/settings.json"), text).unwrap();
    let folders = Folders { settings: home.path().join("settings"), data: home.path().join("data") };
    (Person::remembering(folders, &folder.1), folder.0, home)
}

#[test]
fn settings_change_keys() {
    let text = r#"{"shortcuts": {"duplicate": ["Ctrl+E", "K"], "undo": [], "delete": "X", "add_block": "Ctrl+B"}, "later": true}"#;
    let (mut person, _pages, home) = with_settings(text);
    assert!(person.reads("Ctrl+B adds a block"));
    person.click("block y");
    for (modifiers, key) in [(Modifiers::COMMAND, Key::D), (Modifiers::COMMAND, Key::Z), (Modifiers::NONE, Key::Delete)]
    {
        person.key(modifiers, key);
    }
    assert!(person.reads("2 blocks · 1 wire"), "keys that settings take away mean nothing");
    person.key(Modifiers::COMMAND, Key::E);
    assert!(person.reads("3 blocks · 1 wire"));
    person.key(Modifiers::NONE, Key::K);
    assert!(person.reads("4 blocks · 1 wire"));
    person.key(Modifiers::NONE, Key::X);
    assert!(person.reads("3 blocks · 1 wire"));
    person.key(SHIFT_COMMAND, Key::Z);
    assert!(person.reads("3 blocks · 1 wire"));
    // Typed into a field they are text.
    person.click("block x");
    person.click("attribute x.value");
    person.key(Modifiers::NONE, Key::X);
    assert!(person.reads("3 blocks · 1 wire"));
    person.menu("View", "Palette");
    drop(person);
    let kept = std::fs::read_to_string(home.path().join("settings/settings.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["shortcuts"]["duplicate"], serde_json::json!(["Ctrl+E", "K"]), "the program keeps them");
    assert_eq!((&kept["later"], &kept["look"]["palette_open"]), (&true.into(), &false.into()));
}

#[test]
fn settings_that_are_wrong_are_told_and_never_replaced() {
    let (mut person, _pages, _home) = with_settings(r#"{"shortcuts": {"undo": "Crtl+Z"}}"#);
    assert!(person.reads("'Crtl' in 'Crtl+Z' is not Ctrl, Cmd, Shift or Alt"));
    assert!(person.reads("Space adds a block"));
    person.key(Modifiers::COMMAND, Key::D);
    let broken = r#"{"shortcuts": {"undo": "Ctrl+Z",}}"#;
    let (mut person, _pages, home) = with_settings(broken);
    assert!(person.reads("settings cannot be read"));
    person.menu("View", "Palette");
    drop(person);
    assert_eq!(std::fs::read_to_string(home.path().join("settings/settings.json")).unwrap(), broken);
}

#[test]
fn the_readme_has_the_table() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- actions -->\n", "<!-- end of actions -->");
    let from = text.find(begin).unwrap() + begin.len();
    let to = text.find(end).unwrap();
    let table = actions::markdown();
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(path, format!("{}{table}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    assert_eq!(&text[from..to], table, "UPDATE_TRANSCRIPTS=1 writes it anew");
}
