//! Lists on the canvas: a row for each wire and one that is free; outputs that are lost keep their wires.

use super::common::Person;
use super::shown::file;

fn lists() -> (tempfile::TempDir, Person) {
    let (folder, path) = file(
        r#"{"nudge": 1, "blocks": {
            "a": {"type": "Const", "attrs": {"value": [1, 2]}}, "b": {"type": "Const", "attrs": {"value": [3, 4]}},
            "join": {"type": "ConcatV2", "inputs": {"axis": 0}},
            "parts": {"type": "Split", "attrs": {"num_split": 2}, "inputs": {"axis": 0}},
            "last": {"type": "Square"}},
        "wires": [["a.output", "join.values"], ["b.output", "join.values"], ["join.output", "parts.value"],
            ["parts.output[1]", "last.x"]],
        "layout": {"a": [-420, -160], "b": [-420, 20], "join": [-180, -60], "parts": [60, -60], "last": [300, -60]}}"#,
    );
    let person = Person::at(&[path]);
    (folder, person)
}

#[test]
fn a_wire_to_the_free_row_comes_last_and_one_to_a_row_takes_its_place() {
    let (_folder, mut person) = lists();
    assert_eq!(person.value("block join"), "[1, 2, 3, 4]");
    assert!(person.sees("port join.values[1]") && !person.sees("port join.values[2]"));
    person.drag_wire("port a.output", "port join.values");
    assert!(person.sees("port join.values[2]"));
    assert_eq!(person.value("block join"), "[1, 2, 3, 4, 1, 2]");
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(person.value("block join"), "[1, 2, 3, 4]");
    person.drag_wire("port b.output", "port join.values[0]");
    assert_eq!(person.value("block join"), "[3, 4, 3, 4]");
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    person.drag_wire("port join.values[0]", "port join.values");
    assert_eq!(person.value("block join"), "[3, 4, 1, 2]", "a wire that is dragged to the free row comes last");
    person.key(egui::Modifiers::COMMAND, egui::Key::Z);
    assert_eq!(person.value("block join"), "[1, 2, 3, 4]", "one step of undo");
}

#[test]
fn a_lost_output_keeps_its_wire_as_a_problem_until_it_is_back() {
    let (_folder, mut person) = lists();
    assert_eq!(person.value("block last"), "[9, 16]");
    person.click("block parts");
    person.enter("attribute parts.num_split", "1");
    assert!(person.sees("wire parts.output[1] to last.x"));
    assert!(person.reads("1 problem"));
    person.click("block last");
    assert!(person.reads("Split has no output 'output[1]'"));
    person.click("block parts");
    person.enter("attribute parts.num_split", "2");
    assert!(!person.reads("1 problem"));
    assert_eq!(person.value("block last"), "[9, 16]");
}
