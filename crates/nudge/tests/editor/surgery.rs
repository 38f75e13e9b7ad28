//! Taking chains apart and putting them together: by drags, by keys, by menus. What comes of it is read on the page.

use egui::{Key, Modifiers, PointerButton, Pos2, vec2};

use crate::SHIFT_COMMAND;
use crate::common::Person;

/// x → fq → y, and a Square that nothing is wired to.
const CHAIN: &str = r#"{"nudge": 1, "blocks": {
    "x": {"type": "Const", "attrs": {"value": [6, -6, -7, 0.1]}},
    "fq": {"type": "FakeQuantWithMinMaxArgs"},
    "y": {"type": "Square"},
    "loose": {"type": "Square"},
    "two": {"type": "AddV2", "inputs": {"y": 3}}},
    "wires": [["x.output", "fq.inputs"], ["fq.output", "y.x"]],
    "layout": {"x": [0, 0], "fq": [320, 0], "y": [640, 0], "loose": [320, 330], "two": [640, 330]}}"#;

fn at_chain() -> (tempfile::TempDir, Person) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chain.json");
    std::fs::write(&path, CHAIN).unwrap();
    (folder, Person::at(&[path]))
}

/// Where a block is held.
fn grip(person: &Person, block: &str) -> Pos2 {
    person.place(&format!("block {block}"))
}

fn undone(person: &mut Person, before: &str) {
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before, "one step of undo");
}

#[test]
fn a_block_dropped_on_a_wire_is_put_into_it() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    let wire = person.place("wire fq.output to y.x");
    person.drag(grip(&person, "loose"), wire);
    assert_eq!(person.wires(), ["fq.output to loose.x", "loose.output to y.x", "x.output to fq.inputs"]);
    undone(&mut person, &before);
    // Where it does not touch the wire it is only moved.
    person.drag(grip(&person, "loose"), grip(&person, "loose") + vec2(20.0, 60.0));
    assert_eq!(person.wires(), ["fq.output to y.x", "x.output to fq.inputs"]);
    person.key(Modifiers::COMMAND, Key::Z);
    // What has a wire already is moved too.
    let target = person.place("wire x.output to fq.inputs");
    person.drag(grip(&person, "y"), target);
    assert_eq!(person.wires(), ["fq.output to y.x", "x.output to fq.inputs"]);
    person.key(Modifiers::COMMAND, Key::Z);
    // From the palette.
    person.click("Search blocks");
    person.type_text("Relu6");
    let (from, wire) = (person.place("palette Relu6"), person.place("wire fq.output to y.x"));
    person.drag(from, wire);
    assert_eq!(person.wires(), ["fq.output to relu6.features", "relu6.output to y.x", "x.output to fq.inputs"]);
    undone(&mut person, &before);
}

#[test]
fn a_wire_let_go_on_a_block_takes_its_first_free_port() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    let body = grip(&person, "two");
    let pin = person.place("port fq.output");
    person.drag(pin, body);
    assert_eq!(person.wires(), ["fq.output to two.x", "fq.output to y.x", "x.output to fq.inputs"]);
    // The next takes the port whose literal gives way, …
    let pin = person.place("port x.output");
    person.drag(pin, body);
    assert!(person.wires().contains(&"x.output to two.y".to_owned()), "{:?}", person.wires());
    // … and then there is none.
    let pin = person.place("port y.output");
    person.drag(pin, body);
    assert!(person.reads("two has no free port"));
    assert_eq!(person.wires().len(), 4);
    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before);
    // From an input to a body: the output.
    let pin = person.place("port loose.x");
    person.drag(pin, grip(&person, "x"));
    assert!(person.wires().contains(&"x.output to loose.x".to_owned()));
    undone(&mut person, &before);
    // A wire that is taken off goes to the body instead.
    let pin = person.place("port y.x");
    person.drag(pin, body);
    assert_eq!(person.wires(), ["fq.output to two.x", "x.output to fq.inputs"]);
    undone(&mut person, &before);
}

#[test]
fn wires_are_cut_by_a_line() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    let (first, second) = (person.place("wire x.output to fq.inputs"), person.place("wire fq.output to y.x"));
    let (above, below) = (vec2(3.0, -40.0), vec2(-2.0, 70.0));
    person.drag_holding(PointerButton::Secondary, Modifiers::COMMAND, first + above, first + below);
    assert_eq!(person.wires(), ["fq.output to y.x"]);
    assert!(!person.sees("Add a block"), "no menu and no search");
    undone(&mut person, &before);
    let empty = second + vec2(0.0, 150.0);
    person.drag_holding(PointerButton::Primary, Modifiers::COMMAND, empty, second + vec2(0.0, -60.0));
    assert_eq!(person.wires(), ["x.output to fq.inputs"]);
    undone(&mut person, &before);
    // Shift still adds to what is selected.
    person.click("block x");
    let (from, to) = (grip(&person, "loose") - vec2(140.0, 120.0), grip(&person, "loose"));
    person.drag_holding(PointerButton::Primary, Modifiers::SHIFT, from, to);
    assert!(person.reads("2 blocks selected"));
    assert_eq!(person.page_text(), before);
}

