//! The inspector's views of results, by pointer and keys.

use std::path::PathBuf;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::common::{Person, root};
use crate::data::wait_for;
use crate::shown::file;

fn trained() -> Person {
    Person::at(&[root().join("pages/trained_model.json")])
}

/// A quantizer over eight numbers, and its gradient.
pub fn eight() -> (tempfile::TempDir, PathBuf) {
    file(
        r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [[6, -6, -7, 0], [0.5, "NaN", 9, -0.25]]}},
        "up": {"type": "Const", "attrs": {"value": [[1, 2, 3, 4], [5, 6, 7, 8]]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"},
        "grad": {"type": "FakeQuantWithMinMaxArgsGradient"}},
        "wires": [["x.output", "fq.inputs"], ["up.output", "grad.gradients"], ["x.output", "grad.inputs"]]}"#,
    )
}

/// The rows of a table that are seen, by the indices of a column's cells.
fn rows(person: &Person, column: &str) -> Vec<String> {
    let mut found: Vec<(f32, String)> = Vec::new();
    for node in person.harness.query_all_by_label_contains(&format!("{column}[")) {
        let name = egui_kittest::kittest::NodeT::accesskit_node(&node).label().unwrap_or_default();
        if let Some(index) = name.strip_prefix(&format!("{column}[")).and_then(|rest| rest.strip_suffix(']')) {
            found.push((node.rect().top(), index.to_owned()));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().map(|(_, index)| index).collect()
}

fn choose(person: &mut Person, combo: &str, entry: &str) {
    person.click(combo);
    person.click(entry);
}

#[test]
fn a_part_is_sliced_as_numpy_does() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    assert_eq!(rows(&person, "fq.output").len(), 8);
    person.enter("slice of fq.output", "[::-1, 1::2]");
    assert_eq!(rows(&person, "fq.output"), ["1, 1", "1, 3", "0, 1", "0, 3"]);
    assert!(person.reads("4 of 8"));
    person.enter("slice of fq.output", "[5]");
    assert!(person.reads("index 5 is out of bounds for axis 0, which has 2"), "{:?}", person.hears());
    assert_eq!(rows(&person, "fq.output").len(), 8, "what is wrong hides nothing");
    person.enter("slice of fq.output", "[0, 2]");
    assert_eq!(rows(&person, "fq.output"), ["0, 2"]);
    person.click("all of fq.output");
    assert_eq!(rows(&person, "fq.output").len(), 8);
}

#[test]
fn heads_put_rows_in_order() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    person.click("sort fq.output by inputs");
    assert_eq!(rows(&person, "fq.inputs"), ["0, 2", "0, 1", "1, 3", "0, 3", "1, 0", "0, 0", "1, 2", "1, 1"]);
    person.click("sort fq.output by inputs");
    assert_eq!(rows(&person, "fq.inputs")[..3], ["1, 2", "0, 0", "1, 0"], "descending");
    person.click("sort fq.output by inputs");
    assert_eq!(rows(&person, "fq.inputs")[..3], ["1, 2", "0, 2", "0, 0"], "by magnitude");
    assert_eq!(rows(&person, "fq.inputs")[7], "1, 1", "NaN comes last");
    person.click("sort fq.output by inputs");
    assert_eq!(rows(&person, "fq.inputs")[..3], ["0, 0", "0, 1", "0, 2"], "as they are");
    person.click("sort fq.output by q");
    assert_eq!(rows(&person, "fq.q")[0], "0, 2", "the least integer");
}

