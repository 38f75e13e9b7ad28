//! How outputs are, why elements have their values, and what can be done about a warning.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::common::{Person, root};
use crate::results::eight;
use crate::shown::file;

#[test]
fn every_output_tells_how_it_is() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [-9, -2, 0.5, 3, 5, 7, "NaN", "Infinity"]}},
        "up": {"type": "Const", "attrs": {"value": ["NaN", 1, 1, 1, 1, 1, 1, 1]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"},
        "narrow": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": -1, "max": 1}},
        "whole": {"type": "Const", "attrs": {"value": {"dtype": "int32", "data": [1, 2, 3]}}},
        "grad": {"type": "FakeQuantWithMinMaxVarsGradient", "inputs": {"min": -1.0, "max": 1.0}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "narrow.inputs"], ["x.output", "grad.inputs"],
            ["up.output", "grad.gradients"]]}"#,
    );
    let mut person = Person::at(&[path]);
    // Of two ranges the one that cuts off more.
    let narrow = "narrow.inputs: 25.0 % below · 12.5 % inside · 50.0 % above · 1 infinite · 1 NaN";
    let wide = "fq.inputs: 12.5 % below · 50.0 % inside · 25.0 % above · 1 infinite · 1 NaN";
    assert_eq!(person.value("port x.output"), narrow);
    assert_eq!(person.value("port up.output"), "7 finite · 1 NaN", "a gradient that is let through is not quantized");
    assert_eq!(person.value("port fq.output"), "7 finite · 1 NaN");
    assert_eq!(person.value("port whole.output"), "all finite");
    // TensorFlow multiplies gradients by a mask: NaN times 0 stays NaN, in every sum.
    assert_eq!(person.value("port grad.backprops_wrt_input"), "7 finite · 1 NaN");
    assert_eq!(person.value("port grad.backprop_wrt_min"), "all NaN");
    let at = person.place("port x.output") - egui::vec2(24.0, 0.0);
    person.harness.hover_at(at);
    person.settle();
    let heard = person.hears().join(" ");
    for piece in ["narrow.inputs:", "25.0 % below", "fq.inputs:", "50.0 % inside", "1 infinite", "1 NaN"] {
        assert!(heard.contains(piece), "{piece} of {narrow} and {wide}: {heard}");
    }
    // A range that is another tells so at what it quantizes.
    person.click("block narrow");
    person.enter("attribute narrow.max", "100");
    assert!(person.value("port x.output").starts_with("grad.inputs: 25.0 % below"), "{:?}", person.hears());
}

#[test]
fn a_click_at_an_element_tells_why_it_has_its_value() {
    let mut person = Person::at(&[root().join("pages/qat_step.json")]);
    person.click("block fq");
    person.click("why fq.output[4]");
    let because = "because inputs[4] = 6 lies above the nudged max 5.8, which is q = 255";
    assert!(person.reads(because), "{:?}", person.hears());
    assert!(!person.reads("scale = (max - min) / (quant_max - quant_min)"), "steps unfold");
    person.click("steps of fq.output[4]");
    assert!(person.reads("scale = (max - min) / (quant_max - quant_min)"));
    person.click("steps of fq.output[4]");
    person.click("unfold y.output[4]");
    assert!(person.reads("min(max(features[4], 0), 6) = min(max(6.65, 0), 6)"), "{:?}", person.hears());
    person.click("unfold xw.output[4]");
    assert!(person.reads("x[4] × y = 9.5 × 0.7"), "{:?}", person.hears());
    // A link leads to the element and its block.
    person.click("go to y.output[4]");
    assert!(person.reads("y.output[4] = 6") && person.sees("why y.output[4]"), "{:?}", person.hears());
    // It follows the page, and goes with undo.
    person.click("block fq");
    person.click("why fq.output[1]");
    assert!(person.reads("q = 15"), "{:?}", person.hears());
    person.click("block range");
    person.enter("attribute range.max", "0.3");
    person.click("block fq");
    assert!(person.reads("because inputs[1] = 0.35 lies above the nudged max 0.3"), "{:?}", person.hears());
    // The same click once more closes it; keys do so too.
    person.click("why fq.output[1]");
    assert!(!person.sees("close why"));
    person.click("why fq.output[3]");
    assert!(person.sees("close why"));
    person.click("close why");
    assert!(!person.sees("close why") && !person.reads("lies above the nudged max"));
    // The element of a loss: of a sum the largest terms.
    person.click("block mse");
    person.click("why mse.output[]");
    assert!(person.reads("(input[4] + input[3] + input[2] + input[1] + input[0]) / 5"), "{:?}", person.hears());
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.reads("(input[4] + input[3] + input[1] + input[2] + input[0]) / 5"), "{:?}", person.hears());
}

