//! Pages and their files: saving, saving elsewhere, dialogs.

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use nudge::folders::Folders;

use crate::SHIFT_COMMAND;
use crate::common::Person;
use crate::kept::two_pages;
use crate::keys::press_at_once;

#[test]
fn saving_as_another_pages_file_asks_or_is_refused() {
    let (folder, paths) = two_pages();
    let before = std::fs::read_to_string(&paths[1]).unwrap();
    let mut person = Person::at(&paths);
    let save_as = |person: &mut Person, name: &str| {
        person.key(SHIFT_COMMAND, Key::S);
        person.click("File name");
        person.key(Modifiers::COMMAND, Key::A);
        person.type_text(name);
        person.key(Modifiers::NONE, Key::Enter);
    };
    // Both are open, and the path is spelled in another way.
    let other = format!("{}/../{}/b.json", folder.path().display(), folder.path().file_name().unwrap().display());
    save_as(&mut person, &other);
    assert!(person.reads("is open here as another page"));
    person.click("Cancel");
    // Closed, it was seen before: that is no leave to replace it.
    person.click("close page b");
    save_as(&mut person, "b.json");
    assert!(person.reads("There is a file of that name already"));
    person.click("Cancel");
    assert_eq!(std::fs::read_to_string(&paths[1]).unwrap(), before);
    assert!(person.sees("page a"));
}

#[test]
fn a_file_is_open_once_however_it_is_spelled() {
    let (folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.key(Modifiers::COMMAND, Key::O);
    person.click("File name");
    let name = folder.path().file_name().unwrap().display();
    person.type_text(&format!("{}/../{name}/b.json", folder.path().display()));
    person.key(Modifiers::NONE, Key::Enter);
    let tabs = person.hears().iter().filter(|heard| heard.contains("\"page b\"")).count();
    assert_eq!(tabs, 1);
    assert_eq!(person.value("block x"), "[2]", "and is shown");
}

#[test]
fn a_dialog_is_about_its_page_whatever_is_closed() {
    const SAVE_AS: (Modifiers, Key) = (SHIFT_COMMAND, Key::S);
    const CLOSE: (Modifiers, Key) = (Modifiers::COMMAND, Key::W);
    for (keys, page, value) in [([SAVE_AS, CLOSE], "a", "[1]"), ([CLOSE, SAVE_AS], "b", "[2]")] {
        let (folder, paths) = two_pages();
        let before: Vec<_> = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let mut person = Person::at(&paths);
        press_at_once(&mut person, &keys);
        assert!(person.reads(&format!("Save {page} as")));
        assert_eq!(
            person.sees("page a"),
            page == "a",
            "a key that comes after the dialog is not for the page behind it"
        );
        person.click("File name");
        person.key(Modifiers::COMMAND, Key::A);
        person.type_text("c");
        person.key(Modifiers::NONE, Key::Enter);
        assert!(std::fs::read_to_string(folder.path().join("c.json")).unwrap().contains(value));
        for (path, before) in paths.iter().zip(before) {
            assert_eq!(std::fs::read_to_string(path).unwrap(), before);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_replaced_only_when_asked() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, paths) = two_pages();
    std::fs::set_permissions(&paths[0], std::fs::Permissions::from_mode(0o444)).unwrap();
    let before = std::fs::read_to_string(&paths[0]).unwrap();
    let mut person = Person::at(&paths);
    person.click("block x");
    person.enter("attribute x.value", "[7]");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads("The file is read-only"));
    person.click("Cancel");
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), before);
    person.key(Modifiers::COMMAND, Key::S);
    person.click("Replace it");
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[7]"));
    // Another page's file: both that it is there and that it is read-only are asked.
    person.click("page b");
    person.click("close page a");
    person.key(SHIFT_COMMAND, Key::S);
    person.click("File name");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("a.json");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("There is a file of that name already"));
    person.click("Replace it");
    assert!(person.reads("The file is read-only"));
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[7]"));
    person.click("Replace it");
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[2]"));
    assert_eq!(std::fs::metadata(&paths[0]).unwrap().permissions().mode() & 0o777, 0o444);
}

