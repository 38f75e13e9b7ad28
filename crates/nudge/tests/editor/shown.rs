//! What is shown, where, and what a screen reader hears of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::common::Person;
use crate::kept::two_pages;
use crate::{gradient, page};

pub fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// Names that more than one control has.
fn ambiguous(person: &Person) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for node in person.harness.query_all(egui_kittest::kittest::By::new().predicate(|_| true)) {
        let data = node.accesskit_node();
        let acts = data.data().supports_action(egui::accesskit::Action::Click);
        if let (Some(name), true) = (data.label(), acts) {
            *counts.entry(name).or_default() += 1;
        }
    }
    // The separators of the two panels are egui's.
    counts.into_iter().filter(|(name, n)| *n > 1 && name != "Resize panel").map(|(name, _)| name).collect()
}

#[test]
fn no_two_controls_have_one_name() {
    let mut person = Person::at(&[page("fake_quant_args.json")]);
    person.click("port fq.attrs");
    assert!(person.sees("attribute fq.max") && person.sees("attribute fq.max on the canvas"));
    assert_eq!(ambiguous(&person), Vec::<String>::new());
    person.click("Close");
    let mut person = gradient();
    let block = person.harness.get_by_label("block upstream").rect();
    person.double_click_at(egui::pos2(block.center().x - 40.0, block.bottom() - 28.0));
    assert!(person.sees("attribute upstream.value on the canvas"));
    assert_eq!(ambiguous(&person), Vec::<String>::new());
}

#[test]
fn every_number_on_the_screen_is_heard() {
    let mut person = gradient();
    person.click("block grad");
    let said = |name: &str| {
        let node = person.harness.get_by_label(name);
        let inside: Vec<String> = node.accesskit_node().children().filter_map(|child| child.value()).collect();
        inside.join(" ")
    };
    assert_eq!(said("grad.output[1]"), "2");
    assert_eq!(said("grad.inputs[0]"), "6, above the range");
    assert_eq!(said("grad.inputs[2]"), "-7, below the range");
    assert_eq!(said("grad.gradients[3]"), "4");
    assert_eq!(said("block grad"), "[0, 2, 0, 4]");
    assert_eq!(said("value range.max on the canvas"), "6");
    assert_eq!(said("nudged range of grad"), "nudged range -6.0235295 to 5.9764705");
    let mut person = Person::at(&[page("fake_quant_per_channel.json")]);
    person.click("block fq");
    assert!(person.sees("range of channel 1 of fq"));
    assert!(person.reads("1  given -1.5 to 1.2") && person.reads("nudged -1.5428572 to 1.1571429"));
}

#[test]
fn the_result_is_seen_first_in_a_small_window_and_fills_a_large_one() {
    let numbers = vec!["1"; 200].join(", ");
    let (_folder, path) = file(&format!(
        r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": [{numbers}]}}}},
        "fq": {{"type": "FakeQuantWithMinMaxArgs"}}}}, "wires": [["x.output", "fq.inputs"]]}}"#
    ));
    let mut rows = Vec::new();
    for size in [vec2(1024.0, 640.0), vec2(1280.0, 720.0), vec2(1600.0, 1000.0)] {
        let mut person = Person::sized(Harness::builder(), size, std::slice::from_ref(&path));
        person.click("block fq");
        let whole = (0..200).take_while(|i| {
            let name = format!("fq.output[{i}]");
            person.sees(&name) && person.harness.get_by_label(&name).rect().bottom() < size.y - 26.0
        });
        rows.push(whole.count());
    }
    assert!(rows[0] >= 5 && rows[1] >= rows[0] && rows[2] > rows[1] + 2, "{rows:?} rows are seen");
}

#[test]
fn sections_are_folded() {
    let mut person = gradient();
    person.click("block grad");
    assert!(person.sees("attribute grad.num_bits"));
    person.click("section ATTRIBUTES");
    assert!(!person.sees("attribute grad.num_bits"));
    person.click("block x");
    assert!(!person.sees("attribute x.value"), "it stays folded");
    person.click("section ATTRIBUTES");
    assert!(person.sees("attribute x.value"));
}

#[test]
fn what_is_merely_unconnected_is_not_wrong_and_moves_nothing() {
    let mut person = Person::at(&[]);
    let at = person.on_canvas(vec2(100.0, -100.0));
    let from = person.place("palette FakeQuantWithMinMaxArgsGradient");
    person.drag(from, at);
    assert!(person.reads("○ 2 to connect or set") && !person.reads("problem"));
    let before = person.place("port fake_quant_grad.inputs");
    person.click("block fake_quant_grad");
    person.enter("literal fake_quant_grad.gradients", "[1, 2]");
    person.enter("literal fake_quant_grad.inputs", "[5, -5]");
    assert_eq!(person.place("port fake_quant_grad.inputs"), before, "ports stay where they are");
    assert!(!person.reads("to connect or set"));
    person.enter("literal fake_quant_grad.inputs", "[1, 2, 3]");
    assert!(person.reads("● 1 problem"), "shapes that differ are wrong");
}

