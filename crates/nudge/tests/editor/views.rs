//! What tells of a page that is not all in view.

use egui::{PointerButton, Shape, vec2};

use crate::common::Person;
use crate::gradient;

/// Every text that is painted.
fn painted(person: &Person) -> Vec<String> {
    fn texts(shape: &Shape, found: &mut Vec<String>) {
        match shape {
            Shape::Text(text) => found.push(text.galley.text().to_owned()),
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    person.harness.output().shapes.iter().for_each(|clipped| texts(&clipped.shape, &mut found));
    found
}

#[test]
fn a_wire_that_leaves_the_view_tells_where_it_goes() {
    let mut person = gradient();
    person.click("block x");
    assert!(!painted(&person).iter().any(|text| text.contains("→ grad")), "all is in view");
    let at = person.on_canvas(vec2(0.0, 330.0));
    // Until the gradient's block is beyond the right edge.
    let right = person.harness.state().editor().tab().view.canvas.unwrap().right();
    let by = right - person.place("port grad.inputs").x + 30.0;
    person.drag_with(PointerButton::Middle, at - vec2(by / 2.0, 0.0), at + vec2(by / 2.0, 0.0));
    let texts = painted(&person);
    assert!(texts.iter().any(|text| text == "→ grad.inputs"), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("→ grad.gradients")), "not of what is not selected: {texts:?}");
}

#[test]
fn the_minimap_shows_where_one_is_and_leads_elsewhere() {
    let mut person = gradient();
    assert!(!person.sees("minimap"), "all is in view");
    let at = person.on_canvas(vec2(0.0, 330.0));
    for _ in 0..3 {
        person.drag_with(PointerButton::Middle, at, at + vec2(400.0, 0.0));
    }
    assert!(person.sees("minimap") && !person.sees("block grad"));
    let map = person.place("minimap");
    person.click_at(map);
    let view = &person.harness.state().editor().tab().view;
    let middle = view.camera.to_world(view.canvas.unwrap(), view.canvas.unwrap().center());
    let tab = person.harness.state().editor().tab();
    let rects = tab.document.page.blocks.keys().filter_map(|id| tab.document.block_rect(id));
    let all = rects.reduce(egui::Rect::union).unwrap();
    assert!((middle - all.center()).length() < 20.0, "the middle of the map is that of the page: {middle} {all}");
    assert!(person.sees("block grad"));
    for _ in 0..3 {
        person.drag_with(PointerButton::Middle, at, at + vec2(400.0, 0.0));
    }
    person.menu("View", "Minimap");
    assert!(!person.sees("minimap"));
}
