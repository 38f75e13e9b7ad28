//! What becomes of gradients along chains of blocks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use common::{checked, page};
use node_core::check::Feeds;
use node_engine::analysis::audit::{chains, norm};
use node_engine::{Request, RunOptions, plan, run_once};

/// Gradients along a chain, against sums over their elements.
#[test]
fn chains_of_gradients_let_through_what_their_elements_say() {
    let text = r#"{"nudge": 1, "blocks": {
        "g": {"type": "Const", "attrs": {"value": [3, -4, 12, 1, "NaN"]}}, "x": {"type": "Const", "attrs": {"value": [-1, 2, 7, 3, 1]}},
        "a": {"type": "FakeQuantWithMinMaxArgsGradient"}, "b": {"type": "Relu6Grad"}, "alone": {"type": "Relu6Grad"},
        "m": {"type": "Mul"}, "c": {"type": "FakeQuantWithMinMaxVarsGradient", "inputs": {"min": 0.0, "max": 2.5}}},
        "wires": [["g.output", "a.gradients"], ["x.output", "a.inputs"], ["a.output", "b.gradients"], ["x.output", "b.features"],
            ["b.output", "c.gradients"], ["x.output", "c.inputs"], ["b.output", "m.x"], ["x.output", "m.y"],
            ["m.output", "alone.gradients"], ["x.output", "alone.features"]]}"#;
    let checked = checked(page(text), &Feeds::new());
    let found = chains(&checked, checked.blocks.keys());
    assert_eq!(found.len(), 1, "{found:?}");
    let names: Vec<String> = found[0].outputs.iter().map(ToString::to_string).collect();
    assert_eq!(found[0].from.to_string(), "g.output");
    assert_eq!(names, ["a.output", "b.output", "c.backprops_wrt_input"]);
    let watch: Vec<_> = std::iter::once(found[0].from.clone()).chain(found[0].outputs.clone()).collect();
    let request = Request { fetch: watch.clone(), watch: watch.clone(), ..Default::default() };
    let results = run_once(&plan(&checked, &request), &RunOptions::with_memory_limit(1 << 30));
    for port in &watch {
        let result = &results.blocks[&port.block];
        let tensor = result.tensor(0).unwrap().slice::<f32>().unwrap();
        let finite = tensor.iter().filter(|v| v.is_finite());
        let naive = finite.map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>().sqrt();
        let told = norm(result.stats[0].as_ref().unwrap());
        assert!((told - naive).abs() <= 1e-12 * naive.max(1.0), "{port}: {told} is not {naive}");
    }
}