#[test]
fn the_status_bar_leads_to_all_that_there_is_to_say() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"grad": {"type": "FakeQuantWithMinMaxArgs", "inputs": {"inputs": [1]}},
        "lone": {"type": "Square"}, "wrong": {"type": "Square", "inputs": {"x": "text"}}}}"#,
    );
    let mut person = Person::at(&[path]);
    person.click("block grad");
    person.key(Modifiers::NONE, Key::Escape);
    assert!(person.sees("section WARNINGS"));
    person.click("block grad");
    person.click("● 1 problem");
    for section in ["section PROBLEMS", "section TO CONNECT OR SET", "section WARNINGS", "section BLOCKS"] {
        assert!(person.sees(section), "{section}");
    }
    assert!(person.reads("but its literal is string") && person.reads("is not connected"));
    person.click("go to wrong");
    assert!(person.sees("literal wrong.x"), "a click leads there");
}

#[test]
fn help_comes_with_f1_and_a_question_mark() {
    let mut person = gradient();
    for keys in [Key::F1, Key::Questionmark] {
        person.key(Modifiers::NONE, keys);
        assert!(person.reads("How to work here") && person.reads("Save as…"), "{keys:?}");
        person.key(Modifiers::NONE, Key::Enter);
        assert!(!person.reads("Share attributes"), "Enter closes it");
    }
    person.click("help");
    person.key(Modifiers::NONE, Key::Escape);
    assert!(!person.reads("Share attributes"));
}

#[test]
fn home_shows_everything_however_large_and_from_close_by() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": 1}}, "b": {"type": "Square"}},
        "wires": [["a.output", "b.x"]], "layout": {"a": [-900000, 0], "b": [900000, 3000]}}"#,
    );
    let mut person = Person::at(&[path]);
    person.key(Modifiers::NONE, Key::Home);
    assert!(person.sees("block a") && person.sees("block b"));
    let mut person = gradient();
    let at = person.place("block grad");
    person.harness.hover_at(at);
    for _ in 0..10 {
        person.harness.event(egui::Event::Zoom(1.3));
        person.harness.step();
    }
    assert!(!person.sees("block upstream"), "close by");
    person.key(Modifiers::NONE, Key::Home);
    assert!(["upstream", "x", "range", "grad"].iter().all(|id| person.sees(&format!("block {id}"))));
}

#[test]
fn blocks_without_a_place_stand_by_those_that_they_are_wired_to() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": 1}}, "far": {"type": "Square"},
        "b": {"type": "Square"}, "c": {"type": "Square"}, "lone": {"type": "Const", "attrs": {"value": 2}}},
        "wires": [["a.output", "far.x"], ["a.output", "b.x"], ["b.output", "c.x"]],
        "layout": {"a": [100, 100], "far": [800000, 800000]}}"#,
    );
    let mut person = Person::at(&[path]);
    person.click("go to a");
    person.key(Modifiers::COMMAND, Key::Num0);
    person.key(Modifiers::NONE, Key::Escape);
    person.click("go to a");
    let (a, b, c, lone) =
        (person.place("block a"), person.place("block b"), person.place("block c"), person.place("block lone"));
    assert!(b.x > a.x && b.x - a.x < 400.0 && (b.y - a.y).abs() < 200.0, "{a} {b}");
    assert!(c.x > b.x && (lone.x - a.x).abs() < 10.0 && lone.y > a.y && lone.y - a.y < 500.0, "{c} {lone}");
}

#[test]
fn a_set_that_is_dropped_at_the_edge_comes_into_view_with_what_is_not_as_by_default() {
    let mut person = Person::at(&[page("fake_quant_args.json")]);
    person.click("block fq");
    person.enter("attribute fq.max", "3");
    let canvas = person.harness.get_by_label("canvas").rect();
    let attrs = person.place("port fq.attrs");
    person.drag(attrs, egui::pos2(canvas.left() + 20.0, canvas.bottom() - 30.0));
    let block = person.harness.get_by_label("block attrs").rect();
    assert!(canvas.expand(1.0).contains_rect(block), "{block} in {canvas}");
    assert_eq!(person.value("attribute attrs.max"), "3");
    assert!(!person.sees("attribute attrs.min"));
    person.click("add attrs.min");
    assert_eq!(person.value("attribute attrs.min"), "-6", "the others follow on demand");
}

#[test]
fn wired_values_are_not_edited_on_the_canvas() {
    let mut person = gradient();
    let at = person.place("port grad.inputs");
    person.double_click_at(at + vec2(40.0, 0.0));
    assert!(!person.sees("literal grad.inputs on the canvas"));
    assert!(person.reads("grad.inputs comes from x.output; change it there, or take off the wire."));
    person.click("block x");
    assert!(!person.sees("edit grad.inputs"));
}