#[test]
fn a_block_is_pulled_out_and_its_chain_heals() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    let grip = grip(&person, "fq") - vec2(60.0, 20.0);
    person.drag_holding(PointerButton::Primary, Modifiers::ALT, grip, grip + vec2(10.0, -180.0));
    assert_eq!(person.wires(), ["x.output to y.x"]);
    assert!(person.sees("block fq"));
    undone(&mut person, &before);
    person.right_click_at(grip);
    person.click("Extract");
    assert_eq!(person.wires(), ["x.output to y.x"]);
    undone(&mut person, &before);
    person.click("block fq");
    person.key(Modifiers::COMMAND, Key::Delete);
    assert_eq!(person.wires(), ["x.output to y.x"]);
    assert!(!person.sees("block fq"));
    undone(&mut person, &before);
    // Dragged on the empty canvas with Alt the view moves.
    let empty = person.place("block x") + vec2(0.0, 250.0);
    let was = person.place("block x");
    person.drag_holding(PointerButton::Primary, Modifiers::ALT, empty, empty + vec2(30.0, 10.0));
    let by = person.place("block x") - was;
    assert!((by - vec2(30.0, 10.0)).length() < 1.5, "{by}");
    assert_eq!(person.page_text(), before);
}

#[test]
fn a_muted_block_lets_its_input_through() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    person.click("block fq");
    person.key(Modifiers::NONE, Key::M);
    assert!(person.page_text().contains(r#""fq": {"type": "FakeQuantWithMinMaxArgs", "mute": true}"#));
    assert_eq!(person.value("block fq"), "[6, -6, -7, 0.1]");
    assert_eq!(person.value("block y"), "[36, 36, 49, 0.010000001]");
    assert!(person.reads("Muted: inputs passes to output."));
    assert!(person.description("block fq").contains("muted"));
    person.click("Unmute");
    assert_eq!(person.page_text(), before);
    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), before);
    person.click("block x");
    person.key(Modifiers::NONE, Key::M);
    assert!(person.reads("x cannot be muted"));
    assert_eq!(person.page_text(), before);
    // Of several those that can be.
    person.shift_click("block fq");
    person.right_click_at(grip(&person, "fq") - vec2(0.0, 30.0));
    person.click("Mute");
    assert!(person.page_text().contains("\"mute\": true") && person.reads("x cannot be muted"));
}

#[test]
fn blocks_follow_the_pointer_until_it_is_clicked() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    person.click("block loose");
    let from = grip(&person, "loose");
    person.key(Modifiers::NONE, Key::G);
    person.harness.hover_at(from + vec2(-150.0, 60.0));
    person.settle();
    person.click_at(from + vec2(-200.0, 90.0));
    assert!((grip(&person, "loose") - from - vec2(-200.0, 90.0)).length() < 2.0);
    assert!(person.reads("1 block selected") || person.reads("loose"), "what was carried stays selected");
    undone(&mut person, &before);
    person.key(Modifiers::NONE, Key::G);
    person.harness.hover_at(from + vec2(-150.0, 60.0));
    person.settle();
    person.key(Modifiers::NONE, Key::Escape);
    person.click_at(from + vec2(-150.0, 160.0));
    assert_eq!(person.page_text(), before, "given up");
    // Put down on a wire, it is put into it.
    person.click("block loose");
    person.key(Modifiers::NONE, Key::G);
    let wire = person.place("wire fq.output to y.x");
    person.click_at(wire + (from - grip(&person, "loose")));
    assert!(person.wires().contains(&"fq.output to loose.x".to_owned()), "{:?}", person.wires());
}

#[test]
fn copies_stand_at_the_pointer_or_beside() {
    let (_folder, mut person) = at_chain();
    person.click("block loose");
    let at = person.on_canvas(vec2(-330.0, 200.0));
    person.harness.hover_at(at);
    person.settle();
    person.key(Modifiers::SHIFT, Key::D);
    let corner = person.harness.state().editor().tab().document.places["loose_2"];
    let view = &person.harness.state().editor().tab().view;
    let pointer = view.camera.to_world(view.canvas.unwrap(), at);
    assert!((pointer - egui::pos2(corner.x as f32, corner.y as f32)).length() < 2.0, "{pointer} {corner:?}");
    person.key(Modifiers::COMMAND, Key::D);
    let beside = person.harness.state().editor().tab().document.places["loose_3"];
    assert_eq!((beside.x - corner.x, beside.y - corner.y), (40.0, 40.0));
}

