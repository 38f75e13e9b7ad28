//! Blocks that are searched for, values under the pointer, attributes that are shared.

use egui::{Key, Modifiers, vec2};

use crate::common::Person;
use crate::{gradient, page};

fn selected(person: &Person) -> (String, String) {
    let tab = person.harness.state().editor().tab();
    (tab.document.name().to_owned(), tab.view.selected_block().map(ToString::to_string).unwrap_or_default())
}

fn at(page: &str, block: &str) -> (String, String) {
    (page.to_owned(), block.to_owned())
}

#[test]
fn enter_goes_round_all_blocks_that_are_searched_for() {
    let mut person = Person::at(&[page("fake_quant_gradient.json"), page("qat_step.json")]);
    person.key(Modifiers::COMMAND, Key::F);
    person.type_text("fakequant");
    let mut seen = Vec::new();
    for _ in 0..5 {
        person.key(Modifiers::NONE, Key::Enter);
        seen.push(selected(&person));
    }
    let first = seen[0].clone();
    let again = seen[1..].iter().position(|other| *other == first).unwrap() + 1;
    assert_eq!(seen[again..], seen[..5 - again], "round and round: {seen:?}");
    let pages: std::collections::BTreeSet<&str> = seen.iter().map(|(page, _)| page.as_str()).collect();
    assert_eq!(pages.len(), 2, "on all pages: {seen:?}");
    assert!(person.reads(&format!("of {again}")));
    person.key(Modifiers::SHIFT, Key::Enter);
    assert_eq!(selected(&person), seen[3], "back");
    person.key(Modifiers::NONE, Key::Escape);
    assert!(!person.sees("Find blocks"));
}

#[test]
fn blocks_are_found_by_id_type_attribute_and_value() {
    let mut person = Person::at(&[page("fake_quant_gradient.json")]);
    for (text, block) in [
        ("upstr", "upstream"),
        ("const -7", "x"),
        ("max=6 fakequant", "grad"),
        ("ATTRS min", "range"),
        ("[0, 2, 0, 4]", "grad"),
    ] {
        person.key(Modifiers::COMMAND, Key::F);
        person.key(Modifiers::COMMAND, Key::A);
        person.type_text(text);
        person.key(Modifiers::NONE, Key::Enter);
        assert_eq!(selected(&person), at("fake_quant_gradient", block), "{text}");
        person.key(Modifiers::NONE, Key::Escape);
    }
    person.key(Modifiers::COMMAND, Key::F);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("no such block");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("none") && selected(&person).1 == "grad");
}

#[test]
fn values_are_read_under_the_pointer() {
    let mut person = gradient();
    let rest_at = |person: &mut Person, name: &str| {
        let place = person.place(name);
        person.harness.hover_at(place);
        person.harness.run_steps(12);
        person.settle();
    };
    rest_at(&mut person, "port grad.output");
    assert!(person.reads("[0, 2, 0, 4]") && person.reads("min 0 · max 4 · mean 1.5"), "{:?}", person.hears());
    rest_at(&mut person, "port grad.inputs");
    assert!(person.reads("min -7 · max 6"), "what feeds it");
    rest_at(&mut person, "wire upstream.output to grad.gradients");
    assert!(person.reads("upstream.output → grad.gradients") && person.reads("min 1 · max 4 · mean 2.5"));
    // Nothing is asked for again and again.
    assert_eq!(person.harness.run(), 1);
    let away = person.on_canvas(vec2(0.0, 320.0));
    person.harness.hover_at(away);
    person.settle();
    assert!(!person.reads("mean"));
}

#[test]
fn a_double_click_beside_value_and_title_shows_the_block_in_the_inspector() {
    let mut person = gradient();
    person.menu("View", "Inspector");
    // The menu stays open for the next switch.
    person.key(Modifiers::NONE, Key::Escape);
    assert!(!person.sees("inspector"));
    let bar = person.harness.state().editor().tab().document.block_rect(&"grad".parse_id()).unwrap();
    let view = &person.harness.state().editor().tab().view;
    let at = view.camera.to_screen(view.canvas.unwrap(), bar.center_bottom() - vec2(0.0, 3.0));
    person.double_click_at(at);
    assert_eq!(selected(&person).1, "grad");
    assert!(person.sees("inspector"));
    assert_eq!(selected(&person).1, "grad");
}

trait ParseId {
    fn parse_id(&self) -> node_core::BlockId;
}

impl ParseId for str {
    fn parse_id(&self) -> node_core::BlockId {
        node_core::BlockId::new(self).unwrap()
    }
}

#[test]
fn attributes_of_several_blocks_become_one_set() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pair.json");
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [6, -7]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": -2, "num_bits": 4}},
        "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": -3, "max": 5}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "grad.gradients"], ["x.output", "grad.inputs"]]}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    let before = person.page_text();
    person.click("block fq");
    person.shift_click("block grad");
    person.menu("Edit", "Share these attributes");
    let page = person.page_text();
    assert!(page.contains(r#""attrs": {"type": "Attrs", "attrs": {"min": -2, "max": 6, "num_bits": 4}}"#), "{page}");
    assert!(page.contains(r#""fq": {"type": "FakeQuantWithMinMaxArgs"}"#), "{page}");
    assert!(page.contains(r#"["attrs.attrs", "fq.attrs"]"#) && page.contains(r#"["attrs.attrs", "grad.attrs"]"#));
    assert!(person.reads("min, max, num_bits had several values; fq's count now."));
    assert!(!person.reads("problem"), "{:?}", person.hears());
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before);
    person.click("block x");
    person.shift_click("block grad");
    person.menu("Edit", "Share these attributes");
    assert!(person.reads("no attributes in common"));
    assert_eq!(person.page_text(), before);
}
