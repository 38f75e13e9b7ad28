//! Attributes and axes as large as can be, with hardly an element: a block answers, or refuses, in a moment and in little
//! memory, while a page is checked and in a run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, reason = "a test")]

use std::sync::{Arc, mpsc};
use std::time::Duration;

use node_core::check::Feeds;
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Registry, Value, Wire, check};
use node_engine::{Request, RunOptions, plan, run_once};

/// A block with literals, and what is to be filled with zeros of a shape and wired to it.
struct Case {
    block: &'static str,
    attrs: &'static str,
    literals: &'static str,
    wired: &'static [(&'static str, &'static str, &'static str)],
}

const PICTURE: &str = "[1, 1, 1, 1]";
const VAST: &str = r#"{"strides": [1, 2147483647, 2147483647, 1], "padding": "SAME"}"#;
const WIDE: &str = r#"{"ksize": [1, 2147483647, 2147483647, 1], "padding": "SAME"}"#;

const CASES: [Case; 21] = [
    Case {
        block: "Conv2DBackpropInput",
        attrs: VAST,
        literals: r#"{"input_sizes": [1, 1, 1, 1]}"#,
        wired: &[("filter", PICTURE, "int32"), ("out_backprop", PICTURE, "int32")],
    },
    Case {
        block: "Conv2DBackpropInput",
        attrs: r#"{"strides": [1, 1, 1, 1], "padding": "SAME"}"#,
        literals: r#"{"input_sizes": [1, 1, 1, 1]}"#,
        wired: &[("filter", "[1099511627776, 1, 1, 0]", "float32"), ("out_backprop", "[1, 1, 1, 0]", "float32")],
    },
    Case {
        block: "Conv2D",
        attrs: VAST,
        literals: "{}",
        wired: &[("input", PICTURE, "int32"), ("filter", PICTURE, "int32")],
    },
    Case {
        block: "DepthwiseConv2dNativeBackpropInput",
        attrs: r#"{"strides": [1, 1, 1, 1], "padding": "SAME"}"#,
        literals: r#"{"input_sizes": [1, 1, 1, 1]}"#,
        wired: &[("filter", "[1099511627776, 1, 1, 0]", "float32"), ("out_backprop", "[1, 1, 1, 0]", "float32")],
    },
    Case { block: "MaxPool", attrs: WIDE, literals: "{}", wired: &[("input", "[1, 15, 15, 1]", "int32")] },
    Case { block: "AvgPool", attrs: WIDE, literals: "{}", wired: &[("value", "[1, 15, 15, 1]", "float32")] },
    Case {
        block: "AvgPoolGrad",
        attrs: WIDE,
        literals: r#"{"orig_input_shape": [1, 15, 15, 1]}"#,
        wired: &[("grad", "[1, 15, 15, 1]", "float32")],
    },
    Case {
        block: "MaxPoolGrad",
        attrs: WIDE,
        literals: "{}",
        wired: &[
            ("orig_input", "[1, 15, 15, 1]", "int32"),
            ("orig_output", "[1, 15, 15, 1]", "int32"),
            ("grad", "[1, 15, 15, 1]", "int32"),
        ],
    },
    Case {
        block: "Roll",
        attrs: "{}",
        literals: r#"{"shift": [1], "axis": [1]}"#,
        wired: &[("input", "[0, 1099511627776]", "int32")],
    },
    Case {
        block: "Pad",
        attrs: "{}",
        literals: r#"{"paddings": [[0, 0], [0, 1073741824]]}"#,
        wired: &[("input", "[0, 8]", "int32")],
    },
    Case {
        block: "BatchToSpaceND",
        attrs: "{}",
        literals: r#"{"block_shape": [1073741824], "crops": [[0, 0]]}"#,
        wired: &[("input", "[0, 1, 1]", "int32")],
    },
    Case {
        block: "StridedSliceGrad",
        attrs: "{}",
        literals: r#"{"shape": [0, 1073741824], "begin": [0], "end": [0], "strides": [1]}"#,
        wired: &[("dy", "[0, 1073741824]", "int32")],
    },
    Case {
        block: "MatrixBandPart",
        attrs: "{}",
        literals: r#"{"num_lower": 0, "num_upper": 0}"#,
        wired: &[("input", "[0, 1048576, 1048576]", "int32")],
    },
    Case { block: "MatrixDiag", attrs: "{}", literals: "{}", wired: &[("diagonal", "[0, 1048576]", "int32")] },
    Case { block: "Prod", attrs: "{}", literals: r#"{"axis": 1}"#, wired: &[("input", "[0, 1099511627776]", "int32")] },
    Case { block: "Prod", attrs: "{}", literals: "{}", wired: &[("input", "[1099511627776, 0]", "int32")] },
    Case {
        block: "GatherNd",
        attrs: "{}",
        literals: "{}",
        wired: &[("params", "[0]", "int32"), ("indices", "[1099511627776, 0]", "int32")],
    },
    Case {
        block: "ResizeNearestNeighbor",
        attrs: "{}",
        literals: r#"{"size": [2147483647, 1]}"#,
        wired: &[("images", "[0, 1, 1, 1]", "int32")],
    },
    Case {
        block: "MirrorPadGrad",
        attrs: "{}",
        literals: r#"{"paddings": [[0, 0], [0, 0]]}"#,
        wired: &[("input", "[0, 1099511627776]", "int32")],
    },
    Case {
        block: "LRN",
        attrs: r#"{"depth_radius": 2147483647}"#,
        literals: "{}",
        wired: &[("input", "[1, 1, 1, 5]", "float32")],
    },
    Case { block: "TopKV2", attrs: "{}", literals: r#"{"k": 0}"#, wired: &[("input", "[0, 1099511627776]", "int32")] },
];

fn entries(text: &str) -> node_core::page::Entries {
    match Value::parse(text).unwrap() {
        Value::Object(entries) => entries.into_iter().collect(),
        other => panic!("{other} is no object"),
    }
}

fn add(page: &mut Page, id: &str, block: BlockNode) -> BlockId {
    let id = BlockId::new(id).unwrap();
    Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(page).unwrap();
    id
}

fn page(case: &Case) -> Page {
    let mut page = Page::default();
    let block = BlockNode { attrs: entries(case.attrs), inputs: entries(case.literals), ..BlockNode::new(case.block) };
    let id = add(&mut page, "op", block);
    for (port, shape, dtype) in case.wired {
        let inputs = format!(
            r#"{{"dims": {{"dtype": "int64", "data": {shape}, "shape": [{}]}}, "value": {{"dtype": "{dtype}", "shape": [], "data": [0]}}}}"#,
            shape.matches(',').count() + 1
        );
        let fill = add(&mut page, port, BlockNode { inputs: entries(&inputs), ..BlockNode::new("Fill") });
        let wire = Wire { from: PortRef::new(&fill, "output"), to: PortRef::new(&id, port) };
        Edit::Connect { wire }.apply(&mut page).unwrap();
    }
    page
}

#[test]
fn a_block_answers_in_a_moment_whatever_the_sizes() {
    node_blocks::link();
    let registry = Arc::new(Registry::linked().unwrap());
    for case in &CASES {
        let (page, registry, (told, answer)) = (Arc::new(page(case)), registry.clone(), mpsc::channel());
        std::thread::spawn(move || {
            let checked = check(&page, &registry, &Feeds::new());
            let plan = plan(&checked, &Request::fetch(&[PortRef::new(&BlockId::new("op").unwrap(), "")]));
            let results = run_once(&plan, &RunOptions::with_memory_limit(1 << 28));
            let problems = checked.problems.iter().chain(results.problems()).map(ToString::to_string);
            told.send(problems.collect::<Vec<_>>())
        });
        let problems = answer.recv_timeout(Duration::from_secs(20));
        let problems =
            problems.unwrap_or_else(|_| panic!("{} {} {:?} does not end", case.block, case.attrs, case.wired));
        assert!(problems.is_empty(), "{}: {problems:?}", case.block);
    }
}
