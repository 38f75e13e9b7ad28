//! What is asked of a page as a whole: where error arises, what becomes of gradients, sweeps; and ranges for quantizers.

use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::common::{Person, root};
use crate::shown::file;

fn at(page: &str) -> Person {
    Person::at(&[root().join("pages").join(page)])
}

/// Waits until something reads so.
fn until(person: &mut Person, what: impl Fn(&Person) -> bool) {
    for _ in 0..600 {
        person.harness.run_steps(2);
        if what(person) {
            person.settle();
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let heard: Vec<String> = person.hears().into_iter().filter(|heard| !heard.starts_with("G")).collect();
    panic!("it does not come: {heard:?}");
}

/// Presses a button, also one that is to be scrolled to.
fn press(person: &mut Person, name: &str) {
    person.harness.get_all_by_label(name).next().unwrap().click_accesskit();
    person.settle();
}

fn open(person: &mut Person, action: &str) {
    person.click("Run");
    person.click(action);
}

#[test]
fn error_is_shown_where_it_arises() {
    let mut person = at("qat_step.json");
    open(&mut person, "Error against float");
    until(&mut person, |person| person.sees("error of fq.output"));
    assert!(person.reads("Beside the page with fq, grad muted"), "{:?}", person.hears());
    // 3.98 dB: what grad adds by stopping two of five gradients; 31.03 dB: what fq adds.
    let heard = person.hears().join("\n");
    let place = |text: &str| heard.find(text).unwrap_or_else(|| panic!("{text} in {heard}"));
    assert!(place("error of grad.output") < place("error of fq.output"), "the worst comes first");
    assert!(place("error of fq.output") < place("error of e.output"), "what adds nothing comes behind");
    for text in ["3.98 dB", "31.03 dB", "0.774597", "0 in float", "5 of 12 outputs are the same on both paths."] {
        assert!(person.reads(text), "{text}: {heard}");
    }
    assert!(person.description("block fq").contains("SQNR 31.03 dB"), "{}", person.description("block fq"));
    // The range from one set goes to both: with a wider one nothing is clipped.
    person.click("block range");
    person.enter("attribute range.max", "7");
    until(&mut person, |person| !person.reads("3.98 dB"));
    person.click("error of fq.output");
    assert!(person.sees("attribute fq.max"), "its block is shown");
    person.click("analysis Gradients");
    until(&mut person, |person| person.sees("audit of grad"));
    assert!(!person.description("block fq").contains("SQNR"), "blocks are told of what is asked now");
}

#[test]
fn gradients_are_audited_by_block_channel_and_chain() {
    let mut person = at("qat_step.json");
    open(&mut person, "Gradient audit");
    until(&mut person, |person| person.sees("audit of grad"));
    for text in ["3 (60.0 %)", "2 (40.0 %)", "63.2 %", "grad.output lets through 77.5 %", "together 63.2 %"] {
        assert!(person.reads(text), "{text}: {:?}", person.hears());
    }
    assert!(person.description("block grad").contains("stops 63.2 % of the norm"));
    let mut person = at("fake_quant_per_channel_gradient.json");
    open(&mut person, "Gradient audit");
    until(&mut person, |person| person.sees("audit of grad"));
    assert!(person.reads("in force") && person.reads("channel 1"), "{:?}", person.hears());
    let mut person = at("fake_quant_args.json");
    open(&mut person, "Gradient audit");
    until(&mut person, |person| person.reads("No block of this page stops gradients"));
}

#[test]
fn a_sweep_grows_and_sets_what_is_chosen() {
    let mut person = at("qat_step.json");
    open(&mut person, "Sweep…");
    person.enter("vary attribute", "range.max");
    person.enter("vary values", "1,3,6");
    person.enter("sweep measure", "mse.outptu");
    person.click("begin the sweep");
    assert!(person.reads("Mean has no output 'outptu'"), "{:?}", person.hears());
    person.enter("sweep measure", "mse.output");
    person.click("begin the sweep");
    until(&mut person, |person| person.sees("set range.max to 6"));
    assert!(person.sees("plot of mse.output"));
    assert!(person.reads("3.5405014"), "as `nudge sweep` says: {:?}", person.hears());
    person.click("set range.max to 3");
    person.click("block range");
    assert_eq!(person.value("attribute range.max"), "3");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("attribute range.max"), "5.8", "one step of undo");
    // A click at a point of the plot, here the leftmost.
    let plot = person.harness.get_by_label("plot of mse.output").rect();
    person.click_at(egui::pos2(plot.left() + 60.0, plot.center().y));
    assert_eq!(person.value("attribute range.max"), "1");
    person.key(Modifiers::COMMAND, Key::Z);
    // Two attributes, and a combination that the page cannot have.
    person.enter("vary values", "-1,2");
    person.enter("and vary attribute", "range.num_bits");
    person.enter("and vary values", "4,8");
    person.click("begin the sweep");
    until(&mut person, |person| person.sees("set range.max, range.num_bits to 2, 8"));
    assert!(person.reads("min has to be smaller than max"), "{:?}", person.hears());
    assert!(person.reads("mse.output over range.num_bits (across) and range.max (up)"));
    person.enter("and vary attribute", "range.max");
    person.click("begin the sweep");
    assert!(person.reads("range.max is varied twice"));
}

#[test]
fn what_is_varied_is_offered() {
    let mut person = at("qat_step.json");
    open(&mut person, "Sweep…");
    person.click("choose what to vary");
    person.click("range.num_bits");
    assert_eq!(person.value("vary attribute"), "range.num_bits");
    assert_eq!(person.value("vary values"), "2:16:15");
    person.click("choose measure");
    person.click("sqnr(fq.output,y.output)");
    person.click("begin the sweep");
    until(&mut person, |person| person.sees("set range.num_bits to 2"));
}

#[test]
fn a_sweep_is_stopped() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"dims": {"type": "Const", "attrs": {"value": [3000000]}},
        "x": {"type": "Fill", "inputs": {"value": 1.5}}, "q": {"type": "FakeQuantWithMinMaxArgs"},
        "s": {"type": "Mean", "inputs": {"axis": [0]}}},
        "wires": [["dims.output", "x.dims"], ["x.output", "q.inputs"], ["q.output", "s.input"]]}"#,
    );
    let mut person = Person::at(&[path]);
    open(&mut person, "Sweep…");
    person.enter("vary attribute", "q.max");
    person.enter("vary values", "1:8:20000");
    person.enter("sweep measure", "s.output");
    person.harness.get_by_label("begin the sweep").click_accesskit();
    // Each figure has the window drawn anew.
    while !person.sees("set q.max to 1") {
        person.harness.run_steps(2);
    }
    assert!(person.sees("sweep progress"));
    person.harness.get_by_label("Stop the sweep").click_accesskit();
    person.harness.run_steps(4);
    assert!(person.sees("begin the sweep") && !person.sees("sweep progress"));
    while person.harness.state().editor().is_studying() {
        person.harness.run_steps(2);
    }
}

