//! Blocks put in order, read on the page.

use egui::{Key, Modifiers, Rect};

use crate::common::Person;
use crate::page;

fn rects(person: &Person) -> Vec<(String, Rect)> {
    let document = &person.harness.state().editor().tab().document;
    document.page.blocks.keys().map(|id| (id.to_string(), document.block_rect(id).unwrap())).collect()
}

fn rect(person: &Person, block: &str) -> Rect {
    rects(person).into_iter().find(|(id, _)| id == block).unwrap().1
}

/// Every wire leads to the right, and no block covers another.
fn is_tidy(person: &Person, blocks: impl Fn(&str) -> bool) -> bool {
    let document = &person.harness.state().editor().tab().document;
    let among = |wire: &&node_core::Wire| blocks(wire.from.block.as_str()) && blocks(wire.to.block.as_str());
    let leads_right = |wire: &node_core::Wire| {
        rect(person, wire.from.block.as_str()).right() < rect(person, wire.to.block.as_str()).left()
    };
    let rects: Vec<Rect> = rects(person).into_iter().filter(|(id, _)| blocks(id)).map(|(_, rect)| rect).collect();
    let apart = (0..rects.len()).all(|a| (a + 1..rects.len()).all(|b| !rects[a].intersects(rects[b])));
    document.page.wires.iter().filter(among).all(leads_right) && apart
}

#[test]
fn pages_are_tidied_in_one_step() {
    for name in ["fake_quant_gradient.json", "qat_step.json", "fake_quant_per_channel.json"] {
        let mut person = Person::at(&[page(name)]);
        // All upon one another first.
        person.key(Modifiers::COMMAND, Key::A);
        person.menu("Arrange", "Align left");
        person.menu("Arrange", "Align top");
        assert!(!is_tidy(&person, |_| true));
        let before = person.page_text();
        person.key(Modifiers::NONE, Key::Escape);
        person.key(Modifiers::NONE, Key::T);
        assert!(is_tidy(&person, |_| true), "{name}");
        let tidied = person.page_text();
        person.key(Modifiers::NONE, Key::T);
        assert_eq!(person.page_text(), tidied, "{name}: what is tidy stays");
        person.key(Modifiers::COMMAND, Key::Z);
        assert_eq!(person.page_text(), before, "{name}: one step of undo");
    }
}

#[test]
fn only_what_is_selected_is_tidied() {
    let mut person = Person::at(&[page("fake_quant_gradient.json")]);
    let upstream = rect(&person, "upstream");
    person.click("block x");
    person.shift_click("block grad");
    person.menu("Arrange", "Align left");
    assert_eq!(rect(&person, "x").left(), rect(&person, "grad").left());
    person.key(Modifiers::NONE, Key::T);
    assert!(is_tidy(&person, |id| id == "x" || id == "grad"));
    assert_eq!(rect(&person, "upstream"), upstream);
}

#[test]
fn blocks_come_in_line_and_at_equal_distances() {
    let mut person = Person::at(&[page("fake_quant_gradient.json")]);
    person.key(Modifiers::COMMAND, Key::A);
    let all = |person: &Person| rects(person).into_iter().map(|(_, rect)| rect).reduce(Rect::union).unwrap();
    let before = all(&person);
    for (entry, of) in [
        ("Align right", (|r| r.right()) as fn(&Rect) -> f32),
        ("Align bottom", |r| r.bottom()),
        ("Align centers", |r| r.center().x),
        ("Align middles", |r| r.center().y),
    ] {
        person.menu("Arrange", entry);
        let places: Vec<f32> = rects(&person).iter().map(|(_, rect)| of(rect)).collect();
        assert!(places.iter().all(|place| (place - places[0]).abs() <= 1.0), "{entry}: {places:?}");
        person.key(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(all(&person), before);
    person.menu("Arrange", "Distribute vertically");
    let mut sides: Vec<Rect> = rects(&person).into_iter().map(|(_, rect)| rect).collect();
    sides.sort_by(|a, b| a.center().y.total_cmp(&b.center().y));
    let gaps: Vec<f32> = sides.windows(2).map(|pair| pair[1].top() - pair[0].bottom()).collect();
    assert!(gaps.iter().all(|gap| (gap - gaps[0]).abs() <= 2.0), "{gaps:?}");
}
