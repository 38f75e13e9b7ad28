//! The pages that answer what people have asked in public: each has a question, and is answered by one click.

use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::common::{Person, root};

/// A page, the block that is selected, what stands there then, …
type Answer = (&'static str, &'static str, &'static str, Click, &'static [&'static str]);

/// … what is clicked at, and what is to be seen after that.
enum Click {
    /// A button that mends it, and what the block gives then.
    Fix(&'static str),
    /// An element: why it has its value.
    Why(&'static str),
}

const ANSWERS: [Answer; 10] = [
    ("why_is_123_quantized_to_111", "fq", "[111]", Click::Fix("Let min be 0"), &["[123]"]),
    (
        "why_do_all_values_become_one",
        "fq",
        "[0.05249124, 0.05249124,",
        Click::Fix("Let min be 0"),
        &["[0.094884984, 0.0749092, 0.0933868"],
    ),
    ("why_does_nothing_learn", "grad", "[0, 0]", Click::Fix("Set to [0, 123.456]"), &["[1, 1]"]),
    (
        "why_is_the_scale_not_nudged",
        "fq",
        "[0.34, -0.45333335]",
        Click::Why("fq.output[0]"),
        &["nudged_min = (quant_min - zero_point) × scale", "nudged_max = (quant_max - zero_point) × scale"],
    ),
    ("why_is_minus_1_not_kept", "fq", "[-0.9960785, 0, 1.0039216]", Click::Fix("Set narrow_range"), &["[-1, 0, 1]"]),
    (
        "why_do_eager_and_compiled_differ",
        "fq",
        "[2.4, -0.6, 2.4]",
        Click::Why("fq.output[0]"),
        &["a tie between 2 and 3: half goes away from 0"],
    ),
    (
        "which_integer_is_stored",
        "fq",
        "[-0.98611766, 0, 0.98611766]",
        Click::Fix("Set narrow_range"),
        &["[-0.99, 0, 0.99]"],
    ),
    (
        "how_does_0_become_the_middle",
        "fq",
        "[-5.9764705, 0, 5.9764705]",
        Click::Fix("Set narrow_range"),
        &["[-6, 0, 6]"],
    ),
    ("does_a_gradient_pass_at_the_ends", "grad", "[1, 1, 0, 0]", Click::Why("grad.output[0]"), &["gradients[0] × 1"]),
    (
        "which_gradients_go_to_min",
        "grad",
        "[0, 2, 4, 8, 0]",
        Click::Why("grad.backprops_wrt_input[1]"),
        &["gradients[1] × 1"],
    ),
];

#[test]
fn each_question_is_answered_by_one_click() {
    let folder = root().join("pages/threads");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut told: Vec<&str> = ANSWERS.iter().map(|(page, ..)| *page).collect();
    told.sort_unstable();
    assert_eq!(names, told, "every page has its answer here");
    for (page, block, before, click, after) in ANSWERS {
        let path = folder.join(format!("{page}.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("### ") && text.contains("https://github.com/"),
            "{page} has a question, and where it was asked"
        );
        let mut person = Person::at(&[path]);
        let value = person.value(&format!("block {block}"));
        assert!(value.starts_with(before), "{page}: {value}");
        person.click(&format!("block {block}"));
        let name = match click {
            Click::Fix(title) => title.to_owned(),
            Click::Why(element) => format!("why {element}"),
        };
        // The note speaks of it too.
        let is_text = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == egui::accesskit::Role::Label;
        let button = person.harness.query_all_by_label(&name).find(|node| !is_text(node));
        button.unwrap_or_else(|| panic!("{page}: nothing is called {name}")).click_accesskit();
        person.settle();
        let seen = match click {
            Click::Fix(_) => person.value(&format!("block {block}")),
            Click::Why(element) => {
                let steps = format!("steps of {element}");
                if person.sees(&steps) {
                    person.harness.get_by_label(&steps).click_accesskit();
                    person.settle();
                }
                person.hears().join("\n")
            }
        };
        assert!(after.iter().all(|text| seen.contains(text)), "{page}: {after:?} in {seen}");
    }
}
