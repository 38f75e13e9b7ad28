//! Fields: attributes, literals, ids; in the inspector and on the canvas.

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::common::Person;
use crate::{gradient, page};

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
fn a_literal_that_is_too_long_for_a_field_has_an_editor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.json");
    let numbers = vec!["1"; 50_000].join(", ");
    let text = format!(r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": [{numbers}]}}}}}}}}"#);
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block x");
    assert!(!person.sees("attribute x.value"), "no field lays out fifty thousand numbers");
    person.click("as text");
    assert!(!person.sees("attributes of x as text"));
    person.click("as fields");
    person.click("edit x.value");
    assert!(person.value("value of x.value").starts_with("[1, 1, 1"));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("[[1, 2],\n [3, x");
    assert!(person.reads("a bracket or a quote is not closed (line 2, column 2)"), "line and column are told");
    person.key(Modifiers::COMMAND, Key::Enter);
    assert!(person.sees("value of x.value"), "what is wrong is not kept, and not lost");
    person.key(Modifiers::NONE, Key::Backspace);
    person.type_text("4]]");
    person.key(Modifiers::COMMAND, Key::Enter);
    assert!(!person.sees("value of x.value"));
    assert_eq!(person.value("attribute x.value"), "[[1, 2], [3, 4]]");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("x.output[0]"), "1");
    let shown = person.harness.query_all_by_role(egui::Role::Cell).count();
    assert!(shown < 100, "{shown} rows are drawn");
}

#[test]
fn numbers_are_typed_as_numpy_prints_them() {
    let mut person = gradient();
    person.click("block upstream");
    for (typed, shown) in [
        ("1 2 3 4", "[1, 2, 3, 4]"),
        ("5, 6, 7, 8", "[5, 6, 7, 8]"),
        ("[0. 2. nan 4.]", "[0, 2, NaN, 4]"),
        ("[nan nan nan inf]", "[NaN, NaN, NaN, Infinity]"),
    ] {
        person.enter("attribute upstream.value", typed);
        assert_eq!(person.value("block upstream"), shown, "{typed}");
    }
}

#[test]
fn attributes_as_text_replace_what_they_leave_out() {
    let mut person = Person::at(&[page("fake_quant_args.json")]);
    person.click("block fq");
    person.enter("attribute fq.min", "-3");
    person.enter("attribute fq.num_bits", "4");
    person.click("as text");
    person.enter("attributes of fq as text", "max_=3.0f;num_bits_=4;");
    person.click("as fields");
    let values = ["min", "max", "num_bits"].map(|name| person.value(&format!("attribute fq.{name}")));
    assert_eq!(values, ["-6", "3", "4"], "min is as by default again");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("attribute fq.min"), "-3", "one step of undo");

    let mut person = gradient();
    person.click("block x");
    person.click("as text");
    person.enter("attributes of x as text", "value_=1e39;");
    assert!(person.reads("beyond float32"));
    person.enter("attributes of x as text", "value_=1e400f;");
    assert!(person.reads("value is 1e400f, beyond float64"));
    person.enter("attributes of x as text", "dtype_=DT_DOUBLE;");
    assert!(person.reads("value must be set"));
    person.enter("attributes of x as text", "value_=1e39;dtype_=DT_DOUBLE;");
    assert_eq!(person.value("block x"), "1e39");
}

#[test]
fn a_lone_nan_is_a_number_and_a_text_has_quotes() {
    let (_folder, paths) = crate::kept::two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    for (typed, shown) in [("nan", "NaN"), ("-inf", "-Infinity"), ("\"nan\"", "\"nan\""), ("True", "true")] {
        person.enter("attribute x.value", typed);
        assert_eq!(person.value("block x"), shown, "{typed}");
    }
    person.enter("attribute x.value", "[nan, nan]");
    assert_eq!(person.value("attribute x.value"), "[NaN, NaN]");
}

#[test]
fn entering_the_same_value_is_no_step_of_undo() {
    let mut person = gradient();
    person.click("block upstream");
    person.enter("attribute upstream.value", "[1, 2, 3, 5]");
    person.enter("attribute upstream.value", "1 2 3 5");
    person.click("block grad");
    person.enter("attribute grad.num_bits", "8");
    person.key(Modifiers::COMMAND, Key::Z);
    person.click("block upstream");
    assert_eq!(person.value("attribute upstream.value"), "[1, 2, 3, 4]", "one undo takes the change back");
}

#[test]
fn a_page_name_that_is_no_scope_is_refused() {
    let mut person = gradient();
    person.key(Modifiers::NONE, Key::Escape);
    person.enter("page name", "my page/1");
    assert!(person.reads("is no scope") && person.reads("name it my_page/1"));
    person.enter("page name", "my_page/1");
    assert!(person.sees("page my_page/1"));
}

#[test]
fn negative_zero_is_another_value() {
    let (_folder, paths) = crate::kept::two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    person.enter("attribute x.value", "[0.0]");
    person.enter("attribute x.value", "[-0.0]");
    assert_eq!(person.value("block x"), "[-0]");
    person.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(person.value("block x"), "[0]");
}

#[test]
fn what_is_neither_number_nor_quoted_text_is_refused() {
    let (_folder, paths) = crate::kept::two_pages();
    let mut person = Person::at(&paths[..1]);
    person.click("block x");
    for rubbish in ["hello", "1_000", "0x10", "1,,2", "tf.Tensor([1 2])"] {
        person.enter("attribute x.value", rubbish);
        assert!(person.reads("a text is written in quotes"), "{rubbish}");
        person.key(Modifiers::NONE, Key::Escape);
    }
    for (typed, shown) in [
        ("array([1., 2.], dtype=float32)", "[1, 2]"),
        ("np.int64(7)", "7"),
        ("\"hello\"", "\"hello\""),
        ("[nan 1]", "[NaN, 1]"),
    ] {
        person.enter("attribute x.value", typed);
        assert_eq!(person.value("block x"), shown, "{typed}");
    }
    assert_eq!(person.value("attribute x.value"), "[NaN, 1]", "no quotes where a number is meant");
}

#[test]
fn text_of_a_set_is_checked_as_its_fields_are() {
    let mut person = gradient();
    person.click("block range");
    person.click("as text");
    // Who has asked for the text types into it at once.
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("min=-3;max=wide");
    person.key(Modifiers::NONE, Key::Enter);
    assert!(person.reads("grad: max is \"wide\" (text), but must be a number"));
    person.key(Modifiers::COMMAND, Key::A);
    person.type_text("min=-3;max=3;narrow_range=True");
    person.key(Modifiers::NONE, Key::Enter);
    person.click("block grad");
    assert_eq!(person.value("attribute grad.narrow_range"), "true");
    assert!(!person.reads("problem"));
}

#[test]
fn an_attribute_that_the_type_does_not_have_can_be_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    let text = r#"{"nudge": 1, "blocks": {"fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"bogus": 1}, "inputs": {"inputs": [1]}}}}"#;
    std::fs::write(&path, text).unwrap();
    let mut person = Person::at(&[path]);
    person.click("block fq");
    person.click("remove fq.bogus");
    assert!(!person.reads("problem") && !person.sees("remove fq.bogus"));
}
