//! Pages and their files: tabs, saving, opening, what is broken.

use std::path::PathBuf;

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::common::{Person, root};
use crate::{SHIFT_COMMAND, copy_of, gradient};

#[test]
fn copies_go_through_the_clipboard_as_a_page() {
    let mut person = gradient();
    person.key(Modifiers::COMMAND, Key::A);
    person.harness.event(Event::Copy);
    person.harness.step();
    let copied = person.harness.output().platform_output.commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("something is copied");
    assert!(copied.contains("\"nudge\": 1") && copied.contains("FakeQuantWithMinMaxArgsGradient"));
    person.key(Modifiers::COMMAND, Key::N);
    person.harness.event(Event::Paste(copied));
    person.settle();
    assert!(person.reads("4 blocks · 3 wires"));
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
    person.harness.event(Event::Paste("no page".to_owned()));
    person.settle();
    assert!(person.reads("are no blocks"));
}

#[test]
fn saving_and_opening() {
    let (folder, path) = copy_of("fake_quant_gradient.json");
    let mut person = Person::at(std::slice::from_ref(&path));
    let before = std::fs::read(&path).unwrap();
    person.key(Modifiers::COMMAND, Key::S);
    assert_eq!(std::fs::read(&path).unwrap(), before, "saving what was loaded changes no byte");

    person.click("block grad");
    person.enter("attribute grad.num_bits", "4");
    person.key(Modifiers::COMMAND, Key::S);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#""attrs": {"num_bits": 4}"#), "{text}");

    let other = folder.path().join("other.json");
    person.key(SHIFT_COMMAND, Key::S);
    person.enter("File name", &other.display().to_string());
    assert_eq!(std::fs::read_to_string(&other).unwrap(), text);

    person.key(Modifiers::COMMAND, Key::O);
    person.enter("File name", &path.display().to_string());
    assert!(person.reads("4 blocks · 3 wires"));
    assert_eq!(person.harness.query_all_by_label_contains("close page").count(), 2, "two pages are open");
}

#[test]
fn a_file_that_somebody_else_changed_is_not_overwritten_unasked() {
    let (_folder, path) = copy_of("fake_quant_gradient.json");
    let mut person = Person::at(std::slice::from_ref(&path));
    std::fs::write(&path, "theirs").unwrap();
    person.click("block grad");
    person.enter("attribute grad.num_bits", "4");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(person.reads("Somebody else changed the file"));
    person.click("Cancel");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
    person.key(Modifiers::COMMAND, Key::S);
    person.click("Replace it");
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"nudge\": 1"));
}

#[test]
fn closing_asks_about_what_is_not_saved() {
    let (_folder, path) = copy_of("fake_quant_gradient.json");
    let mut person = Person::at(std::slice::from_ref(&path));
    person.click("block grad");
    person.key(Modifiers::NONE, Key::Delete);
    person.key(Modifiers::COMMAND, Key::W);
    assert!(person.reads("has changes that are not saved"));
    person.click("Cancel");
    assert!(person.reads("3 blocks"));
    person.key(Modifiers::COMMAND, Key::W);
    person.click("Don't save");
    assert!(person.reads("0 blocks"));
    assert!(std::fs::read_to_string(&path).unwrap().contains("grad"), "the file is as it was");
}

#[test]
fn a_page_that_is_broken_is_not_opened_but_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.json");
    std::fs::write(&path, "{\n  \"nudge\": 1,\n  \"blocks\": {").unwrap();
    let person = Person::at(&[path]);
    assert!(person.reads("This page cannot be opened"));
    assert!(person.reads("broken.json:3:"), "file, line and column");
}