#[test]
fn what_is_looked_for_is_found_counted_and_shown_alone() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    for (kind, indices) in [
        ("clipped", vec!["0, 0", "0, 2", "1, 2"]),
        ("below", vec!["0, 2"]),
        ("above", vec!["0, 0", "1, 2"]),
        ("NaN", vec!["1, 1"]),
        ("zero", vec!["0, 3"]),
    ] {
        choose(&mut person, "find in fq.output", kind);
        assert!(person.reads(&format!("{} found", indices.len())), "{kind}: {:?}", person.hears());
        if !person.sees(&format!("{} of 8", indices.len())) {
            person.click("only these of fq.output");
        }
        assert_eq!(rows(&person, "fq.output"), indices, "{kind}");
        person.click("only these of fq.output");
    }
    choose(&mut person, "find in fq.output", "unequal");
    assert!(person.reads("6 found"), "0 and NaN stay: {:?}", person.hears());
    choose(&mut person, "find in fq.output", "infinite");
    assert!(person.reads("0 found"));
}

#[test]
fn next_and_previous_lead_through_a_long_table() {
    let mut person = trained();
    person.click("block fq");
    choose(&mut person, "find in fq.output", "above");
    assert!(person.reads("25 found"), "as NumPy counts: {:?}", person.hears());
    let first = |person: &Person| {
        let all = rows(person, "fq.inputs");
        all.into_iter().find(|index| person.value(&format!("fq.inputs[{index}]")).contains("above"))
    };
    assert_eq!(first(&person), None, "none is in sight");
    person.click("next of fq.output");
    let found = first(&person).unwrap();
    person.click("next of fq.output");
    let second = first(&person).unwrap();
    assert_ne!(found, second);
    person.click("previous of fq.output");
    assert_eq!(first(&person), Some(found));
}

#[test]
fn numbers_are_written_as_one_likes() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    choose(&mut person, "format of fq.output", "Fixed, 3 digits");
    assert_eq!(person.value("fq.output[0, 0]"), "5.976");
    assert_eq!(person.value("fq.q[0, 0]"), "255", "an integer stays one");
    choose(&mut person, "format of fq.output", "Bits (hexadecimal)");
    assert_eq!(person.value("fq.inputs[0, 0]"), "40c00000, above the range");
    choose(&mut person, "format of fq.output", "Scientific");
    assert_eq!(person.value("fq.inputs[1, 0]"), "5.000000e-1");
}

#[test]
fn what_is_shown_is_copied() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block grad");
    let copied = |person: &mut Person, form: &str| {
        person.click("copy grad.output");
        let at = person.place(form);
        person.harness.hover_at(at);
        person.harness.step();
        let mut text = None;
        for pressed in [true, false] {
            let button = egui::PointerButton::Primary;
            person.harness.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: Modifiers::NONE });
            person.harness.step();
            for command in &person.harness.output().platform_output.commands {
                if let egui::OutputCommand::CopyText(copied) = command {
                    text = Some(copied.clone());
                }
            }
        }
        person.settle();
        text.unwrap_or_else(|| panic!("{form}: nothing is copied"))
    };
    assert_eq!(copied(&mut person, "As NumPy"), "np.array([[0, 2, 0, 4], [5, 0, 0, 8]], dtype=np.float32)");
    person.enter("slice of grad.output", "[1, ::-1]");
    assert_eq!(copied(&mut person, "As JSON"), "[8, 0, 0, 5]");
    assert_eq!(
        copied(&mut person, "As a table (TSV)"),
        "index\tgradients\tinputs\toutput\n1, 3\t8\t-0.25\t8\n1, 2\t7\t9\t0\n1, 1\t6\tNaN\t0\n1, 0\t5\t0.5\t5\n"
    );
}

#[test]
fn a_grid_shows_any_plane() {
    let mut person = trained();
    person.click("block weights");
    person.click("view Grid");
    assert!(person.sees("grid weights.output"));
    let first = person.value("weights.output[0, 0, 1]");
    choose(&mut person, "axis of rows of weights.output", "axis 0, of 3");
    assert!(!person.value("weights.output[2, 0, 0]").is_empty(), "three rows, one for each tap");
    assert_eq!(person.value("weights.output[0, 0, 1]"), first);
    // Columns along the axis of the rows: they change places.
    choose(&mut person, "axis of columns of weights.output", "axis 0, of 3");
    assert!(person.sees("weights.output[2, 0, 3]"), "{:?}", rows(&person, "weights.output"));
}

