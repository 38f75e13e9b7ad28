//! What the data of a run say of quantizers.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::graphs::{cook, recipe};
use common::{page, registry};
use node_core::check::Feeds;
use node_core::{BlockId, CheckedPage, PortRef, Warning, check};
use node_engine::analysis::before_run::quantization_before_run;
use node_engine::analysis::findings::{CLIPPED, findings, unlike};
use node_engine::{Engine, Request, Results, RunOptions, plan};
use proptest::prelude::*;

fn run(text: &str) -> (CheckedPage, Results) {
    let checked = check(&Arc::new(page(text)), &registry(), &Feeds::new());
    assert_eq!(checked.problems, vec![]);
    let preview = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let request = Request { preview, shares: true, ..Request::default() };
    let results = Engine::new(2, 0).run(&plan(&checked, &request), &RunOptions::with_memory_limit(1 << 30));
    (checked, results)
}

fn found(text: &str, clipped: f64) -> BTreeMap<BlockId, Vec<Warning>> {
    let (checked, results) = run(text);
    findings(&checked, &results.blocks, clipped)
}

/// What is said of a page with one quantizer `q` of `x`.
fn said(type_name: &str, attrs: &str, x: &str, clipped: f64) -> Vec<String> {
    let text = format!(
        r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": {{"dtype": "float32", "data": {x}}}}}}},
        "q": {{"type": "{type_name}", "attrs": {{{attrs}}}}}}}, "wires": [["x.output", "q.inputs"]{}]}}"#,
        if type_name.ends_with("Gradient") { r#", ["x.output", "q.gradients"]"# } else { "" }
    );
    let found = found(&text, clipped);
    found.values().flatten().map(|warning| format!("{}: {}", warning.port.as_ref().unwrap(), warning.message)).collect()
}

