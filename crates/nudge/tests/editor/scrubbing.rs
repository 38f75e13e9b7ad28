//! Numbers that are dragged in their fields.

use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, TouchPhase, vec2};

use crate::common::Person;
use crate::gradient;

#[test]
fn a_number_is_dragged_in_its_field_in_one_step_of_undo() {
    let mut person = gradient();
    person.click("block range");
    let before = person.page_text();
    let field = person.place("attribute range.max");
    person.drag(field, field + vec2(120.0, 0.0));
    assert_eq!(person.value("attribute range.max"), "7.2");
    assert!(person.page_text().contains("\"max\": 7.2"));
    assert!(person.reads("ran in"), "and it has run");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before, "one step of undo");
    // Fine with Shift.
    person.drag_holding(PointerButton::Primary, Modifiers::SHIFT, field, field + vec2(120.0, 0.0));
    assert_eq!(person.value("attribute range.max"), "6.12");
    person.key(Modifiers::COMMAND, Key::Z);
    // A click types.
    person.enter("attribute range.max", "9");
    assert_eq!(person.value("attribute range.max"), "9");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before);
}

#[test]
fn a_number_that_is_dragged_there_and_back_leaves_no_step() {
    let mut person = gradient();
    person.click("block range");
    person.enter("attribute range.max", "9");
    person.key(Modifiers::COMMAND, Key::Z);
    let labels = |person: &Person| {
        let document = &person.harness.state().editor().tab().document;
        (document.undo_label().map(str::to_owned), document.redo_label().map(str::to_owned))
    };
    let before = (labels(&person), person.page_text());
    assert!(before.0.1.is_some(), "there is something to do again");
    let field = person.place("attribute range.max");
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    person.harness.hover_at(field);
    person.harness.step();
    person.harness.event(button(field, true));
    person.harness.step();
    for x in [8.0, 40.0, 120.0, 60.0, 8.0, 0.0] {
        person.harness.event(Event::PointerMoved(field + vec2(x, 0.0)));
        person.harness.step();
        assert!(x != 120.0 || person.page_text().contains("\"max\": 7.2"), "it is dragged");
    }
    person.harness.event(button(field, false));
    person.settle();
    assert_eq!((labels(&person), person.page_text()), before);
    person.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(person.value("attribute range.max"), "9", "what could be done again before can be");
}

#[test]
fn whole_numbers_go_in_whole_steps_and_no_farther_than_they_may() {
    let mut person = gradient();
    person.click("block grad");
    let field = person.place("attribute grad.num_bits");
    person.drag(field, field + vec2(25.0, 0.0));
    assert_eq!(person.value("attribute grad.num_bits"), "12");
    person.drag(field, field + vec2(400.0, 0.0));
    assert_eq!(person.value("attribute grad.num_bits"), "16", "no more bits than there can be");
    assert!(!person.reads("problem"));
}

#[test]
fn the_wheel_changes_no_value() {
    let mut person = gradient();
    person.click("block range");
    let before = person.page_text();
    for (name, focus) in [("attribute range.max", false), ("attribute range.max", true)] {
        let field = person.place(name);
        if focus {
            person.click(name);
        }
        person.harness.hover_at(field);
        person.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, 3.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        person.settle();
        assert_eq!(person.page_text(), before);
    }
}

#[test]
fn a_drag_that_comes_back_takes_nothing_else_back() {
    let mut person = gradient();
    person.click("block range");
    person.key(Modifiers::NONE, Key::ArrowRight);
    let before = person.page_text();
    let field = person.place("attribute range.max");
    let press = |pressed, pos| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    person.harness.hover_at(field);
    person.harness.step();
    person.harness.event(press(true, field));
    person.harness.step();
    for by in [60.0, 30.0, 0.0, 40.0, 0.0, 120.0] {
        person.harness.hover_at(field + vec2(by, 0.0));
        person.harness.step();
    }
    person.harness.event(press(false, field + vec2(120.0, 0.0)));
    person.settle();
    assert_eq!(person.value("attribute range.max"), "7.2");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before, "the drag is taken back, and nothing else");
}