#[test]
fn a_grid_is_scrolled_by_keys() {
    let mut person = trained();
    person.click("block activations");
    person.click("view Grid");
    assert!(!person.sees("activations.output[399, 0]"));
    person.harness.get_by_label("rows of activations.output").focus();
    person.settle();
    person.key(Modifiers::NONE, Key::End);
    assert!(person.sees("activations.output[399, 0]"));
    person.harness.get_by_label("columns of activations.output").focus();
    person.settle();
    person.key(Modifiers::NONE, Key::End);
    assert!(person.sees("activations.output[399, 63]"));
    person.key(Modifiers::NONE, Key::Home);
    assert!(person.sees("activations.output[399, 0]"));
}

#[test]
fn a_picture_tells_what_is_under_the_pointer_and_the_keys() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block x");
    person.click("view Picture");
    let rect = person.harness.get_by_label("picture of x.output").rect();
    // Two rows, four columns.
    let at = rect.min + rect.size() * egui::vec2(0.62, 0.25);
    person.harness.hover_at(at);
    person.settle();
    assert_eq!(person.value("element in the picture of x.output"), "[0, 2] = -7");
    person.harness.get_by_label("picture of x.output").focus();
    person.harness.hover_at(egui::pos2(700.0, 500.0));
    person.settle();
    person.key(Modifiers::NONE, Key::ArrowDown);
    person.key(Modifiers::NONE, Key::ArrowDown);
    person.key(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(person.value("element in the picture of x.output"), "[1, 1] = NaN");
}

#[test]
fn planes_are_chosen_from_a_strip() {
    let mut person = trained();
    person.click("block weights");
    person.click("view Picture");
    person.click("plane 2 along axis 0 of weights.output");
    let rect = person.harness.get_by_label("picture of weights.output").rect();
    person.harness.hover_at(rect.min + egui::vec2(1.0, 1.0));
    person.settle();
    assert!(person.value("element in the picture of weights.output").starts_with("[2, 0, 0] = "));
    choose(&mut person, "colours of weights.output", "of this plane");
    assert!(person.sees("picture of weights.output"));
}

#[test]
fn a_distribution_has_numpys_figures_and_the_way_to_the_worst() {
    let mut person = trained();
    person.click("block fq");
    person.click("view Distribution");
    assert!(person.sees("histogram of fq.inputs"));
    let figures = person.value("figures of fq.inputs");
    for part in ["count 25600", "zero 12908", "max 53.32262", "mean 1.5207771", "99.9 % 27.77573"] {
        assert!(figures.contains(part), "{part}: {figures}");
    }
    assert!(person.reads("SQNR 17.68 dB · MSE 0.19137773 · largest error 25.54262"), "{:?}", person.hears());
    assert!(person.reads("16 of 16 levels are used"));
    assert!(person.reads("by clipping"));
    person.click("worst element of fq.output");
    assert_eq!(rows(&person, "fq.error")[0], "395, 0");
    assert_eq!(person.value("fq.error[395, 0]"), "-25.54262");
    // Before it stand infinities, where there are any: it is gone to all the same.
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {
        "inf": {"type": "Fill", "inputs": {"dims": [200], "value": {"dtype": "float32", "data": "Infinity"}}},
        "x": {"type": "Const", "attrs": {"value": [1, 99, 2]}},
        "all": {"type": "ConcatV2", "inputs": {"axis": 0}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"}},
        "wires": [["inf.output", "all.values"], ["x.output", "all.values"], ["all.output", "fq.inputs"]]}"#,
    );
    let mut far = Person::at(&[path]);
    far.click("block fq");
    far.click("view Distribution");
    far.click("worst element of fq.output");
    assert!(rows(&far, "fq.error").contains(&"201".to_owned()), "{:?}", rows(&far, "fq.error"));
    choose(&mut person, "view Distribution", "shown of fq.output");
    person.click("error");
    assert!(person.sees("histogram of fq.error"));
}

