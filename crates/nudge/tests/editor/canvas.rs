//! The canvas and the panels around it: wires, selection, view, search.

use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, TouchPhase, vec2};
use egui_kittest::kittest::Queryable as _;

use crate::common::Person;
use crate::{SHIFT_COMMAND, gradient, page};

#[test]
fn a_block_that_fails_says_so_on_itself() {
    let mut person = gradient();
    person.click("block upstream");
    person.enter("attribute upstream.value", "[1, 2, 3]");
    let description = person.description("block grad");
    assert!(description.contains("inputs: shape [4] does not match gradients' shape [3]"), "{description}");
    assert!(person.reads("1 problem"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
    assert!(!person.reads("1 problem"));
}

#[test]
fn a_wires_end_is_dragged_off_and_undo_brings_it_back() {
    let mut person = gradient();
    let wire = "wire x.output to grad.inputs";
    let (pin, away) = (person.place("port grad.inputs"), person.on_canvas(vec2(-30.0, 260.0)));
    person.drag(pin, away);
    assert!(!person.sees(wire));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.sees(wire));
    person.key(SHIFT_COMMAND, Key::Z);
    assert!(!person.sees(wire));
    person.key(Modifiers::COMMAND, Key::Z);
    person.click(wire);
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.sees(wire), "a selected wire is deleted");
}

#[test]
fn a_wire_to_a_wired_input_replaces_the_other() {
    let mut person = gradient();
    person.drag_wire("port upstream.output", "port grad.inputs");
    assert!(person.sees("wire upstream.output to grad.inputs"));
    assert!(!person.sees("wire x.output to grad.inputs"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.sees("wire x.output to grad.inputs"), "one step of undo");
}

#[test]
fn ports_that_do_not_fit_say_why() {
    for (from, to, reason) in [
        ("port x.output", "port grad.scope", "never connected"),
        ("port grad.scope", "port x.output", "never connected"),
        ("port x.output", "port grad.attrs", "takes a set of attributes"),
        ("port range.attrs", "port grad.gradients", "takes a tensor"),
        ("port x.output", "port upstream.output", "Both are outputs"),
        ("port grad.output", "port grad.inputs", "cannot feed itself"),
    ] {
        let mut person = gradient();
        person.drag_wire(from, to);
        assert!(person.reads(reason), "{from} to {to}");
        assert!(person.reads("4 blocks · 3 wires"), "{from} to {to} changes nothing");
    }
}

#[test]
fn a_loop_is_not_wired() {
    let mut person = Person::at(&[page("qat_step.json")]);
    person.drag_wire("port e.output", "port y.features");
    assert!(person.reads("would make a loop"));
    assert!(person.sees("wire xw.output to y.features"));
}

#[test]
fn selecting_moving_duplicating_deleting() {
    let mut person = gradient();
    let before = person.place("block x");
    person.drag(before - vec2(60.0, 50.0), before - vec2(60.0, 50.0) + vec2(40.0, 20.0));
    assert_eq!(person.place("block x") - before, vec2(40.0, 20.0));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.place("block x"), before);

    person.click("block x");
    person.shift_click("block upstream");
    assert!(person.reads("2 blocks selected"));
    person.key(Modifiers::COMMAND, Key::D);
    assert!(person.sees("block x_2") && person.sees("block upstream_2"));
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.sees("block x_2"));
    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.reads("4 blocks · 3 wires"));
}

#[test]
fn a_box_selects_what_it_touches() {
    let mut person = gradient();
    let (upstream, range) =
        (person.harness.get_by_label("block upstream").rect(), person.harness.get_by_label("block range").rect());
    person.drag(upstream.left_top() - vec2(30.0, 30.0), egui::pos2(upstream.center().x, range.top() + 10.0));
    assert!(person.reads("3 blocks selected"));
}

#[test]
fn the_search_places_a_block_at_the_pointer() {
    let mut person = gradient();
    let at = person.on_canvas(vec2(200.0, 220.0));
    person.double_click_at(at);
    person.type_text("relu6");
    person.key(Modifiers::NONE, Key::Enter);
    assert!((person.place("block relu6") - at).length() < 120.0);

    person.right_click_at(at + vec2(0.0, -420.0));
    person.type_text("mean");
    person.click("add Mean");
    assert!(person.sees("block mean"));
}

#[test]
fn a_wire_dropped_on_the_canvas_finds_its_block() {
    let mut person = gradient();
    let pin = person.place("port grad.output");
    person.drag(pin, pin + vec2(150.0, 150.0));
    person.type_text("mean");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("wire grad.output to mean.input"));
    assert_eq!(person.value("block mean"), "1.5");
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_a_drag_pans() {
    let mut person = gradient();
    let (pin, corner) = (person.place("port grad.inputs"), person.harness.get_by_label("block grad").rect());
    person.harness.hover_at(pin);
    person.harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, -2.0),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    person.settle();
    let smaller = person.harness.get_by_label("block grad").rect();
    assert!(smaller.width() < corner.width() * 0.98, "it zooms: {} to {}", corner.width(), smaller.width());
    assert!((person.place("port grad.inputs") - pin).length() < 1.5, "what is under the pointer stays");

    let before = person.place("block grad");
    let at = person.on_canvas(vec2(-100.0, 300.0));
    person.drag_with(PointerButton::Middle, at, at + vec2(70.0, -30.0));
    assert!((person.place("block grad") - before - vec2(70.0, -30.0)).length() < 1.5, "it pans");
}

#[test]
fn an_editor_at_rest_does_not_repaint() {
    let mut person = Person::at(&[page("qat_step.json")]);
    person.click("block fq");
    person.harness.run();
    assert_eq!(person.harness.run(), 1, "one frame, and no wish for another");
}