#[test]
fn a_page_is_saved_with_its_ending() {
    let (folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    for (typed, file) in [("v1.2", "v1.2.json"), ("plain", "plain.json"), ("c.json", "c.json")] {
        person.key(SHIFT_COMMAND, Key::S);
        person.click("File name");
        person.key(Modifiers::COMMAND, Key::A);
        person.type_text(typed);
        person.key(Modifiers::NONE, Key::Enter);
        assert!(folder.path().join(file).is_file(), "{typed}");
        assert_eq!(folder.path().join(typed).is_file(), typed == file, "{typed}");
    }
}

#[test]
fn a_conflict_can_be_settled_by_reading_the_file_again() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    person.enter("attribute x.value", "[7]");
    let theirs = std::fs::read_to_string(&paths[0]).unwrap().replace("[1]", "[8]");
    std::fs::write(&paths[0], &theirs).unwrap();
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads("Somebody else changed the file"));
    person.click("Reload, losing my changes");
    assert_eq!(person.value("block x"), "[8]");
    assert_eq!(person.value("block y"), "[64]");
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), theirs);
    person.click("block x");
    person.enter("attribute x.value", "[9]");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[9]"), "what was read again can be saved");
}

#[test]
fn dialogs_have_a_default_and_take_enter() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    person.enter("attribute x.value", "[7]");
    person.key(Modifiers::NONE, Key::Escape);
    person.key(Modifiers::COMMAND, Key::W);
    assert!(person.reads("has changes that are not saved"));
    person.key(Modifiers::NONE, Key::Enter);
    assert!(!person.sees("page a"), "saved and closed");
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[7]"));
}

#[test]
fn dialogs_begin_beside_the_page_that_is_open() {
    let (folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    let here = folder.path().display().to_string();
    person.key(Modifiers::COMMAND, Key::O);
    assert!(person.reads(&here), "opening");
    person.click("Cancel");
    person.key(Modifiers::COMMAND, Key::N);
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads(&here), "saving a page that has no file yet");
}

#[test]
fn undoing_a_delete_selects_what_comes_back() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.sees("attribute x.value"), "the inspector shows it");
}

#[test]
fn what_was_not_saved_is_offered_by_the_next_start() {
    let (folder, paths) = two_pages();
    let folders = Folders { settings: folder.path().join("settings"), data: folder.path().join("data") };
    let before = std::fs::read_to_string(&paths[0]).unwrap();
    let mut person = Person::remembering(folders.clone(), &paths[..1]);
    person.click("block x");
    person.enter("attribute x.value", "[7]");
    person.key(Modifiers::COMMAND, Key::N);
    person.harness.event(egui::Event::Paste(before.clone()));
    person.settle();
    drop(person);
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), before, "the file is as it was");

    let mut person = Person::remembering(folders.clone(), &paths[..1]);
    assert!(person.reads("Nudge ended before these were saved") && person.reads(&paths[0].display().to_string()));
    person.click("Later");
    assert_eq!(person.value("block x"), "[1]");
    drop(person);

    let mut person = Person::remembering(folders.clone(), &paths[..1]);
    person.click("Open them");
    person.click("page a");
    assert_eq!(person.value("block x"), "[7]");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[7]"), "saved over its own file, unasked");
    person.click("page untitled");
    person.key(Modifiers::COMMAND, Key::W);
    person.click("Don't save");
    drop(person);

    let person = Person::remembering(folders, &paths[..1]);
    assert!(!person.reads("Nudge ended before"), "nothing is left over");
    drop(person);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with("recovery")), "{left:?}");
}

#[test]
fn panels_and_theme_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders { settings: folder.path().join("settings"), data: folder.path().join("data") };
    let mut person = Person::remembering(folders.clone(), &[]);
    let edge = person.harness.get_by_label("canvas").rect().left_center();
    person.drag(edge - vec2(5.0, 0.0), edge + vec2(75.0, 0.0));
    person.menu("View", "Light theme");
    person.menu("View", "Inspector");
    let canvas = person.harness.get_by_label("canvas").rect();
    drop(person);
    let mut person = Person::remembering(folders, &[]);
    person.settle();
    let again = person.harness.get_by_label("canvas").rect();
    assert!(
        (again.left() - canvas.left()).abs() < 3.0 && (again.right() - canvas.right()).abs() < 3.0,
        "{again} {canvas}"
    );
    assert!(again.left() > edge.x + 60.0, "the palette was widened");
    let settings = std::fs::read_to_string(folder.path().join("settings/settings.json")).unwrap();
    assert!(settings.contains("\"theme\": \"light\""), "{settings}");
}