#[test]
fn channels_come_worst_first() {
    let mut person = trained();
    person.click("block per_channel");
    person.click("view Distribution");
    let channels: Vec<String> = {
        let nodes = person.harness.query_all_by_label_contains("channel ");
        let named = nodes.filter_map(|node| {
            let node = egui_kittest::kittest::NodeT::accesskit_node(&node);
            node.label().filter(|name| name.starts_with("channel ") && name.ends_with(" of per_channel.output"))
        });
        named.collect()
    };
    // The order of NumPy's figures.
    assert_eq!(channels[..2], ["channel 66 of per_channel.output", "channel 53 of per_channel.output"]);
    // One of them alone, as NumPy has it: 192 elements, from -0.66300267 to 54.882294.
    person.click("show channel 53 of per_channel.output");
    let figures = person.value("figures of per_channel.inputs");
    assert!(figures.contains("count 192; ") && figures.contains("max 54.88229"), "{figures}");
    person.click("one channel of per_channel.output");
    assert!(person.value("figures of per_channel.inputs").contains("count 24576"));
}

#[test]
fn a_gradient_is_told_by_its_norm() {
    let mut person = trained();
    person.click("block grad");
    assert!(person.reads("gradient norm: below 0.0 % · inside 100.0 % · above 0.5 % of the whole"));
}

#[test]
fn a_curve_is_drawn_where_there_is_one() {
    let mut person = trained();
    for (block, said) in [("fq", "line: output over inputs"), ("grad", "with gradients = 1"), ("per_channel", "line:")]
    {
        person.click(&format!("block {block}"));
        person.click("view Curve");
        assert!(person.sees(&format!("curve of {block}.output")), "{block}");
        assert!(person.reads(said), "{block}: {:?}", person.hears());
    }
    person.click("block weights");
    assert!(!person.sees("view Curve"), "a file has no input");
    assert!(person.sees("result weights.output"), "the table stands for it");
}

#[test]
fn two_ports_and_two_runs_are_compared() {
    let mut person = trained();
    person.click("block per_channel");
    person.click("view Compare");
    choose(&mut person, "compare per_channel.output with", "weights.output");
    let told = person.value("per_channel.output beside weights.output");
    assert!(told.contains("of 24576 differ") && told.contains("SQNR 36.03 dB"), "{told}");
    person.click("joined points of per_channel.output");
    assert!(person.sees("per_channel.output over weights.output"));
    person.click("first difference of per_channel.output");
    assert_eq!(rows(&person, "per_channel.difference")[0], "0, 0, 0");
    person.click("block fq");
    person.click("view Compare");
    person.click("keep fq.output");
    assert!(person.value("fq.output beside kept").starts_with("identical: 0 of 25600 differ"));
    person.click("block range");
    person.enter("attribute range.num_bits", "8");
    person.click("block fq");
    let told = person.value("fq.output beside kept");
    assert!(!told.contains("identical") && told.contains("of 25600 differ"), "{told}");
    person.click("difference of fq.output as picture");
    assert!(person.sees("picture of fq.output"));
}

#[test]
fn views_are_chosen_by_keys() {
    let mut person = trained();
    person.click("block fq");
    for view in ["Grid", "Picture", "Distribution", "Curve", "Compare", "Table"] {
        person.harness.get_by_label(&format!("view {view}")).focus();
        person.settle();
        person.key(Modifiers::NONE, Key::Enter);
        let shows = match view {
            "Grid" => "grid fq.output",
            "Picture" => "picture of fq.output",
            "Distribution" => "histogram of fq.inputs",
            "Curve" => "curve of fq.output",
            "Compare" => "compare fq.output with",
            _ => "result fq.output",
        };
        assert!(person.sees(shows), "{view}: {:?}", person.hears());
    }
}

