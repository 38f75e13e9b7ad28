//! Frames, notes and bookmarks, read on the page.

use egui::{Event, Key, Modifiers, PointerButton, vec2};

use crate::common::Person;
use crate::{SHIFT_COMMAND, gradient};

fn corner(person: &Person, block: &str) -> (f64, f64) {
    let place = person.harness.state().editor().tab().document.places[block];
    (place.x, place.y)
}

#[test]
fn a_frame_moves_with_its_blocks() {
    let mut person = gradient();
    let before = person.page_text();
    person.click("block x");
    person.shift_click("block upstream");
    person.key(Modifiers::COMMAND, Key::J);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("The inputs");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("frame f1"), "The inputs");
    assert!(person.page_text().contains(r#""f1": {"title": "The inputs", "rect": ["#), "{}", person.page_text());
    assert!(person.page_text().contains(r#""blocks": ["upstream", "x"]}"#));

    let was = (corner(&person, "x"), corner(&person, "upstream"), corner(&person, "grad"));
    let title = person.place("frame f1");
    person.drag(title, title + vec2(-40.0, 30.0));
    let zoom = f64::from(person.harness.state().editor().tab().view.camera.zoom);
    let by = |(x, y): (f64, f64)| ((x - 40.0 / zoom).round(), (y + 30.0 / zoom).round());
    assert_eq!((corner(&person, "x"), corner(&person, "upstream")), (by(was.0), by(was.1)));
    assert_eq!(corner(&person, "grad"), was.2);
    assert!((person.place("frame f1") - title - vec2(-40.0, 30.0)).length() < 2.0);
    person.key(Modifiers::COMMAND, Key::Z);

    // A block that is let go inside belongs to it; it is taken out by the menu.
    let (range, inside) = (person.place("block range"), person.place("block x"));
    person.drag(range, inside + vec2(10.0, 0.0));
    assert!(person.page_text().contains(r#""blocks": ["range", "upstream", "x"]}"#), "{}", person.page_text());
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.page_text().contains(r#""blocks": ["upstream", "x"]}"#), "one step of undo");
    person.click("block x");
    person.menu("Arrange", "Take out of the frame");
    assert!(person.page_text().contains(r#""blocks": ["upstream"]}"#));
    person.key(Modifiers::COMMAND, Key::Z);

    // Deleting a block leaves the frame, deleting the frame leaves the blocks.
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    assert!(person.page_text().contains(r#""blocks": ["upstream"]}"#));
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.page_text().contains(r#""blocks": ["upstream", "x"]}"#));
    person.click("frame f1");
    person.key(Modifiers::NONE, Key::Delete);
    assert_eq!(person.page_text(), before);
}

#[test]
fn a_frame_has_a_colour_and_another_title() {
    let mut person = gradient();
    person.click("block x");
    person.key(Modifiers::COMMAND, Key::J);
    person.key(Modifiers::NONE, Key::Escape);
    let title = person.place("frame f1");
    person.double_click_at(title);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("data");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("frame f1"), "data");
    person.right_click_at(title);
    person.click("Color");
    person.click("red");
    assert!(person.page_text().contains(r#""title": "data", "color": "red""#), "{}", person.page_text());
    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("frame f1"), "Frame");
}

#[test]
fn a_note_is_written_moved_and_made_larger() {
    let mut person = gradient();
    let before = person.page_text();
    let at = person.on_canvas(vec2(-300.0, 200.0));
    person.harness.hover_at(at);
    person.settle();
    person.key(Modifiers::NONE, Key::N);
    person.type_text("Why is **2** clipped?");
    let empty = person.on_canvas(vec2(0.0, 330.0));
    person.click_at(empty);
    assert_eq!(person.value("note n1"), "Why is **2** clipped?");
    assert!(person.page_text().contains(r#""n1": {"at": ["#) && person.page_text().contains(r#""size": [260, 120]"#));
    assert!(person.page_text().contains(r#""text": "Why is **2** clipped?"}"#));

    let place = person.place("note n1");
    person.drag(place, place + vec2(30.0, 20.0));
    assert!((person.place("note n1") - place - vec2(30.0, 20.0)).length() < 2.0);
    person.key(Modifiers::COMMAND, Key::Z);
    assert!((person.place("note n1") - place).length() < 1.0);
    let zoom = person.harness.state().editor().tab().view.camera.zoom;
    let corner = place + vec2(130.0, 60.0) * zoom - vec2(5.0, 5.0);
    person.drag(corner, corner + vec2(50.0, 40.0) * zoom);
    assert!(person.page_text().contains(r#""size": [310, 160]"#), "{}", person.page_text());
    person.key(Modifiers::COMMAND, Key::Z);

    person.double_click_at(place);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("given up");
    person.key(Modifiers::NONE, Key::Escape);
    assert_eq!(person.value("note n1"), "Why is **2** clipped?");
    person.click("note n1");
    person.key(Modifiers::NONE, Key::Delete);
    assert_eq!(person.page_text(), before);
}

#[test]
fn bookmarks_are_set_and_gone_to_by_keys() {
    let mut person = gradient();
    let camera = |person: &Person| person.harness.state().editor().tab().view.camera;
    person.key(Modifiers::COMMAND, Key::Num3);
    assert!(person.reads("There is no bookmark 3"));
    let set = camera(&person);
    // As a keyboard sends it where Shift and a digit are another sign.
    person.harness.event_modifiers(
        Event::Key {
            key: Key::Exclamationmark,
            physical_key: Some(Key::Num3),
            pressed: true,
            repeat: false,
            modifiers: SHIFT_COMMAND,
        },
        SHIFT_COMMAND,
    );
    person.settle();
    assert!(person.page_text().contains("\"views\": {\n    \"3\": ["), "{}", person.page_text());
    let at = person.on_canvas(vec2(-100.0, 300.0));
    person.drag_with(PointerButton::Middle, at, at + vec2(170.0, -90.0));
    assert!((camera(&person).origin - set.origin).length() > 50.0);
    person.key(Modifiers::COMMAND, Key::Num3);
    assert!((camera(&person).origin - set.origin).length() < 1.5, "{:?} {set:?}", camera(&person));
    assert!((camera(&person).zoom - set.zoom).abs() < 1e-3);
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(!person.page_text().contains("views"));
}

#[test]
fn a_wire_is_bent_and_straightened() {
    let mut person = gradient();
    let before = person.page_text();
    let wire = person.place("wire x.output to grad.inputs");
    person.double_click_at(wire);
    assert!(person.page_text().contains(r#"["x.output", "grad.inputs", [["#), "{}", person.page_text());
    let at = wire + vec2(0.0, 160.0);
    person.drag(wire, at);
    assert!((person.place("wire x.output to grad.inputs") - at).length() < 3.0, "its middle is the bend now");
    let bent = person.page_text();
    person.key(Modifiers::COMMAND, Key::Z);
    assert!((person.place("wire x.output to grad.inputs") - wire).length() < 3.0);
    person.key(SHIFT_COMMAND, Key::Z);
    assert_eq!(person.page_text(), bent);
    // It comes along where both ends move, and stays where one does.
    person.key(Modifiers::COMMAND, Key::A);
    person.key(Modifiers::SHIFT, Key::ArrowDown);
    let zoom = person.harness.state().editor().tab().view.camera.zoom;
    let moved = person.place("wire x.output to grad.inputs") - at;
    assert!((moved - vec2(0.0, 20.0) * zoom).length() < 3.0, "{moved}");
    person.key(Modifiers::COMMAND, Key::Z);
    person.click("block x");
    person.key(Modifiers::SHIFT, Key::ArrowDown);
    assert!((person.place("wire x.output to grad.inputs") - at).length() < 3.0);
    person.key(Modifiers::COMMAND, Key::Z);
    // A wire that is taken off takes its bends along, and undo brings both back.
    person.click("wire x.output to grad.inputs");
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.page_text().contains("routes"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.page_text(), bent);
    person.double_click_at(at);
    assert_eq!(person.page_text(), before);
}

/// What a file says of places beyond any canvas does no harm.
#[test]
fn absurd_places_are_shown_where_a_canvas_reaches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absurd.json");
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": 1}}, "y": {"type": "Square"}},
        "wires": [["x.output", "y.x"]], "layout": {"x": [0, 0], "y": [300, 0]},
        "frames": {"f1": {"title": "far", "rect": [1e300, -1e300, 1e300, 5], "blocks": ["nobody"]}},
        "notes": {"n1": {"at": [-1e300, 2], "size": [-5, 1e300], "text": "x"}},
        "routes": [["x.output", "y.x", [[1e300, 0], [-1e300, 1e300]]]], "views": {"1": [1e300, 0, 0], "2": [0, 0, -7]}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    let is_sound = |person: &Person| {
        let camera = person.harness.state().editor().tab().view.camera;
        camera.zoom.is_finite() && camera.zoom > 0.0 && camera.origin.is_finite()
    };
    assert!(is_sound(&person));
    for key in [Key::Num1, Key::Num2] {
        person.key(Modifiers::COMMAND, key);
        assert!(is_sound(&person), "{key:?}");
    }
    person.key(Modifiers::COMMAND, Key::A);
    person.key(Modifiers::NONE, Key::F);
    assert!(is_sound(&person) && person.sees("block y"));
    person.key(Modifiers::NONE, Key::ArrowRight);
    person.key(Modifiers::NONE, Key::T);
    assert!(is_sound(&person));
    let before = person.page_text();
    assert!(node_io::page_file::parse(before.as_bytes()).is_ok());
}

#[test]
fn what_is_deleted_is_what_the_menu_is_about() {
    let mut person = gradient();
    let before = person.page_text();
    let at = person.on_canvas(vec2(-300.0, 200.0));
    person.harness.hover_at(at);
    person.settle();
    person.key(Modifiers::NONE, Key::N);
    person.type_text("a note");
    let empty = person.on_canvas(vec2(0.0, 330.0));
    person.click_at(empty);
    person.click("wire x.output to grad.inputs");
    let note = person.place("note n1");
    person.right_click_at(note);
    person.click("Delete");
    assert_eq!(person.page_text(), before, "the note, and not the wire that was selected before");
}

/// A merge may leave ids in a frame whose blocks are gone.
#[test]
fn a_frame_with_blocks_that_are_not_there_is_moved_and_its_blocks_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ghosts.json");
    let text = r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": 1}}},
        "layout": {"a": [100, 100]}, "frames": {"f1": {"title": "t", "rect": [0, 0, 300, 200], "blocks": ["a", "const"]}}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    let title = person.place("frame f1");
    person.drag(title, title + vec2(30.0, 20.0));
    assert_eq!(corner(&person, "a"), (130.0, 120.0));
    person.key(Modifiers::NONE, Key::Delete);
    assert!(!person.sees("block a"), "{:?}", person.hears());
    person.key(Modifiers::COMMAND, Key::Z);
    // A new block is not in the frame by its name.
    person.key(Modifiers::NONE, Key::Space);
    person.type_text("const");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.sees("block const_2"));
}