#[test]
fn the_ends_of_zoom_are_reached_without_harm() {
    let mut person = gradient();
    let at = person.on_canvas(vec2(0.0, 0.0));
    for direction in [-40.0, 80.0] {
        person.harness.hover_at(at);
        person.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, direction),
            phase: TouchPhase::Move,
            source: egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        person.settle();
    }
    person.key(Modifiers::NONE, Key::Home);
    assert!(person.sees("block grad"));
}

#[test]
fn the_panels_keep_their_width_whatever_they_show() {
    let pages =
        ["fake_quant_gradient.json", "qat_step.json", "fake_quant_per_channel.json", "fake_quant_vars_gradient.json"];
    let mut person = Person::at(&pages.map(page));
    let width = person.harness.get_by_label("canvas").rect().width();
    for (page, blocks) in [
        ("fake_quant_gradient", vec!["grad", "range", "x"]),
        ("qat_step", vec!["fq", "mse", "x", "dx"]),
        ("fake_quant_per_channel", vec!["fq", "w", "bits"]),
        ("fake_quant_vars_gradient", vec!["grad"]),
    ] {
        person.click(&format!("page {page}"));
        assert_eq!(person.harness.get_by_label("canvas").rect().width(), width, "{page}");
        for block in blocks {
            person.click(&format!("block {block}"));
            for link in ["More", "as text"] {
                if person.sees(link) {
                    person.click(link);
                }
                assert_eq!(person.harness.get_by_label("canvas").rect().width(), width, "{page}: {block}, {link}");
            }
        }
    }
}

#[test]
fn a_block_with_a_problem_shows_no_old_result() {
    let mut person = gradient();
    person.click("block range");
    person.enter("attribute range.max", "-7");
    person.click("block grad");
    assert_eq!(person.value("block grad"), "", "what it gave before the problem is gone");
    assert!(!person.reads("RANGE IN FORCE") && !person.sees("result grad.output"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
}

#[test]
fn typing_at_once_after_space_loses_nothing() {
    let mut person = gradient();
    person.harness.key_press(Key::Space);
    for letter in ["m", "e", "a", "n"] {
        person.harness.event(Event::Text(letter.to_owned()));
    }
    person.settle();
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("block mean"));
}

#[test]
fn undo_keeps_the_selection() {
    let mut person = gradient();
    person.click("block x");
    let before = person.place("block x");
    person.key(Modifiers::NONE, Key::ArrowRight);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.place("block x"), before);
    person.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(person.place("block x") - before, vec2(5.0, 0.0));
}

#[test]
fn a_small_window_leaves_room_for_the_canvas() {
    let mut person = gradient();
    person.harness.set_size(vec2(900.0, 600.0));
    person.settle();
    let canvas = person.harness.get_by_label("canvas").rect();
    assert!(canvas.width() > 250.0, "{canvas:?}");
}

#[test]
fn from_afar_blocks_are_moved_and_no_wires_are_drawn() {
    let mut person = gradient();
    let at = person.on_canvas(vec2(0.0, 0.0));
    person.harness.hover_at(at);
    person.harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, -30.0),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    person.settle();
    assert!(person.harness.state().editor().tab().view.camera.zoom < 0.3);
    let (block, port) = (person.place("block grad"), person.place("port grad.inputs"));
    // A hair inside the block, where close by the pin would be hit.
    let grip = port + vec2(1.0, 0.0);
    person.harness.hover_at(grip);
    person.settle();
    assert!(person.reads("FakeQuantWithMinMaxArgsGradient"), "what cannot be read is told");
    person.drag(grip, grip + vec2(40.0, 90.0));
    assert!((person.place("block grad") - block - vec2(40.0, 90.0)).length() < 2.0, "the block has moved");
    assert!(person.reads("4 blocks · 3 wires"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!((person.place("block grad") - block).length() < 2.0);
}

#[test]
fn what_is_selected_is_shown_centered_and_deleted_by_keys() {
    let mut person = gradient();
    let middle = person.place("canvas");
    person.click("block grad");
    let zoom = |person: &Person| person.harness.state().editor().tab().view.camera.zoom;
    person.key(Modifiers::NONE, Key::Period);
    assert!((person.place("block grad") - middle).length() < 2.0 && zoom(&person) == 1.0);
    person.key(Modifiers::NONE, Key::Home);
    for _ in 0..3 {
        person.key(Modifiers::SHIFT, Key::ArrowRight);
    }
    person.shift_click("block upstream");
    person.key(Modifiers::NONE, Key::F);
    let both = (person.place("block grad") + person.place("block upstream").to_vec2()) / 2.0;
    assert!((both - middle).length() < 60.0, "both are in the middle: {both} {middle}");
    person.key(Modifiers::SHIFT, Key::A);
    assert!(person.sees("Add a block"));
    person.key(Modifiers::NONE, Key::Escape);
    person.click("block grad");
    person.key(Modifiers::NONE, Key::X);
    assert!(person.reads("3 blocks"));
    person.click("block x");
    person.click("attribute x.value");
    person.key(Modifiers::NONE, Key::X);
    assert!(person.reads("3 blocks"), "typed into a field it is text");
}

#[test]
fn alt_and_arrows_walk_along_wires() {
    let mut person = gradient();
    person.click("block grad");
    let selected = |person: &Person| person.harness.state().editor().tab().view.selected_block().unwrap().to_string();
    person.key(Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(selected(&person), "upstream", "its first input, and not the set");
    person.key(Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(selected(&person), "upstream", "a source has none");
    person.key(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(selected(&person), "grad");
    person.key(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(selected(&person), "grad");
    person.click("block range");
    person.key(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(selected(&person), "grad");
    assert!(!person.reads("Undo"), "nothing has moved");
    assert!(!person.harness.state().editor().tab().is_changed());
}