#[test]
fn texts_and_nothing_have_a_table() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {"words": {"type": "Const", "attrs": {"value": ["a", "b"]}},
        "none": {"type": "Const", "attrs": {"value": []}}, "one": {"type": "Const", "attrs": {"value": 5}}}}"#,
    );
    let mut person = Person::at(&[path]);
    person.click("block words");
    assert!(person.sees("result words.output") && !person.sees("view Picture") && !person.sees("view Distribution"));
    assert_eq!(person.value("words.output[1]"), "\"b\"");
    person.click("block none");
    assert!(person.reads("no elements") && !person.sees("view Distribution"));
    person.click("block one");
    person.click("view Distribution");
    assert!(person.value("figures of one.output").contains("count 1"));
}

#[test]
fn a_constant_is_edited_in_its_table() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block up");
    let at = person.place("edit up.output[0, 1]");
    person.double_click_at(at);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("20.5");
    person.key(Modifiers::NONE, Key::Enter);
    assert_eq!(person.value("block up"), "[[1, 20.5, 3, 4], [5, 6, 7, 8]]");
    // Enter goes on to the next.
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("Infinity");
    person.key(Modifiers::NONE, Key::Enter);
    person.key(Modifiers::NONE, Key::Escape);
    assert_eq!(person.value("block up"), "[[1, 20.5, Infinity, 4], [5, 6, 7, 8]]");
    person.key(Modifiers::COMMAND, Key::Z);
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block up"), "[[1, 2, 3, 4], [5, 6, 7, 8]]", "each is a step of undo");
    // What is no number stays to be mended.
    let at = person.place("edit up.output[1, 3]");
    person.double_click_at(at);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[1, 2]");
    assert!(person.reads("'[1, 2]' is no single element"), "{:?}", person.hears());
    person.key(Modifiers::NONE, Key::Escape);
    assert_eq!(person.value("block up"), "[[1, 2, 3, 4], [5, 6, 7, 8]]");
    person.enter("shape of up", "[2, 2]");
    assert_eq!(person.value("block up"), "[[1, 2], [5, 6]]");
    person.enter("shape of up", "[4]");
    assert_eq!(person.value("block up"), "[1, 2, 5, 6]", "the same elements where they fill it");
    person.enter("shape of up", "[2, 3]");
    assert_eq!(person.value("block up"), "[[1, 2, 5], [6, 0, 0]]", "none is lost where there is room");
}

#[test]
fn a_constant_gets_another_data_type_where_it_stands() {
    let (_folder, path) = file(
        r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [0.5, 1, 16777217]}},
        "i": {"type": "Const", "attrs": {"value": {"dtype": "int32", "data": [0, 1, 1]}}},
        "b": {"type": "Const", "attrs": {"value": [[true, false]]}}}, "wires": []}"#,
    );
    let mut person = Person::at(&[path]);
    let becomes = |person: &mut Person, id: &str, dtype: &str| {
        person.click(&format!("block {id}"));
        choose(person, &format!("data type of {id}"), dtype);
    };
    becomes(&mut person, "x", "int32");
    assert!(person.reads("It cannot be int32: 0.5 has a fraction"), "{:?}", person.hears());
    assert_eq!(person.value("block x"), "[0.5, 1, 16777216]");
    becomes(&mut person, "x", "float64");
    assert_eq!(person.value("block x"), "[0.5, 1, 16777217]", "as it was typed, not as float32 had it");
    assert!(person.reads("float64 [3]"), "{:?}", person.hears());
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block x"), "[0.5, 1, 16777216]", "one step of undo");
    becomes(&mut person, "i", "uint8");
    assert!(person.reads("uint8 [3]"), "{:?}", person.hears());
    becomes(&mut person, "i", "bool");
    assert_eq!(person.value("block i"), "[false, true, true]");
    becomes(&mut person, "b", "float16");
    assert_eq!(person.value("block b"), "[[1, 0]]");
    assert!(person.reads("float16 [1, 2]"));
    becomes(&mut person, "b", "string");
    assert_eq!(person.value("block b"), "[[1, 0]]");
    becomes(&mut person, "b", "int64");
    assert_eq!(person.value("block b"), "[[1, 0]]");
    assert!(person.reads("int64 [1, 2]"));
}

