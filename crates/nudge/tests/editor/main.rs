//! What a person does in the editor, by pointer and keys alone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod actions;
mod analysed;
mod arranging;
mod canvas;
mod clusters;
#[path = "../common/mod.rs"]
mod common;
mod data;
mod decor;
mod disk;
mod docking;
mod executors;
mod explained;
mod fields;
mod files;
mod finding;
mod graphs;
mod kept;
mod keys;
mod lists;
mod pages;
mod palette;
mod random;
mod results;
mod scrubbing;
mod shown;
mod surgery;
mod threads;
mod views;

use std::path::PathBuf;

use common::{Person, root};
use egui::{Key, Modifiers, vec2};

const SHIFT_COMMAND: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

fn page(name: &str) -> PathBuf {
    root().join("pages").join(name)
}

fn gradient() -> Person {
    Person::at(&[page("fake_quant_gradient.json")])
}

/// The page in a file of its own, to be written to.
fn copy_of(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::copy(page(name), &path).unwrap();
    (folder, path)
}

#[test]
fn the_main_job_from_an_empty_page() {
    let mut person = Person::at(&[]);
    assert!(person.reads("0 blocks · 0 wires"));

    let (from, to) = (person.place("palette FakeQuantWithMinMaxArgsGradient"), person.on_canvas(vec2(140.0, -60.0)));
    person.drag(from, to);
    assert!(person.sees("block fake_quant_grad"));
    assert!(person.description("block fake_quant_grad").contains("is not connected"), "says what is missing");

    // Far down in the palette: found by its search.
    for (i, name) in ["const", "const_2"].into_iter().enumerate() {
        person.click("Search blocks");
        person.type_text("Const");
        let (from, to) = (person.place("palette Const"), person.on_canvas(vec2(-280.0, -220.0 + 200.0 * i as f32)));
        person.drag(from, to);
        assert!(person.sees(&format!("block {name}")), "{name}");
        person.click("Search blocks");
        person.key(Modifiers::COMMAND, Key::A);
        person.key(Modifiers::NONE, Key::Backspace);
    }
    for (name, literal) in [("const", "[1, 2, 3, 4]"), ("const_2", "[6, -6, -7, 0]")] {
        person.click(&format!("block {name}"));
        person.enter(&format!("attribute {name}.value"), literal);
        assert_eq!(person.value(&format!("block {name}")), literal);
    }
    person.drag_wire("port const.output", "port fake_quant_grad.gradients");
    person.drag_wire("port const_2.output", "port fake_quant_grad.inputs");
    assert!(person.sees("wire const_2.output to fake_quant_grad.inputs"));
    assert_eq!(person.value("block fake_quant_grad"), "[0, 2, 0, 4]");

    let attrs = person.place("port fake_quant_grad.attrs");
    person.drag(attrs, attrs + vec2(-150.0, 190.0));
    assert!(person.sees("block attrs"), "dragging from the attrs port makes a set");
    assert!(person.sees("wire attrs.attrs to fake_quant_grad.attrs"));
    assert!(!person.sees("attribute attrs.max"), "what is as by default is not in it");
    person.click("add attrs.max");
    person.enter("attribute attrs.max", "9");
    person.click("block fake_quant_grad");
    assert_eq!(person.value("attribute fake_quant_grad.max"), "9");
    assert!(person.reads("◆ attrs"), "a wired value shows its source");
    let cells: Vec<String> = (0..4).map(|i| person.value(&format!("fake_quant_grad.output[{i}]"))).collect();
    assert_eq!(cells, ["1", "2", "0", "4"]);
}
