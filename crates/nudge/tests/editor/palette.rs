//! The palette: headings fold, what was added last comes first, and blocks are found by other names.

use egui::{Key, Modifiers, vec2};

use super::common::Person;

#[test]
fn headings_fold_and_unfold() {
    let mut person = Person::at(&[]);
    person.click("fold Sources");
    assert!(!person.sees("palette Const"));
    person.click("unfold Sources");
    assert!(person.sees("palette Const"));
    person.click("fold Sources");
    person.click("fold Quantization");
    assert!(!person.sees("palette Relu"));
    person.click("unfold Activations");
    assert!(person.sees("palette Elu") && person.sees("fold Activations"));
}

#[test]
fn what_was_added_last_comes_first() {
    let mut person = Person::at(&[]);
    assert!(!person.sees("Recent"));
    for found in ["Softmax", "Conv2D", "Softmax"] {
        person.enter("Search blocks", found);
    }
    assert!(person.sees("recent Softmax") && person.sees("recent Conv2D"));
    assert!(person.place("recent Softmax").y < person.place("recent Conv2D").y);
    // In the search at the pointer too.
    let spot = person.on_canvas(vec2(200.0, 200.0));
    person.click_at(spot);
    person.key(Modifiers::NONE, Key::Space);
    assert!(person.place("add Softmax").y < person.place("add Conv2D").y);
    // What comes from there is a block like any other.
    person.key(Modifiers::NONE, Key::Escape);
    let from = person.place("recent Conv2D");
    person.drag(from, spot);
    assert_eq!(person.page_text().matches("\"Conv2D\"").count(), 2, "{}", person.page_text());
}

#[test]
fn blocks_are_found_by_other_names() {
    let mut person = Person::at(&[]);
    for (typed, found) in [("Subtract", "Sub"), ("unsqueeze", "ExpandDims"), ("concat", "ConcatV2"), ("TopK", "TopKV2")]
    {
        person.click("Search blocks");
        person.key(Modifiers::COMMAND, Key::A);
        person.type_text(typed);
        assert!(person.sees(&format!("palette {found}")), "{typed} finds {found}");
    }
}