#[test]
fn names_of_one_family_look_different_however_narrow() {
    let registry = crate::common::registry();
    let names: Vec<&str> = registry.iter().map(|ty| &*ty.spec.name).collect();
    for room in 16..60 {
        let fits = |text: &str| text.chars().count() <= room;
        let mut shown: Vec<String> = names.iter().map(|name| node_editor::widgets::elide::middle(name, fits)).collect();
        shown.sort();
        let all = shown.len();
        shown.dedup();
        assert_eq!(shown.len(), all, "{room} characters: {shown:?}");
    }
}

#[test]
fn results_stay_with_their_block() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": [1]}},
        "b": {"type": "Const", "attrs": {"value": [2]}}}}"#,
    );
    let mut person = Person::at(&[path]);
    assert_eq!(person.value("block a"), "[1]");
    person.click("Run as you edit");
    person.click("block a");
    person.key(Modifiers::NONE, Key::Delete);
    person.click("block b");
    person.key(Modifiers::NONE, Key::F2);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("a");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("block a"), "[2]", "its own, not what another of this name gave");
    assert!(person.reads("changed since the last run"));
}

#[test]
fn results_of_before_an_edit_say_so() {
    let (_folder, paths) = two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("Run as you edit");
    person.click("block x");
    assert!(!person.reads("before the last edit"));
    person.enter("attribute x.value", "[3]");
    assert_eq!(person.value("x.output[0]"), "1");
    assert!(person.reads("before the last edit"));
    person.key(Modifiers::NONE, Key::Escape);
    person.key(Modifiers::NONE, Key::F5);
    person.click("block x");
    assert_eq!(person.value("x.output[0]"), "3");
    assert!(!person.reads("before the last edit"));
}

#[test]
fn popups_stay_on_the_canvas_and_tooltips_are_words() {
    let mut person = Person::sized(Harness::builder(), vec2(1024.0, 640.0), &[page("fake_quant_gradient.json")]);
    let canvas = person.harness.get_by_label("canvas").rect();
    person.double_click_at(egui::pos2(canvas.left() + 12.0, canvas.bottom() - 12.0));
    let lowest = person
        .harness
        .get_all_by_role(egui::Role::Button)
        .filter(|node| node.accesskit_node().label().is_some_and(|name| name.starts_with("add ")));
    let lowest = lowest.map(|node| node.rect().bottom()).fold(0.0, f32::max);
    assert!(lowest > 0.0 && lowest <= canvas.bottom(), "{lowest} of {canvas}");
    person.key(Modifiers::NONE, Key::Escape);
    person.click("block grad");
    for port in ["gradients", "inputs", "attrs"] {
        let at = person.place(&format!("port grad.{port}"));
        person.harness.hover_at(at);
        person.settle();
        let heard = person.hears().join("\n");
        assert!(!heard.contains('`'), "{port}: {heard}");
    }
}

/// Ten thousand blocks that hang on one and have no place: each gets its own, and nobody waits for it.
#[test]
fn many_blocks_without_a_place_are_placed_in_no_time() {
    let blocks: Vec<String> = (0..10_000).map(|i| format!(r#""s{i}": {{"type": "Square"}}"#)).collect();
    let wires: Vec<String> = (0..10_000).map(|i| format!(r#"["a.output", "s{i}.x"]"#)).collect();
    let text = format!(
        r#"{{"nudge": 1, "blocks": {{"a": {{"type": "Const", "attrs": {{"value": 1}}}}, {}}}, "wires": [{}],
        "layout": {{"a": [0, 0]}}}}"#,
        blocks.join(", "),
        wires.join(", ")
    );
    let registry = crate::common::registry();
    let page = node_io::page_file::parse(text.as_bytes()).unwrap();
    let begun = std::time::Instant::now();
    let document =
        node_editor::state::document::Document::new(page, "p".to_owned(), None, Default::default(), &registry);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let mut places: Vec<(i64, i64)> = document.places.values().map(|p| (p.x as i64, p.y as i64)).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 10_001, "no two in one place");
}

#[test]
fn at_rest_nothing_is_painted_again() {
    let mut person = gradient();
    let spots = ["canvas", "block grad", "port grad.inputs", "palette Const", "result grad.output"];
    for (selected, spot) in
        [("block x", spots[0]), ("block x", spots[1]), ("block x", spots[2]), ("block grad", spots[4])]
    {
        person.click(selected);
        let at = person.place(spot);
        person.harness.hover_at(at);
        person.settle();
        (0..120).for_each(|_| person.harness.step());
        let causes = person.harness.ctx.repaint_causes();
        assert!(!person.harness.ctx.has_requested_repaint(), "{spot}: {causes:?}");
    }
}

/// A page of its own, to look at.
fn shown(page: &str) -> (tempfile::TempDir, Person) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.json");
    std::fs::write(&path, page).unwrap();
    let person = Person::at(std::slice::from_ref(&path));
    (folder, person)
}