#[test]
fn what_is_pasted_keeps_its_outer_wires_if_asked() {
    let (_folder, mut person) = at_chain();
    person.click("block fq");
    person.harness.event(egui::Event::Copy);
    person.harness.step();
    let copied = |person: &Person| {
        person.harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    };
    let text = copied(&person).unwrap();
    assert!(node_io::page_file::parse(text.as_bytes()).is_ok(), "{text}");
    let before = person.wires();
    person.harness.event(egui::Event::Paste(text.clone()));
    person.settle();
    assert!(person.sees("block fq_2"));
    assert_eq!(person.wires(), before);
    person.key(SHIFT_COMMAND, Key::V);
    person.harness.event(egui::Event::Paste(text.clone()));
    person.settle();
    assert!(person.wires().contains(&"x.output to fq_3.inputs".to_owned()), "{:?}", person.wires());
    // The next is as ever; and where what fed it is gone it is pasted alone.
    person.harness.event(egui::Event::Paste(text.clone()));
    person.settle();
    assert!(!person.wires().iter().any(|wire| wire.contains("fq_4")));
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    person.key(SHIFT_COMMAND, Key::V);
    person.harness.event(egui::Event::Paste(text));
    person.settle();
    assert!(person.sees("block fq_5") && !person.wires().iter().any(|wire| wire.contains("fq_5")));
}

#[test]
fn a_port_has_a_menu() {
    let (_folder, mut person) = at_chain();
    let before = person.page_text();
    let pin = person.place("port fq.inputs");
    person.right_click_at(pin);
    assert!(!person.sees("Make a constant of it"), "it is wired");
    person.click("Disconnect");
    assert_eq!(person.wires(), ["fq.output to y.x"]);
    undone(&mut person, &before);

    let pin = person.place("port two.y");
    person.right_click_at(pin);
    assert!(!person.sees("Disconnect"));
    person.click("Make a constant of it");
    assert!(person.wires().contains(&"const.output to two.y".to_owned()));
    assert!(person.page_text().contains(r#""const": {"type": "Const", "attrs": {"value": 3}}"#));
    undone(&mut person, &before);

    let pin = person.place("port fq.output");
    person.right_click_at(pin);
    person.click("Make a constant of it");
    assert_eq!(person.value("block const_2"), person.value("block fq"), "what it gives now");
    undone(&mut person, &before);

    let pin = person.place("port x.output");
    person.right_click_at(pin);
    person.click("Add a block here…");
    person.type_text("relu6");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.wires().contains(&"x.output to relu6.features".to_owned()));
    undone(&mut person, &before);
    let pin = person.place("port loose.x");
    person.right_click_at(pin);
    person.click("Add a block here…");
    person.type_text("relu6");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.wires().contains(&"relu6_2.output to loose.x".to_owned()), "{:?}", person.wires());
}

#[test]
fn a_constant_is_of_the_type_that_its_port_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sum.json");
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4]]}},
        "sum": {"type": "Sum", "inputs": {"axis": [0]}},
        "pack": {"type": "Pack"}},
        "wires": [["x.output", "sum.input"], ["x.output", "pack.values"], ["sum.output", "pack.values"],
            ["x.output", "pack.values"]]}"#;
    std::fs::write(&path, text.replace(", [\"sum.output\", \"pack.values\"]", "")).unwrap();
    let mut person = Person::at(&[path]);
    let pin = person.place("port sum.axis");
    person.right_click_at(pin);
    person.click("Make a constant of it");
    assert!(person.wires().contains(&"const.output to sum.axis".to_owned()));
    assert!(!person.reads("problem"), "{:?}", person.hears());
    assert_eq!(person.value("block sum"), "[4, 6]");
    assert!(!person.page_text().contains("\"inputs\": {\"axis\""), "the literal has given way");
    // Of a list the row whose menu it is.
    let before = person.wires();
    let pin = person.place("port pack.values[1]");
    person.right_click_at(pin);
    person.click("Disconnect");
    assert_eq!(person.wires().len(), before.len() - 1);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.wires(), before);
}

#[test]
fn tab_searches_on_the_canvas_and_walks_in_panels() {
    let (_folder, mut person) = at_chain();
    let at = person.on_canvas(vec2(0.0, 300.0));
    person.click_at(at);
    person.key(Modifiers::NONE, Key::Tab);
    assert!(person.sees("Add a block"), "the search is open");
    person.key(Modifiers::NONE, Key::Escape);
    let focused = |person: &Person| {
        let id = person.harness.ctx.memory(|memory| memory.focused());
        id.map(|id| person.harness.ctx.read_response(id).unwrap().rect.center())
    };
    let canvas = |person: &Person| person.harness.state().editor().tab().view.canvas.unwrap();
    assert_eq!(focused(&person), None);
    person.click("block fq");
    person.key(Modifiers::NONE, Key::F6);
    assert!(focused(&person).unwrap().x < canvas(&person).left(), "the palette");
    person.key(Modifiers::NONE, Key::F6);
    assert!(focused(&person).unwrap().x > canvas(&person).right(), "the inspector");
    let heading = focused(&person);
    person.key(Modifiers::NONE, Key::Tab);
    assert!(focused(&person) != heading && focused(&person).unwrap().x > canvas(&person).right());
    assert!(!person.sees("Add a block"), "Tab goes on in the panel");
    person.key(Modifiers::NONE, Key::F6);
    assert_eq!(focused(&person), None, "the canvas");
    person.key(Modifiers::NONE, Key::M);
    assert!(person.page_text().contains("mute"));
}