#[test]
fn ranges_are_proposed_and_set_where_they_come_from() {
    let mut person = at("qat_step.json");
    person.click("block fq");
    person.click("propose ranges for fq");
    until(&mut person, |person| person.sees("proposal min-max for fq"));
    assert_eq!(person.value("proposal min-max for fq"), "0 to 6");
    let now = person.description("proposal as it is for fq");
    assert!(now.contains("clipped 40.00 %") && now.contains("gradient stopped 63.25 %"), "{now}");
    assert!(person.reads("least error"), "the best is told");
    press(&mut person, "set range of fq: min-max");
    person.click("block range");
    assert_eq!(person.value("attribute range.max"), "6", "in the set that it comes from");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("attribute range.max"), "5.8");
    // The data of a run are kept beside those of the next.
    person.click("block fq");
    press(&mut person, "keep data of fq");
    person.click("block w");
    person.enter("attribute w.value", "0.1");
    person.click("block fq");
    until(&mut person, |person| person.sees("set range of fq: min-max"));
    assert!(person.reads("and of 1 run kept"));
    assert_eq!(person.value("proposal min-max for fq"), "0 to 6", "of both runs");
    press(&mut person, "forget data of fq");
    until(&mut person, |person| person.value("proposal min-max for fq") != "0 to 6");
}

