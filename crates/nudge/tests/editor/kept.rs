//! Edits are kept, and on the page that they were meant for: typed text, tabs, files, undo, runs.

use std::path::PathBuf;

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;

use crate::common::Person;

/// Two pages that both have a block `x`, in files of their own.
pub fn two_pages() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &str| {
        let path = folder.path().join(format!("{name}.json"));
        let text = format!(
            r#"{{"nudge": 1, "name": "{name}", "blocks": {{"x": {{"type": "Const", "attrs": {{"value": {value}}}}},
            "y": {{"type": "Square"}}}}, "wires": [["x.output", "y.x"]]}}"#
        );
        std::fs::write(&path, text).unwrap();
        path
    };
    let paths = vec![write("a", "[1]"), write("b", "[2]")];
    (folder, paths)
}

/// Types into a field and does not press Enter.
fn begin(person: &mut Person, field: &str, text: &str) {
    person.click(field);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text(text);
}

#[test]
fn a_typed_value_goes_to_the_page_on_which_it_was_typed() {
    for away in ["click", "keys", "close"] {
        let (_folder, paths) = two_pages();
        let mut person = Person::at(&paths);
        person.click("block x");
        begin(&mut person, "attribute x.value", "[7]");
        match away {
            "click" => person.click("page b"),
            "keys" => person.key(Modifiers::CTRL, Key::Tab),
            // It asks first, since there is something to save.
            _ => {
                person.click("close page a");
                person.click("Cancel");
                person.click("page b");
            }
        }
        assert_eq!(person.value("block x"), "[2]", "{away}: b is as it was");
        person.click("page a");
        assert_eq!(person.value("block x"), "[7]", "{away}: a has what was typed");
        assert_eq!(person.value("block y"), "[49]", "{away}");
        person.key(Modifiers::COMMAND, Key::Z);
        assert_eq!(person.value("block x"), "[1]", "{away}: one step of undo");
    }
}

#[test]
fn typed_text_is_kept_whatever_comes_next() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    begin(&mut person, "attribute x.value", "[3]");
    let at = person.place("block y") - vec2(0.0, 30.0);
    person.drag(at, at + vec2(60.0, 40.0));
    assert_eq!(person.value("block x"), "[3]", "another block is dragged");

    person.click("block x");
    begin(&mut person, "attribute x.value", "[4]");
    person.key(Modifiers::COMMAND, Key::S);
    assert!(std::fs::read_to_string(&paths[0]).unwrap().contains("[4]"), "the page is saved");

    person.click("block x");
    begin(&mut person, "attribute x.value", "[5]");
    person.key(Modifiers::COMMAND, Key::Q);
    assert!(person.reads("has changes that are not saved"), "it asks before it ends");
    person.click("Cancel");
    assert_eq!(person.value("block x"), "[5]");
}

#[test]
fn text_that_is_not_good_yet_counts_as_not_saved() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.click("block x");
    begin(&mut person, "attribute x.value", "[1, [2]]");
    person.click("page b");
    person.click("page a");
    person.click("block x");
    assert_eq!(person.value("attribute x.value"), "[1, [2]]", "it is still there");
    person.click("close page a");
    assert!(person.reads("What is typed but not good yet is lost in any case: [1, [2]]"));
    person.click("Cancel");
    assert!(person.sees("page a"));
}

#[test]
fn a_name_typed_on_its_block_goes_to_its_page() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.click("block x");
    person.key(Modifiers::NONE, Key::F2);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("z");
    person.click("page b");
    assert!(person.sees("block x") && !person.sees("block z"), "b is as it was");
    person.click("page a");
    assert!(person.sees("block z") && !person.sees("block x"), "a has the new name");
}