/// A session that ends without being asked to, with a value of `x` that is not saved.
fn broken_off(folders: &Folders, path: &std::path::Path, value: &str, before: impl Fn(&mut Person)) {
    let mut person = Person::remembering(folders.clone(), &[path.to_owned()]);
    before(&mut person);
    person.click("block x");
    person.enter("attribute x.value", value);
}

#[test]
fn changes_that_two_sessions_left_of_one_file_are_both_there() {
    let (folder, paths) = two_pages();
    let folders = Folders { settings: folder.path().join("settings"), data: folder.path().join("data") };
    broken_off(&folders, &paths[0], "[7]", |_| {});
    broken_off(&folders, &paths[0], "[8]", |person| person.click("Later"));
    let mut person = Person::remembering(folders, &paths[..1]);
    person.click("Open them");
    let values: Vec<String> = person
        .harness
        .state()
        .editor()
        .tabs()
        .iter()
        .filter_map(|tab| tab.document.page.block("x")?.attrs.get("value").map(ToString::to_string))
        .collect();
    assert!(values.contains(&"[7]".to_owned()) && values.contains(&"[8]".to_owned()), "{values:?}");
}

#[test]
fn a_second_copy_of_a_page_does_not_hide_that_its_file_has_changed() {
    let (folder, paths) = two_pages();
    let folders = Folders { settings: folder.path().join("settings"), data: folder.path().join("data") };
    broken_off(&folders, &paths[0], "[7]", |_| {});
    broken_off(&folders, &paths[0], "[8]", |person| person.click("Later"));
    let theirs = std::fs::read_to_string(&paths[0]).unwrap().replace("[1]", "[9]");
    std::fs::write(&paths[0], &theirs).unwrap();
    let mut person = Person::remembering(folders, &paths[..1]);
    person.click("Open them");
    let tabs = person.harness.state().editor().tabs();
    let own = tabs.iter().position(|tab| tab.document.path.is_some()).unwrap();
    assert_eq!((tabs.len(), own), (2, 0));
    person.key(Modifiers::CTRL, Key::Tab);
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads("There is a file of that name already"), "it asks");
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), theirs);
}

#[test]
fn what_was_recovered_does_not_replace_what_came_later_unasked() {
    let (folder, paths) = two_pages();
    let folders = Folders { settings: folder.path().join("settings"), data: folder.path().join("data") };
    broken_off(&folders, &paths[0], "[7]", |_| {});
    let theirs = std::fs::read_to_string(&paths[0]).unwrap().replace("[1]", "[9]");
    std::fs::write(&paths[0], &theirs).unwrap();
    // A page that cannot be opened is told first; nothing of it is lost behind the offer.
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{").unwrap();
    let mut person = Person::remembering(folders, &[paths[0].clone(), broken]);
    assert!(person.reads("This page cannot be opened"));
    person.click("OK");
    person.click("Open them");
    person.click("page a");
    assert_eq!(person.value("block x"), "[7]");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads("There is a file of that name already"), "it asks");
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), theirs);
}

#[test]
fn a_value_is_edited_on_its_own_page_whatever_keys_come_with_it() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.click("block x");
    let at = person.place("edit x.value");
    person.harness.hover_at(at);
    person.harness.step();
    // The end of the click and the way to the next page, in one slow frame.
    let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
    let event = |pressed| egui::Event::PointerButton { pos: at, button, pressed, modifiers };
    person.harness.event(event(true));
    person.harness.step();
    person.harness.input_mut().events.push(event(false));
    press_at_once(&mut person, &[(Modifiers::CTRL, Key::Tab)]);
    assert!(person.sees("value of x.value"), "{:#?}", person.hears());
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[7]");
    person.key(Modifiers::COMMAND, Key::Enter);
    person.click("page b");
    assert_eq!(person.value("block x"), "[2]", "b is as it was");
    person.click("page a");
    assert_eq!(person.value("block x"), "[7]");
}

#[test]
fn a_name_is_typed_over_the_old_one_and_a_wrong_one_can_be_mended() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::at(&[folder.path().to_owned()]);
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads(&folder.path().display().to_string()), "it begins in the folder that was opened");
    person.type_text("no/such/folder");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("File name") && person.reads("the folder does not exist"), "{:#?}", person.hears());
    assert_eq!(person.value("File name"), "no/such/folder.json");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("mine");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(folder.path().join("mine.json").is_file());
}