#[test]
fn what_the_data_say_is_mended_from_the_list() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [0.5, 1, 5, 9]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 6}},
        "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": 0, "max": 4}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "grad.inputs"], ["x.output", "grad.gradients"]]}"#,
    );
    let mut person = Person::at(&[path]);
    assert!(person.reads("25 % of the elements are clipped"), "{:?}", person.hears());
    assert!(person.reads("forward and backward do not go together"));
    assert_eq!(person.value("block grad"), "[0.5, 1, 0, 0]");
    press(&mut person, "Share the attributes of fq");
    assert!(person.sees("wire attrs.attrs to fq.attrs") && person.sees("wire attrs.attrs to grad.attrs"));
    assert_eq!(person.value("block grad"), "[0.5, 1, 5, 0]", "with the range of fq");
    assert!(!person.reads("do not go together"));
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block grad"), "[0.5, 1, 0, 0]", "one step of undo");
    person.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    // A set that is there is taken.
    person.click_at(person.on_canvas(egui::vec2(0.0, -380.0)));
    press(&mut person, "Set to [0, 9]");
    assert!(!person.reads("of the elements are clipped"));
    assert!(person.value("value attrs.max on the canvas").contains('9'), "in the set: {:?}", person.hears());
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.reads("25 % of the elements are clipped"));
    press(&mut person, "warn of clipped percent");
    person.type_text("30");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(!person.reads("of the elements are clipped"), "{:?}", person.hears());
}

#[test]
fn a_gradient_block_takes_the_set_that_its_forward_block_has() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [0.5, 1, 5]}},
        "r": {"type": "Attrs", "attrs": {"min": 0, "max": 6}}, "fq": {"type": "FakeQuantWithMinMaxArgs"},
        "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": 0, "max": 4}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "grad.inputs"], ["x.output", "grad.gradients"],
            ["r.attrs", "fq.attrs"]]}"#,
    );
    let mut person = Person::at(&[path]);
    press(&mut person, "Share the attributes of fq");
    assert!(person.sees("wire r.attrs to grad.attrs"));
    assert_eq!(person.value("block grad"), "[0.5, 1, 5]");
    person.click("block grad");
    assert_eq!(person.value("attribute grad.max"), "6");
}

#[test]
fn a_report_and_pictures_are_saved_from_the_menu() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = at("qat_step.json");
    for (name, begins) in [("r.html", "<!DOCTYPE html>"), ("r.svg", "<svg"), ("r.png", "\u{fffd}PNG")] {
        let path = folder.path().join(name);
        person.menu("File", "Save report…");
        type_file(&mut person, &path);
        until(&mut person, |_| path.exists());
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(text.starts_with(begins), "{name}");
        assert_eq!(text.contains("31.03 dB"), name == "r.html");
    }
    person.menu("File", "Save report…");
    type_file(&mut person, &folder.path().join("r.txt"));
    assert!(person.reads("The file must end in .html, .svg or .png;"), "{:?}", person.hears());
}

#[test]
fn a_graph_is_exported_from_the_menu() {
    let folder = tempfile::tempdir().unwrap();
    let mut person = at("qat_step.json");
    for (name, begins) in
        [("g.pbtxt", "node {\n  name: \"qat_step/"), ("g.py", "\"\"\"The page qat_step"), ("g.pb", "\n")]
    {
        let path = folder.path().join(name);
        person.menu("File", "Export to TensorFlow…");
        type_file(&mut person, &path);
        until(&mut person, |_| path.exists());
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        assert!(text.starts_with(begins), "{name}: {text}");
    }
}

fn type_file(person: &mut Person, path: &std::path::Path) {
    person.click("File name");
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text(&path.to_string_lossy());
    person.click("Save");
}