#[test]
fn a_block_of_an_unknown_type_keeps_its_wires_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plugin.json");
    let text = r#"{
  "nudge": 1,
  "blocks": {
    "a": {"type": "Const", "attrs": {"value": 1}},
    "b": {"type": "MissingPlugin", "attrs": {"rate": 1.0, "deep": {"x":[1,2]}}, "note": "kept"},
    "c": {"type": "Square"},
    "d": {"type": "Square"}
  },
  "wires": [
    ["a.output", "b.left"],
    ["b.right", "c.x"],
    ["a.output", "d.x"]
  ]
}
"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(std::slice::from_ref(&path));
    assert!(person.sees("port b.left") && person.sees("wire b.right to c.x"));
    assert!(person.description("block b").contains("'MissingPlugin' is unknown"));
    assert_eq!(person.value("block d"), "1", "what does not need it runs");
    person.click("block c");
    assert!(person.reads("Waits for b"));
    person.key(Modifiers::COMMAND, Key::S);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "kept word for word");
}

#[test]
fn all_broken_pages_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["one.json", "two.json"].map(|name| folder.path().join(name));
    for path in &paths {
        std::fs::write(path, "{").unwrap();
    }
    let person = Person::at(&paths);
    assert!(person.reads("one.json:1:") && person.reads("two.json:1:"));
}

#[test]
fn the_page_that_is_shown_has_its_tab_in_view() {
    let pages: Vec<PathBuf> = std::fs::read_dir(root().join("pages")).unwrap().map(|e| e.unwrap().path()).collect();
    let mut person = Person::at(&pages);
    for step in 0..pages.len() {
        person.key(Modifiers::CTRL, Key::Tab);
        let bar = person.harness.get_by_label("all pages").rect();
        let shown = person
            .harness
            .query_all_by_role(egui::Role::Tab)
            .find(|n| n.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True));
        let tab = shown.expect("one tab is the shown page's").rect();
        assert!(tab.left() >= 200.0 && tab.right() <= bar.left() + 8.0, "{step}: {tab:?} beside {bar:?}");
    }
    person.click("all pages");
}

/// Shapes that are all edge: the page opens, says what is wrong, and shows what there is in a moment.
#[test]
fn odd_shapes_are_shown_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.json");
    let deep = vec!["1"; 20_000].join(", ");
    let most = vec!["1"; 254].join(", ");
    let text = format!(
        r#"{{"nudge": 1, "blocks": {{
            "deep": {{"type": "Const", "attrs": {{"value": {{"shape": [{deep}], "data": [1]}}}}}},
            "most": {{"type": "Const", "attrs": {{"value": {{"shape": [{most}], "data": [1]}}}}}},
            "none": {{"type": "Const", "attrs": {{"value": {{"shape": [1073741824, 0], "data": []}}}}}}
        }}}}"#
    );
    std::fs::write(&path, text).unwrap();
    let begun = std::time::Instant::now();
    let mut person = Person::at(&[path]);
    assert!(person.description("block deep").contains("at most 254"), "{}", person.description("block deep"));
    assert_eq!(person.value("block none"), "[[], [], [], [], [], [], [], [], …]");
    for id in ["most", "none"] {
        person.click(&format!("block {id}"));
        assert!(person.sees(&format!("result {id}.output")), "{id}");
    }
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// The ends of the range are computed, so that only a run knows what is to be known of them.
#[test]
fn warnings_come_with_a_run() {
    let path = root().join("crates/nudge/tests/transcripts/files/positive.json");
    let mut person = Person::at(&[path]);
    assert!(person.reads("1 warning"), "in the status bar");
    assert!(person.description("block fq").contains("does not hold 0"), "{}", person.description("block fq"));
    person.click("block fq");
    assert!(person.reads("min: the range [5, 20] does not hold 0 and is moved to [0, 15]"));
    person.click("block x");
    person.enter("attribute x.value", "[0, 10, 20]");
    assert!(!person.reads("warning"), "gone with its cause");
    person.enter("attribute x.value", "[-20, -10, -5]");
    assert!(person.reads("1 warning"));
    person.click("block fq");
    assert!(person.reads("max: the range [-20, -5] does not hold 0"));
}
