//! Panels that are docked: two canvases, inspectors that stay, the list of problems, the layout that comes back.

use egui::{Key, Modifiers, PointerButton, Rect, vec2};
use egui_kittest::kittest::Queryable as _;
use nudge::folders::Folders;

use crate::common::Person;
use crate::kept::two_pages;
use crate::{gradient, page};

fn rect(person: &Person, name: &str) -> Rect {
    person.harness.get_by_label(name).rect()
}

/// The middle of what is called so on one of two canvases.
fn on(person: &Person, canvas: &str, name: &str) -> egui::Pos2 {
    let canvas = rect(person, canvas);
    let nodes = person.harness.query_all_by_label(name);
    let places: Vec<egui::Pos2> = nodes.map(|node| node.rect().center()).collect();
    places.into_iter().find(|at| canvas.contains(*at)).unwrap_or_else(|| panic!("no {name} on that canvas"))
}

#[test]
fn two_canvases_look_at_one_page_each_in_its_own_way() {
    let mut person = gradient();
    person.menu("View", "New canvas");
    let (first, second) = (rect(&person, "canvas"), rect(&person, "canvas 2"));
    assert!(first.right() <= second.left() && (first.width() - second.width()).abs() < 30.0, "{first} {second}");
    // Panned alone.
    let before = on(&person, "canvas", "block grad");
    let at = second.center() + vec2(0.0, second.height() / 2.0 - 40.0);
    person.drag_with(PointerButton::Middle, at, at + vec2(30.0, -60.0));
    assert_eq!(on(&person, "canvas", "block grad"), before);
    // What is done on one shows on the other: it is one page, with one selection.
    let x = on(&person, "canvas 2", "block x");
    person.click_at(x);
    person.enter("attribute x.value", "[1, 1, 1, 1]");
    let values: Vec<String> =
        person.harness.query_all_by_label("block x").map(|node| node.value().unwrap_or_default()).collect();
    assert_eq!(values, ["[1, 1, 1, 1]", "[1, 1, 1, 1]"]);
    // A drag is heard where it is made, and there alone.
    let (x, there) = (on(&person, "canvas 2", "block x"), on(&person, "canvas", "block grad"));
    person.drag(x, x + vec2(25.0, 15.0));
    assert_eq!(on(&person, "canvas", "block grad"), there);
    assert!((on(&person, "canvas 2", "block x") - x - vec2(25.0, 15.0)).length() < 2.0);
    person.click("close panel fake_quant_gradient");
    assert!(!person.sees("canvas 2") || !person.sees("canvas"), "one is left");
    assert!(person.sees("block x"));
}

#[test]
fn two_canvases_show_two_pages() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths);
    person.menu("View", "New canvas");
    person.click("page b");
    assert_eq!(person.harness.state().editor().tab().document.name(), "b", "on the canvas that has the keys");
    let one = on(&person, "canvas", "block x");
    let two = on(&person, "canvas 2", "block x");
    let values: Vec<String> =
        person.harness.query_all_by_label("block x").map(|node| node.value().unwrap_or_default()).collect();
    assert!(values.contains(&"[1]".to_owned()) && values.contains(&"[2]".to_owned()), "both have run: {values:?}");
    person.click_at(one);
    assert_eq!(person.harness.state().editor().tab().document.name(), "a", "who is pressed on has the keys");
    person.key(Modifiers::NONE, Key::Delete);
    assert_eq!(person.harness.state().editor().tab().document.page.blocks.len(), 1);
    person.click_at(two);
    assert_eq!(person.harness.state().editor().tab().document.page.blocks.len(), 2, "b has all of its blocks");
    person.key(Modifiers::COMMAND, Key::Z);
    person.click_at(one - vec2(0.0, 250.0));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.harness.state().editor().tab().document.page.blocks.len(), 2, "undone on a");
}