#[test]
fn sharing_mends_what_differs_and_nothing_else() {
    for (blocks, wires) in [
        // The other has a part from a set, and a part of its own.
        (
            r#""r": {"type": "Attrs", "attrs": {"num_bits": 4}}, "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 6}},
            "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": 0, "max": 4}}"#,
            r#", ["r.attrs", "fq.attrs"]"#,
        ),
        // This one has a set of its own.
        (
            r#""r": {"type": "Attrs", "attrs": {"min": 0, "max": 6}}, "s": {"type": "Attrs", "attrs": {"num_bits": 4}},
            "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"num_bits": 4}}, "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": 0, "max": 4}}"#,
            r#", ["r.attrs", "fq.attrs"], ["s.attrs", "grad.attrs"]"#,
        ),
        // Both have one.
        (
            r#""r": {"type": "Attrs", "attrs": {"max": 6}}, "s": {"type": "Attrs", "attrs": {"max": 4}},
            "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0}}, "grad": {"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {"min": 0}}"#,
            r#", ["r.attrs", "fq.attrs"], ["s.attrs", "grad.attrs"]"#,
        ),
    ] {
        let (_folder, path) = file(&format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": [0.5, 1, 5]}}}}, {blocks}}},
            "wires": [["x.output", "fq.inputs"], ["x.output", "grad.inputs"], ["x.output", "grad.gradients"]{wires}]}}"#
        ));
        let mut person = Person::at(&[path]);
        assert!(person.reads("do not go together"), "{blocks}");
        press(&mut person, "Share the attributes of fq");
        assert!(!person.reads("do not go together"), "{blocks}: {:?}", person.hears());
        assert_eq!(person.value("block grad"), "[0.5, 1, 5]", "{blocks}");
        let bits = |person: &mut Person, block: &str| {
            person.click(&format!("block {block}"));
            person.value(&format!("attribute {block}.num_bits"))
        };
        assert_eq!(bits(&mut person, "fq"), bits(&mut person, "grad"), "{blocks}");
        person.key(Modifiers::COMMAND, Key::Z);
        assert_eq!(person.value("block grad"), "[0.5, 1, 0]", "one step: {blocks}");
    }
}

#[test]
fn a_gradient_is_added_in_one_step() {
    let page = r#"{"nudge": 1, "blocks": {
        "w": {"type": "Const", "attrs": {"value": [[0.5], [1]]}}, "x": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4]]}},
        "m": {"type": "MatMul"}, "loss": {"type": "Mean", "inputs": {"axis": [0, 1]}}},
        "wires": [["x.output", "m.a"], ["w.output", "m.b"], ["m.output", "loss.input"]],
        "layout": {"w": [0, 200], "x": [0, 0], "m": [300, 0], "loss": [600, 0]}}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.json");
    std::fs::write(&path, page).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block m");
    person.click("Edit");
    person.click("Add gradient…");
    // m is no scalar: what stands in the way is told where it is asked for.
    person.click("w.output");
    person.click("Add");
    assert!(
        person.reads("m.output: is of shape [2, 1]; only a scalar has a gradient by itself"),
        "{:?}",
        person.hears()
    );
    person.click("gradient of");
    person.click("loss.output");
    person.click("w.output");
    person.click("Add");
    person.settle();
    assert!(person.sees("block w_grad"), "{:?}", person.hears());
    person.click("block w_grad");
    assert!(person.sees("result w_grad.output"), "{:?}", person.hears());
    until(&mut person, |person| person.sees("w_grad.output[1, 0]"));
    assert_eq!(person.value("w_grad.output[1, 0]"), "3");
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(!person.sees("block w_grad"));
    assert!(person.sees("block loss"));
}

/// A regression whose weight comes to 3 from 1 by a tenth of the way in each step.
const TRAINED: &str = r#"{"nudge": 1, "blocks": {
    "w": {"type": "Variable", "inputs": {"initial": 1}}, "goal": {"type": "Const", "attrs": {"value": 3}},
    "error": {"type": "Sub"}, "loss": {"type": "Square"},
    "down": {"type": "ApplyGradientDescent", "inputs": {"alpha": 0.1}}},
    "wires": [["w.output", "error.x"], ["goal.output", "error.y"], ["error.output", "loss.x"], ["w.output", "down.var"],
        ["error.output", "down.delta"]],
    "layout": {"w": [0, 0], "goal": [0, 200], "error": [300, 0], "loss": [600, 0], "down": [600, 200]}}"#;