#[test]
fn a_spreadsheet_is_pasted_into_the_grid() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block up");
    person.click("view Grid");
    person.click("edit up.output[0, 1]");
    person.harness.event(egui::Event::Paste("10\t11\r\n20\t21\r\n".to_owned()));
    person.settle();
    assert_eq!(person.value("block up"), "[[1, 10, 11, 4], [5, 20, 21, 8]]");
    person.click("edit up.output[1, 3]");
    person.harness.event(egui::Event::Paste("10\t11\r\n".to_owned()));
    person.settle();
    assert!(person.reads("reach beyond the edge of [2, 4]"), "{:?}", person.hears());
    assert_eq!(person.value("block up"), "[[1, 10, 11, 4], [5, 20, 21, 8]]", "nothing is pasted in part");
    person.click("view Table");
    person.click("edit up.output[0, 3]");
    person.harness.event(egui::Event::Paste("-1\n-2\n-3".to_owned()));
    person.settle();
    assert_eq!(person.value("block up"), "[[1, 10, 11, -1], [-2, -3, 21, 8]]", "in the table's order");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block up"), "[[1, 10, 11, 4], [5, 20, 21, 8]]", "one step of undo");
}

#[test]
fn what_was_kept_outlives_a_rename_and_an_undo() {
    let mut person = trained();
    person.click("block fq");
    person.click("sort fq.output by error");
    person.click("view Compare");
    person.click("keep fq.output");
    person.key(Modifiers::NONE, Key::Delete);
    person.key(Modifiers::COMMAND, Key::Z);
    person.click("block fq");
    assert!(person.value("fq.output beside kept").starts_with("identical"), "{:?}", person.hears());
    person.key(Modifiers::NONE, Key::F2);
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("other");
    person.key(Modifiers::NONE, Key::Enter);
    person.click("block other");
    assert!(person.value("other.output beside kept").starts_with("identical"), "{:?}", person.hears());
    person.click("view Table");
    assert!(person.reads("by error, the least first"));
    person.click("view Compare");
    person.click("drop what was kept of other.output");
    assert!(!person.sees("other.output beside kept"));
}

#[test]
fn what_is_compared_with_a_block_that_is_gone_hides_nothing_else() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block up");
    person.click("view Compare");
    choose(&mut person, "compare up.output with", "x.output");
    assert!(person.sees("up.output beside x.output"));
    person.click("view Table");
    person.click("block x");
    person.key(Modifiers::NONE, Key::Delete);
    person.click("block up");
    assert!(person.sees("result up.output"), "{:?}", person.hears());
}

#[test]
fn an_order_is_walked_through_from_find_to_find() {
    let (_folder, path) = eight();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    person.click("sort fq.output by inputs");
    choose(&mut person, "find in fq.output", "zero");
    assert!(person.reads("1 found"));
    person.click("next of fq.output");
    // Behind it nothing is found, though there are rows.
    let next = person.harness.get_by_label("next of fq.output");
    assert!(egui_kittest::kittest::NodeT::accesskit_node(&next).is_disabled());
}

#[test]
fn nothing_is_copied_quickly_however_many_empty_lists_it_would_be() {
    let (_folder, path) =
        file(r#"{"nudge": 1, "blocks": {"f": {"type": "Fill", "inputs": {"dims": [3000000, 1], "value": 1}}}}"#);
    let mut person = Person::at(&[path]);
    person.click("block f");
    wait_for(&mut person, "the result", |person| person.sees("slice of f.output"));
    person.enter("slice of f.output", "[:, 0:0]");
    assert!(person.reads("0 of 3000000"), "{:?}", person.hears());
    let begun = std::time::Instant::now();
    person.click("copy f.output");
    person.click("As NumPy");
    assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
}