#[test]
fn an_inspector_stays_with_what_it_is_pinned_to() {
    let mut person = gradient();
    // High enough that nothing is scrolled away.
    person.harness.set_size(vec2(1500.0, 1800.0));
    person.settle();
    person.click("block grad");
    person.menu("View", "Pin in an inspector");
    person.click("block x");
    assert!(person.sees("attribute x.value") && person.sees("attribute grad.num_bits"), "one follows, one stays");
    // It edits what it shows, not what is selected.
    person.enter("attribute grad.num_bits", "4");
    assert!(person.page_text().contains("\"num_bits\": 4"));
    // A block that has another id is followed.
    person.click("block grad");
    person.key(Modifiers::NONE, Key::F2);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("renamed");
    person.key(Modifiers::NONE, Key::Enter);
    person.click("block x");
    assert!(person.sees("attribute renamed.num_bits"), "{:?}", person.hears());
    person.click("close panel renamed");
    assert!(!person.sees("attribute renamed.num_bits"));

    let pin = person.place("port renamed.inputs");
    person.right_click_at(pin);
    person.click("Pin in an inspector");
    person.click("block range");
    assert!(person.reads("renamed.inputs") && person.sees("from x.output"));
    assert!(person.reads("min -7 · max 6"), "what comes to the port: {:?}", person.hears());
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    assert!(person.reads("Nothing is wired to it."));
}

#[test]
fn problems_have_a_panel_of_their_own() {
    let mut person = gradient();
    person.menu("View", "Problems");
    person.key(Modifiers::NONE, Key::Escape);
    person.click("block x");
    assert!(person.reads("max 6 lies outside the nudged range"), "whatever is selected");
    person.enter("attribute x.value", "[1, 2]");
    assert!(person.reads("does not match gradients' shape"));
    person.click("close panel Problems");
    assert!(!person.sees("close panel Problems"));
}

#[test]
fn the_layout_comes_back_and_can_be_reset() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders { settings: home.path().join("settings"), data: home.path().join("data") };
    let mut person = Person::remembering(folders.clone(), &[page("fake_quant_gradient.json")]);
    let first = (rect(&person, "canvas"), rect(&person, "inspector"));
    // The inspector's tab is dragged below the palette.
    let (tab, to) = (person.place("Inspector"), rect(&person, "canvas").left_bottom() + vec2(-120.0, -10.0));
    person.drag(tab, to);
    let moved = rect(&person, "inspector");
    assert!(moved.left() < first.0.left(), "{moved} {}", first.1);
    person.menu("View", "Problems");
    person.key(Modifiers::NONE, Key::Escape);
    person.harness.run_steps(60);
    drop(person);
    let mut person = Person::remembering(folders.clone(), &[page("fake_quant_gradient.json")]);
    assert!((rect(&person, "inspector").min - moved.min).length() < 20.0, "{} {moved}", rect(&person, "inspector"));
    assert!(person.sees("close panel Problems"));
    person.menu("View", "Reset layout");
    let again = (rect(&person, "canvas"), rect(&person, "inspector"));
    assert!((again.0.min - first.0.min).length() < 3.0 && (again.1.min - first.1.min).length() < 3.0);
    assert!(!person.sees("close panel Problems"));
    person.harness.run_steps(60);
    drop(person);
    // A layout that is none is the first one, and the other settings stay.
    let file = home.path().join("settings/settings.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let mut settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    settings["look"]["layout"] = serde_json::json!({"Across": [[1.0, {"Pane": "Palette"}]]});
    settings["look"]["palette_open"] = false.into();
    std::fs::write(&file, settings.to_string()).unwrap();
    let person = Person::remembering(folders, &[page("fake_quant_gradient.json")]);
    assert!(person.sees("canvas") && person.sees("inspector") && !person.sees("Search blocks"));
}

#[test]
fn side_panels_keep_their_width_as_the_window_grows() {
    let mut person = gradient();
    let before = (rect(&person, "canvas"), rect(&person, "inspector").width());
    person.harness.set_size(vec2(1900.0, 940.0));
    person.settle();
    let after = rect(&person, "canvas");
    assert!((after.left() - before.0.left()).abs() < 2.0 && after.width() > before.0.width() + 380.0, "{after}");
    assert!((rect(&person, "inspector").width() - before.1).abs() < 4.0);
}