#[test]
fn at_a_quantizer_stand_input_integer_output_and_error() {
    let (_folder, mut person) = shown(
        r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [6, -6, -7, 0.01, "NaN"]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"}, "g": {"type": "FakeQuantWithMinMaxArgsGradient"}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "g.inputs"], ["x.output", "g.gradients"]]}"#,
    );
    person.click("block fq");
    let column = |name: &str| -> Vec<String> { (0..4).map(|i| person.value(&format!("fq.{name}[{i}]"))).collect() };
    assert_eq!(column("q"), ["255", "1", "0", "128"]);
    let outputs = column("output");
    assert_eq!(outputs, ["5.9764705", "-5.9764705", "-6.0235295", "0"]);
    for (row, x) in [6f32, -6.0, -7.0, 0.01].into_iter().enumerate() {
        let error = outputs[row].parse::<f32>().unwrap() - x;
        assert_eq!(column("error")[row].parse::<f32>().unwrap(), error, "row {row}");
    }
    person.click("block g");
    assert!(!person.sees("g.q[0]") && !person.sees("g.error[0]"), "a gradient is no quantized value");
}

#[test]
fn of_millions_of_rows_each_can_be_gone_to() {
    let (_folder, mut person) = shown(
        r#"{"nudge": 1, "blocks": {"f": {"type": "Fill", "inputs": {"dims": [10000000, 2], "value":
        {"dtype": "int8", "shape": [], "data": 7}}}}}"#,
    );
    person.click("block f");
    let begun = std::time::Instant::now();
    while !person.sees("f.output[0, 0]") {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60));
        std::thread::sleep(std::time::Duration::from_millis(50));
        person.settle();
    }
    person.enter("go to f.output", "[-1]");
    assert_eq!(person.value("f.output[9999999, 0]"), "7");
    assert!(person.sees("f.output[9999999, 1]") && !person.sees("f.output[0, 0]"));
    person.enter("go to f.output", "5000000, 1");
    assert!(person.sees("f.output[5000000, 1]") && person.sees("f.output[4999999, 0]"));
    // By the wheel one comes to the neighbours, however far down.
    let over = person.place("f.output[5000000, 1]");
    person.harness.hover_at(over);
    for _ in 0..40 {
        let (unit, delta) = (egui::MouseWheelUnit::Point, vec2(0.0, -22.0));
        let phase = egui::TouchPhase::Move;
        person.harness.event(egui::Event::MouseWheel {
            unit,
            delta,
            phase,
            modifiers: egui::Modifiers::NONE,
            source: egui::MouseWheelSource::Wheel,
        });
        person.harness.step();
    }
    person.settle();
    assert!(!person.sees("f.output[4999999, 0]"));
    let near = |person: &Person| (5000001..5000080).any(|row| person.sees(&format!("f.output[{row}, 0]")));
    assert!(near(&person), "not far away");
    // The bar goes anywhere.
    let bar = person.place("rows of f.output");
    person.drag(bar, bar + vec2(0.0, 2000.0));
    assert!(person.sees("f.output[9999999, 1]"));
    person.enter("go to f.output", "nowhere");
    assert!(person.sees("f.output[9999999, 1]"), "what is no index goes nowhere");
}

/// How far a table is scrolled is its panel's and its page's, though blocks are called the same.
#[test]
fn tables_of_one_name_are_scrolled_apart() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a.json", "b.json"].map(|name| folder.path().join(name));
    for path in &paths {
        let page = r#"{"nudge": 1, "blocks": {"f": {"type": "Fill", "inputs": {"dims": [1000], "value": 7}}}}"#;
        std::fs::write(path, page).unwrap();
    }
    let mut person = Person::at(&paths);
    person.click("block f");
    person.menu("View", "Pin in an inspector");
    let fields = |person: &Person| -> Vec<egui::Pos2> {
        person.harness.query_all_by_label("go to f.output").map(|node| node.rect().center()).collect()
    };
    let count = |person: &Person, name: &str| person.harness.query_all_by_label(name).count();
    assert_eq!((fields(&person).len(), count(&person, "f.output[0]")), (2, 2));
    let first = fields(&person)[0];
    person.click_at(first);
    person.type_text("999");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!((count(&person, "f.output[0]"), count(&person, "f.output[999]")), (1, 1), "the other stays");
    person.click("page b");
    person.click("block f");
    assert_eq!(count(&person, "f.output[0]") + count(&person, "f.output[999]"), 2);
    assert!(count(&person, "f.output[0]") >= 1, "another page's is where it was");
}