#[test]
fn undo_works_beside_wires_to_blocks_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loose.json");
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [1]}}, "y": {"type": "Square"}},
        "wires": [["x.output", "y.x"], ["x.output", "square.x"]], "layout": {"x": [0, 0], "y": [400, 0]}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.sees("block x"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.sees("block x") && person.sees("wire x.output to y.x"), "it is put back with its wires");
    // A new block does not take the name that the loose wire has.
    person.click("Search blocks");
    person.type_text("Square");
    let (from, to) = (person.place("palette Square"), person.on_canvas(vec2(-100.0, 200.0)));
    person.drag(from, to);
    assert!(person.sees("block square_2") && !person.sees("block square"));
}

#[test]
fn blocks_without_a_place_stay_where_they_are() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    let before = person.place("block x");
    let at = person.place("block y") - vec2(0.0, 30.0);
    person.drag(at, at + vec2(80.0, 60.0));
    assert_eq!(person.place("block x"), before, "dragging y does not move x");
    person.click("wire x.output to y.x");
    person.key(Modifiers::NONE, Key::Delete);
    assert_eq!(person.place("block x"), before, "nor does unwiring");
    person.click("block x");
    person.key(Modifiers::NONE, Key::F2);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("source");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.place("block source"), before, "nor another name");
}

#[test]
fn nothing_is_lost_before_the_program_ends() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    for page in ["page a", "page b"] {
        person.click(page);
        person.click("block x");
        person.enter("attribute x.value", "[9]");
    }
    person.key(Modifiers::COMMAND, Key::Q);
    person.click("Don't save");
    person.click("Cancel");
    for page in ["page a", "page b"] {
        person.click(page);
        assert_eq!(person.value("block x"), "[9]", "{page}");
    }
    person.key(Modifiers::COMMAND, Key::Q);
    assert!(person.reads("a has changes that are not saved"), "it asks for both again");
}

#[test]
fn a_page_that_is_closed_with_saving_is_closed_once_it_has_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = Person::at(&[]);
    person.double_click_at(person.on_canvas(vec2(0.0, 0.0)));
    person.type_text("Const");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("block const"));
    person.key(Modifiers::COMMAND, Key::W);
    person.click("Save");
    person.click("File name");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text(&folder.path().join("named.json").display().to_string());
    person.key(Modifiers::NONE, Key::Enter);
    assert!(folder.path().join("named.json").exists());
    assert!(!person.sees("block const"), "the page is closed");
}

#[test]
fn a_run_that_another_page_takes_the_place_of_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let slow = folder.path().join("slow.json");
    // Long enough to be under way while the other page is looked at, in a debug build.
    let text = r#"{"nudge": 1, "name": "slow", "blocks": {
        "a": {"type": "Const", "attrs": {"value": {"shape": [4000, 1], "data": [REST]}}},
        "b": {"type": "Const", "attrs": {"value": {"shape": [1, 4000], "data": [REST]}}},
        "m": {"type": "Mul"}, "s": {"type": "Square"}, "sum": {"type": "Mean"}
    }, "wires": [["a.output", "m.x"], ["b.output", "m.y"], ["m.output", "s.x"], ["s.output", "sum.input"]]}"#;
    std::fs::write(&slow, text.replace("REST", &vec!["1"; 4000].join(", "))).unwrap();
    let (_other, paths) = two_pages();
    let mut person = Person::at(&[slow, paths[0].clone()]);
    let wait = |person: &mut Person| {
        let begun = std::time::Instant::now();
        while person.value("block sum").is_empty() && begun.elapsed().as_secs() < 60 {
            person.harness.run_steps(2);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    // One frame each: the run is under way when the other page takes the worker.
    for _ in 0..2 {
        person.harness.key_press_modifiers(Modifiers::CTRL, Key::Tab);
        person.harness.run_steps(2);
    }
    assert!(person.sees("block sum"), "the page is shown again");
    wait(&mut person);
    assert_eq!(person.value("block sum"), "1", "it has come to its end");
}

#[test]
fn blocks_beyond_the_canvas_are_shown_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("far.json");
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [1]}}, "far": {"type": "Square"}, "farther": {"type": "Square"}
    }, "wires": [["x.output", "far.x"], ["x.output", "farther.x"]],
        "layout": {"x": [0, 0], "far": [1e9, 1e9], "farther": [1e39, -1.7e308]}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(std::slice::from_ref(&path));
    assert!(person.description("block far").contains("beyond ±1000000"), "{}", person.description("block far"));
    for id in ["far", "farther"] {
        let at = person.place(&format!("block {id}"));
        assert!(at.x.is_finite() && at.x > 0.0 && at.x < 1500.0, "{id} is in view: {at:?}");
    }
    // A new block, a copy and an arrow key are where they should be.
    person.double_click_at(person.on_canvas(vec2(0.0, 250.0)));
    person.type_text("Square");
    person.key(Modifiers::NONE, Key::Enter);
    person.click("block farther");
    person.key(Modifiers::COMMAND, Key::D);
    person.click("block far");
    person.key(Modifiers::NONE, Key::ArrowRight);
    assert!(!person.description("block far").contains("beyond"), "moved, it has a place of its own");
    let far = r#"{"nudge": 1, "blocks": {"p": {"type": "Square"}}, "layout": {"p": [1.7e308, -1.7e308]}}"#;
    person.harness.event(egui::Event::Paste(far.to_owned()));
    person.settle();
    assert!(person.sees("block p"));
    person.key(Modifiers::COMMAND, Key::S);
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(!saved.contains("Infinity") && !saved.contains("NaN"), "{saved}");
    assert!(node_io::page_file::parse(saved.as_bytes()).is_ok(), "it opens again");
}