#[test]
fn grid_and_picture_tell_why_too() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block grad");
    person.click("view Grid");
    person.click("why grad.output[0, 2]");
    let stopped = "gradients[0, 2] × 0 = 3 × 0, because inputs[0, 2] = -7 lies below the nudged min -6.0235295";
    assert!(person.reads(stopped), "{:?}", person.hears());
    person.click("close why");
    person.click("view Picture");
    let at = person.place("picture of grad.output");
    let rect = person.harness.get_by_label("picture of grad.output").rect();
    let corner = rect.left_top() + egui::vec2(rect.width() * 0.05, rect.height() * 0.1);
    person.click_at(corner);
    assert!(person.reads("gradients[0, 0] × 0 = 1 × 0"), "{at} {:?}", person.hears());
}

#[test]
fn a_warning_is_done_away_with_by_a_click_where_the_range_comes_from() {
    let mut person = Person::at(&[root().join("pages/fake_quant_gradient.json")]);
    person.click("block grad");
    let outside = "max 6 lies outside the nudged range";
    assert!(person.reads(outside), "{:?}", person.hears());
    person.click("Widen to [-6, 6.047244]");
    assert!(!person.reads(outside) && person.reads("nudged range -6 to 6.047244"), "{:?}", person.hears());
    // The set has it, and so has every block that it feeds.
    assert_eq!(person.value("value range.max on the canvas"), "6.047244");
    assert_eq!(person.value("block grad"), "[1, 2, 0, 4]", "6 gets its gradient");
    person.key(Modifiers::COMMAND, Key::Z);
    assert!(person.reads(outside), "one step of undo takes it back");
    person.click("Set narrow_range");
    assert!(!person.reads(outside) && person.reads("nudged range -6 to 6"), "{:?}", person.hears());
    // Literals of inputs are set there; what a wire gives cannot be.
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [1, 7]}}, "low": {"type": "Const", "attrs": {"value": 1}},
        "fq": {"type": "FakeQuantWithMinMaxVars", "inputs": {"min": 2.0, "max": 5.0}},
        "wired": {"type": "FakeQuantWithMinMaxVars", "inputs": {"max": 5.0}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "wired.inputs"], ["low.output", "wired.min"]]}"#,
    );
    let mut person = Person::at(&[path]);
    person.click("block fq");
    person.click("Let min be 0");
    assert_eq!(person.value("literal fq.min"), "0", "{:?}", person.hears());
    assert!(!person.reads("does not hold 0"));
    person.click("block wired");
    assert!(person.reads("does not hold 0") && !person.sees("Let min be 0"));
}

#[test]
fn what_would_break_a_block_is_not_offered() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [[1], [7]]}},
        "fq": {"type": "FakeQuantWithMinMaxVarsPerChannel", "inputs": {"min": [-6], "max": [6]}}},
        "wires": [["x.output", "fq.inputs"]]}"#,
    );
    let mut person = Person::at(&[path]);
    person.click("block fq");
    assert!(person.reads("max 6 lies outside the nudged range"), "{:?}", person.hears());
    assert!(!person.sees("Widen to [-6, 6.047244]") && !person.sees("Set narrow_range"));
}

#[test]
fn an_element_tells_what_it_reaches() {
    let mut person = Person::at(&[root().join("pages/qat_step.json")]);
    person.click("block xw");
    person.click("why xw.output[2]");
    person.click("what xw.output[2] reaches");
    for name in ["go on to y.output[2]", "go on to fq.output[2]", "go on to grad.output[2]", "go on to dx.output[2]"] {
        assert!(person.sees(name), "{name}: {:?}", person.hears());
    }
    assert!(person.reads("mse.output: all of it (1)"));
    person.harness.get_by_label("go on to fq.output[2]").click_accesskit();
    person.settle();
    assert!(person.reads("is nearest to q ="), "and why that has its value: {:?}", person.hears());
}
