//! What a person does in the editor, by pointer and keys alone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::path::PathBuf;

use common::{Person, root};
use egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, TouchPhase, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

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
    person.enter("attribute attrs.max", "9");
    person.click("block fake_quant_grad");
    assert_eq!(person.value("attribute fake_quant_grad.max"), "9");
    assert!(person.reads("◆ attrs"), "a wired value shows its source");
    let cells: Vec<String> = (0..4).map(|i| person.value(&format!("fake_quant_grad.output[{i}]"))).collect();
    assert_eq!(cells, ["1", "2", "0", "4"]);
}

#[test]
fn a_wired_attribute_is_read_only() {
    let mut person = gradient();
    person.click("block grad");
    let node = person.harness.get_by_label("attribute grad.max");
    assert!(node.accesskit_node().data().is_read_only());
    drop(person);
}

#[test]
fn a_value_out_of_range_is_refused_and_stays_to_be_mended() {
    let mut person = gradient();
    person.click("block grad");
    person.enter("attribute grad.num_bits", "17");
    assert!(person.reads("must be from 2 to 16"));
    assert_eq!(person.value("attribute grad.num_bits"), "17", "what was typed is not lost");
    assert_eq!(person.value("grad.output[0]"), "0", "the page is as it was");
    person.enter("attribute grad.num_bits", "4");
    assert!(!person.reads("must be from 2 to 16"));
    assert!(person.reads("zero point 8 · scale 0.8"), "the range in force follows");
}

#[test]
fn escape_gives_up_what_was_typed() {
    let mut person = gradient();
    person.click("block grad");
    person.click("attribute grad.num_bits");
    person.type_text("99");
    person.key(Modifiers::NONE, Key::Escape);
    assert_eq!(person.value("attribute grad.num_bits"), "8");
}

#[test]
fn values_are_edited_in_place_on_the_canvas() {
    let mut person = gradient();
    let block = person.harness.get_by_label("block range").rect();
    // The lower of the two rows: max.
    person.double_click_at(egui::pos2(block.center().x, block.bottom() - 20.0));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("7");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("block grad"), "[1, 2, 0, 4]");

    let block = person.harness.get_by_label("block upstream").rect();
    person.double_click_at(egui::pos2(block.center().x - 40.0, block.bottom() - 28.0));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[5, 6, 7, 8]");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("block grad"), "[5, 6, 0, 8]");

    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
}

#[test]
fn what_a_set_feeds_decides_what_it_takes() {
    let mut person = gradient();
    person.click("block range");
    person.enter("attribute range.max", "wide");
    assert!(person.reads("grad: max is \"wide\" (text), but must be a number"));
    person.enter("attribute range.max", "6.5");
    // -6 falls out too: with this range the nudged min is -5.9803925.
    assert_eq!(person.value("block grad"), "[1, 0, 0, 4]");
}

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
fn attributes_as_text() {
    let mut person = Person::at(&[page("fake_quant_args.json")]);
    person.click("block fq");
    person.click("as text");
    assert_eq!(person.value("attributes of fq as text"), "min_=-6.0f;max_=6.0f;num_bits_=8;narrow_range_=false;");
    person.enter("attributes of fq as text", "max_=3.0f;num_bits_=40;");
    assert!(person.reads("num_bits is 40, but must be from 2 to 16"));
    person.enter("attributes of fq as text", "max_=3.0f;min=-3;narrow_range_=true");
    person.click("as fields");
    assert_eq!((person.value("attribute fq.max"), person.value("attribute fq.min")), ("3".to_owned(), "-3".to_owned()));
}

#[test]
fn an_attrs_port_opens_the_attribute_editor() {
    let mut person = Person::at(&[page("fake_quant_args.json")]);
    person.click("port fq.attrs");
    assert!(person.reads("Attributes of fq"));
    person.click("Close");
    assert!(!person.reads("Attributes of fq"));
}

#[test]
fn a_block_is_renamed() {
    let mut person = gradient();
    person.click("block x");
    person.click("rename x");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("range");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("There is a block range already."));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("features");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("wire features.output to grad.inputs"), "wires follow");
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.sees("block x"));
}

#[test]
fn a_literal_stands_in_for_a_wire() {
    let mut person = gradient();
    person.click("wire upstream.output to grad.gradients");
    person.key(Modifiers::NONE, Key::Delete);
    person.click("block grad");
    person.enter("literal grad.gradients", "[1, 1, 1, true]");
    assert!(person.reads("is no float32"));
    person.enter("literal grad.gradients", "[9, 9, 9, 9]");
    assert_eq!(person.value("block grad"), "[0, 9, 0, 9]");
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
fn mending_what_was_refused_deletes_no_block() {
    let mut person = gradient();
    person.click("block x");
    person.enter("attribute x.value", "[1, 2");
    assert!(person.reads("a bracket or a quote is not closed"));
    person.key(Modifiers::NONE, Key::Backspace);
    assert!(person.sees("block x"), "the field still has the keys");
    person.type_text("2, 3, 4]");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.value("block x").starts_with("[1"), "{}", person.value("block x"));
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
fn a_field_on_the_canvas_is_given_up_by_going_elsewhere() {
    let mut person = gradient();
    let block = person.harness.get_by_label("block range").rect();
    person.double_click_at(egui::pos2(block.center().x, block.bottom() - 20.0));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("--");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("but must be a number"), "a wrong value stays open");
    person.click("block grad");
    assert!(!person.reads("but must be a number"));
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.sees("block grad"), "the keys are the page's again");
}

#[test]
fn a_small_window_leaves_room_for_the_canvas() {
    let mut person = gradient();
    person.harness.set_size(vec2(900.0, 600.0));
    person.settle();
    let canvas = person.harness.get_by_label("canvas").rect();
    assert!(canvas.width() > 250.0, "{canvas:?}");
}