/// Several things in one frame: a click, and a key that takes what is clicked away.

#[test]
fn what_goes_in_the_same_frame_is_not_selected() {
    for key in [egui::Event::Cut, egui::Event::Text(String::new())] {
        let (_folder, paths) = two_pages();
        let mut person = Person::at(&paths[..1]);
        person.click("block x");
        let pos = person.place("block x") - vec2(0.0, 30.0);
        let button = egui::PointerButton::Primary;
        for pressed in [true, false] {
            person.harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
        }
        if matches!(key, egui::Event::Cut) {
            person.harness.event(key);
        } else {
            person.harness.key_press(Key::Delete);
        }
        person.settle();
        assert!(!person.sees("block x"));
        assert!(person.reads("The page's name is its scope"), "nothing is selected");
        person.key(Modifiers::NONE, Key::Delete);
        assert!(person.sees("block y"), "and nothing else goes");
    }
}

#[test]
fn the_range_in_force_stays_when_another_block_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.json");
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [1, 7]}},
        "f": {"type": "FakeQuantWithMinMaxArgs"}, "g": {"type": "FakeQuantWithMinMaxArgs"}},
        "wires": [["x.output", "f.inputs"], ["x.output", "g.inputs"]]}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block g");
    person.enter("attribute g.num_bits", "4");
    assert!(person.reads("zero point 8 · scale 0.8"));
    person.click("block f");
    assert!(person.reads("zero point 128 · scale 0.047058824"), "it was not changed");
    assert!(person.reads("max 6 lies outside"), "nor what there is to know of it");
}

#[test]
fn what_is_typed_is_kept_when_its_field_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.json");
    let text = r#"{"nudge": 1, "blocks": {"f": {"type": "FakeQuantWithMinMaxArgs", "inputs": {"inputs": [1, 7]}}}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block f");
    begin(&mut person, "attribute f.max", "3");
    person.click("as text");
    assert!(person.value("attributes of f as text").contains("max_=3"), "{}", person.value("attributes of f as text"));
    begin(&mut person, "attributes of f as text", "max_=4;");
    person.click("as fields");
    assert_eq!(person.value("attribute f.max"), "4");
    person.click("port f.attrs");
    assert!(person.reads("Attributes of f"));
    // The popup's fields come after those of the inspector.
    let popup = person.harness.query_all_by_label("attribute f.num_bits").last().unwrap().rect().center();
    person.click_at(popup);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("6");
    person.click("Close");
    assert_eq!(person.value("attribute f.num_bits"), "6");
}