#[test]
fn each_is_told() {
    const FORWARD: &str = "FakeQuantWithMinMaxArgs";
    const BACKWARD: &str = "FakeQuantWithMinMaxArgsGradient";
    let from_0_to_1 = r#""min": 0, "max": 1"#;
    for (type_name, attrs, x, clipped, expected) in [
        (FORWARD, from_0_to_1, "[0.2, 0.9, 1, 0]", CLIPPED, vec![]),
        (
            FORWARD,
            from_0_to_1,
            "[0.2, 0.9, 1, 2]",
            CLIPPED,
            vec!["25 % of the elements are clipped: 0 % lie below and 25 % above"],
        ),
        (
            BACKWARD,
            from_0_to_1,
            "[-1, 0.9, 1, 2]",
            CLIPPED,
            vec!["50 % of the elements get no gradient: 25 % lie below and 25 % above"],
        ),
        (FORWARD, from_0_to_1, "[0.2, 0.9, 1, 2]", 0.25, vec![]),
        (
            BACKWARD,
            from_0_to_1,
            "[-1, 2]",
            CLIPPED,
            vec!["all elements lie outside the nudged range, so no gradient passes"],
        ),
        (
            FORWARD,
            from_0_to_1,
            "[-1, 2]",
            CLIPPED,
            vec!["all elements lie outside the nudged range, so they all become its ends"],
        ),
        (FORWARD, from_0_to_1, r#"[0.5, "NaN", 1]"#, CLIPPED, vec!["1 of 3 elements is NaN"]),
        (FORWARD, from_0_to_1, r#"["NaN", "NaN"]"#, CLIPPED, vec!["2 of 2 elements are NaN"]),
        (
            FORWARD,
            r#""min": 0, "max": 100"#,
            "[0, 6.25]",
            CLIPPED,
            vec!["the range is 16 times as wide: 4.0 bits are wasted"],
        ),
        (FORWARD, r#""min": 0, "max": 100"#, "[0, 26]", CLIPPED, vec![]),
        (
            FORWARD,
            r#""min": 0, "max": 100, "num_bits": 2"#,
            "[1, 6.25]",
            CLIPPED,
            vec!["all elements, from 1 to 6.25, become one value: a step is 33.333332"],
        ),
        (FORWARD, r#""min": 0, "max": 100"#, "[0, 0]", CLIPPED, vec![]),
        (FORWARD, r#""min": 0, "max": 100"#, r#"[0, "Infinity"]"#, 0.6, vec![]),
        (FORWARD, r#""min": 0, "max": 100"#, "[]", CLIPPED, vec![]),
        // What nudging alone cuts off is told by itself.
        (FORWARD, r#""min": -6, "max": 6"#, "[6, 6, 6, 0]", CLIPPED, vec![]),
    ] {
        let said = said(type_name, attrs, x, clipped);
        assert_eq!(said.len(), expected.len(), "{attrs} {x}: {said:?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with("inputs: ") && said.contains(expected), "{attrs} {x}: {said}");
        }
    }
}

#[test]
fn one_cause_is_told_once() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": ["NaN", 9, 0.5, 1]}}, "r": {"type": "Attrs", "attrs": {"min": 0, "max": 1}},
        "fq": {"type": "FakeQuantWithMinMaxArgs"}, "grad": {"type": "FakeQuantWithMinMaxArgsGradient"},
        "again": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 1}}},
        "wires": [["x.output", "fq.inputs"], ["x.output", "grad.inputs"], ["x.output", "grad.gradients"],
            ["r.attrs", "fq.attrs"], ["r.attrs", "grad.attrs"], ["fq.output", "again.inputs"]]}"#;
    let found = found(text, CLIPPED);
    let blocks: Vec<&str> = found.keys().map(BlockId::as_str).collect();
    assert_eq!(blocks, ["fq"], "{found:?}");
    assert_eq!(found.values().flatten().count(), 2, "NaN and clipping: {found:?}");
    let fix = &found.values().next().unwrap()[1].fixes[0];
    assert_eq!(fix.values, [("min".into(), "0".to_owned()), ("max".into(), "9".to_owned())]);
}

#[test]
fn forward_and_backward_go_together() {
    let page = |own: &str, blocks: &str| {
        format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": [0.5, 1, 5]}}}}, {blocks},
            "fq": {{"type": "FakeQuantWithMinMaxArgs", "attrs": {{"min": 0, "max": 6}}}},
            "grad": {{"type": "FakeQuantWithMinMaxArgsGradient", "attrs": {{{own}}}}}}},
            "wires": [["x.output", "fq.inputs"], ["x.output", "grad.inputs"], ["x.output", "grad.gradients"]]}}"#
        )
    };
    let more = r#""y": {"type": "Const", "attrs": {"value": 1}}"#;
    let warnings = |text: &str| {
        let (checked, results) = run(text);
        let before = unlike(&checked, |id| quantization_before_run(checked.blocks.get(id)?));
        let after: Vec<(BlockId, Warning)> = findings(&checked, &results.blocks, 1.0)
            .into_iter()
            .flat_map(|(id, all)| all.into_iter().map(move |w| (id.clone(), w)))
            .collect();
        assert_eq!(before, after, "known before a run");
        before
    };
    assert!(warnings(&page(r#""min": 0, "max": 6"#, more)).is_empty());
    let told = warnings(&page(r#""min": 0, "max": 4"#, more));
    assert_eq!(told.len(), 1);
    assert!(told[0].1.message.contains("'fq' quantizes the same elements with [0, 6]"), "{told:?}");
    assert_eq!(told[0].1.fixes[0].share.as_ref().unwrap().as_str(), "fq");
    // Another forward block that it does go with.
    let other = r#""other": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 4}}"#;
    let text = page(r#""min": 0, "max": 4"#, other)
        .replace(r#"["x.output", "fq.inputs"]"#, r#"["x.output", "fq.inputs"], ["x.output", "other.inputs"]"#);
    assert!(warnings(&text).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever a page is, what is said of it is the same on any number of threads, and does not panic.
    #[test]
    fn the_same_is_said_on_any_number_of_threads(recipe in recipe()) {
        let checked = cook(&recipe, &registry());
        let preview: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
        let request = Request { preview, shares: true, ..Request::default() };
        let said = |threads| {
            let results = Engine::new(threads, 0).run(&plan(&checked, &request), &RunOptions::with_memory_limit(1 << 30));
            findings(&checked, &results.blocks, CLIPPED)
        };
        prop_assert_eq!(said(1), said(3));
    }
}