fn trained() -> (Person, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trained.json");
    std::fs::write(&path, TRAINED).unwrap();
    (Person::at(&[path]), folder)
}

#[test]
fn steps_train_a_page_and_its_file_stays() {
    let (mut person, folder) = trained();
    let path = folder.path().join("trained.json");
    person.click("block w");
    until(&mut person, |person| person.sees("result w.output"));
    // An edit, or a run, makes no step.
    person.click("Run");
    person.click("Run now");
    person.settle();
    assert_eq!(person.value("w.output[]"), "1");
    person.click("block w");
    person.key(Modifiers::NONE, Key::F8);
    until(&mut person, |person| person.reads("1 step made."));
    until(&mut person, |person| person.value("w.output[]") == "1.2");
    person.harness.get_by_label("number of steps").click();
    person.type_text("9");
    person.click("make the steps");
    until(&mut person, |person| person.reads("10 steps made."));
    until(&mut person, |person| person.value("w.output[]").starts_with("2.30264"));
    // The course of a scalar, in the panel and in the inspector.
    assert!(person.sees("plot of courses"), "{:?}", person.hears());
    person.click("block loss");
    until(&mut person, |person| person.sees("course of loss.output"));
    // What has come of it is no change of the page, unless it is kept.
    assert_eq!(std::fs::read_to_string(&path).unwrap(), TRAINED);
    assert!(!person.page_text().contains("2.30264"));
    person.click("keep these values");
    assert!(person.page_text().contains("2.30264"), "{}", person.page_text());
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(!person.page_text().contains("2.30264"));
    person.click("reset the training");
    person.click("block w");
    until(&mut person, |person| person.value("w.output[]") == "1");
    assert!(person.reads("No step made."));
}

#[test]
fn steps_go_on_until_they_are_stopped() {
    let (mut person, _folder) = trained();
    person.click("Run");
    person.click("Training…");
    person.click("steps until stopped");
    until(&mut person, |person| person.sees("stop the steps") && !person.reads("0 steps"));
    person.click("stop the steps");
    until(&mut person, |person| person.sees("make one step"));
    person.click("block w");
    until(&mut person, |person| {
        person.sees("w.output[]") && person.value("w.output[]").starts_with("2.99") || person.value("w.output[]") == "3"
    });
}

#[test]
fn a_step_that_fails_leaves_the_state_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fails.json");
    let page = r#"{"nudge": 1, "blocks": {
        "n": {"type": "Variable", "inputs": {"initial": 2}}, "less": {"type": "AssignSub", "inputs": {"value": 1}},
        "log": {"type": "Log"}, "sure": {"type": "CheckNumerics", "attrs": {"message": "too far"}}},
        "wires": [["n.output", "less.ref"], ["n.output", "log.x"], ["log.output", "sure.tensor"]]}"#;
    std::fs::write(&path, page).unwrap();
    let mut person = Person::at(&[path]);
    person.click("Run");
    person.click("Training…");
    person.harness.get_by_label("number of steps").click();
    person.type_text("9");
    person.click("make the steps");
    // ln 2, ln 1, ln 0.
    until(&mut person, |person| person.reads("step 2: sure.tensor: too far: element [] is -Infinity"));
    assert!(person.reads("2 steps made."), "{:?}", person.hears());
}

#[test]
fn a_literal_under_another_name_of_its_port_is_shown_and_edited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alias.json");
    let page = r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4]]}},
        "s": {"type": "Sum", "inputs": {"reduction_indices": 0}}}, "wires": [["c.output", "s.input"]]}"#;
    std::fs::write(&path, page).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block s");
    assert_eq!(person.value("literal s.axis"), "0");
    person.enter("literal s.axis", "1");
    assert!(person.page_text().contains(r#""reduction_indices": 1"#), "{}", person.page_text());
    assert!(!person.page_text().contains("axis"), "{}", person.page_text());
}
