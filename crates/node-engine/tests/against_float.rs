//! Where error arises, against both paths run block by block and figures from plain loops.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;

use common::graphs::{cook, recipe};
use common::{checked, example, plainly, registry};
use node_core::check::{CheckedBlock, Feeds, Surroundings};
use node_core::{Attr, BlockId, CheckedPage, DType, Edit, PortRef, Problem, Tensor, check};
use node_engine::against_float::{AgainstFloat, against_float, badness};
use node_engine::analysis::Stop;
use node_engine::analysis::distance::Distance;
use node_engine::{Engine, Request, RunOptions, plan};
use proptest::prelude::*;

fn all(checked: &CheckedPage) -> Vec<PortRef> {
    checked.blocks.keys().map(|id| PortRef::new(id, "")).collect()
}

fn found(checked: &CheckedPage, chosen: Option<&[BlockId]>, threads: usize) -> Result<AgainstFloat, Vec<Problem>> {
    let (registry, feeds) = (registry(), Feeds::new());
    let around = Surroundings::new(&registry, &feeds);
    let options = RunOptions::with_memory_limit(1 << 30);
    let fetch = all(checked);
    let mut engine = Engine::new(threads, 0);
    against_float(checked, (&fetch, chosen), &around, (&mut engine, &options), &Stop::default()).map(Option::unwrap)
}

/// Every output, by block and number, run plainly.
fn plain(checked: &CheckedPage) -> impl Fn(&PortRef) -> Option<Tensor> + '_ {
    let plan = plan(checked, &Request::fetch(&all(checked)));
    let values = plainly(&plan);
    move |port| {
        let index = checked.blocks[&port.block].output_index(&port.port)?;
        values[plan.output(port.block.as_str(), index)?].clone()
    }
}

/// Element by element: mean of squares, largest, decibels, cosine.
fn naive(tensor: &Tensor, reference: &Tensor) -> [f64; 4] {
    let (mut count, mut noise, mut signal, mut squares, mut product, mut largest) =
        (0u64, 0f64, 0f64, 0f64, 0f64, 0f64);
    for i in 0..tensor.len() {
        let number = |t: &Tensor| t.element(i).unwrap().as_f64().unwrap();
        let (a, b) = (number(tensor), number(reference));
        if (a.is_nan() && b.is_nan()) || (a == b && a.is_infinite()) {
            continue;
        }
        count += 1;
        noise += (a - b) * (a - b);
        signal += b * b;
        squares += a * a;
        product += a * b;
        largest = if (a - b).is_nan() || largest.is_nan() { f64::NAN } else { largest.max((a - b).abs()) };
    }
    let decibels = if noise == 0.0 { f64::INFINITY } else { 10.0 * (signal / noise).log10() };
    let mse = if count == 0 { 0.0 } else { noise / count as f64 };
    [mse, largest, decibels, product / (signal.sqrt() * squares.sqrt())]
}

fn agrees(found: &Distance, naive: [f64; 4]) -> bool {
    let figures = [found.mse, found.max_abs, found.sqnr_db, found.cosine];
    figures
        .iter()
        .zip(naive)
        .all(|(a, b)| *a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * b.abs().max(1e-3))
}

/// Whether a block quantizes with a range that is given.
fn quantizes(block: &CheckedBlock) -> bool {
    let Some(setup) = &block.setup else { return false };
    let name = &setup.spec().name;
    let is_given = setup.attrs.get("range_given").is_none_or(|given| matches!(given, Attr::Bool(true)));
    let is_v = name.starts_with("QuantizeAndDequantizeV") && !name.ends_with("Grad");
    name.starts_with("FakeQuant") || (is_v && is_given && block.outputs[0].dtype == DType::Float32)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_paths_are_those_of_plain_runs(recipe in recipe()) {
        let page = cook(&recipe, &registry());
        let quantizers: Vec<BlockId> = page.page.blocks.iter()
            .filter(|(id, _)| quantizes(&page.blocks[*id])).map(|(id, _)| id.clone()).collect();
        let mut muted = (*page.page).clone();
        for block in &quantizers {
            Edit::Mute { block: block.clone(), mute: true }.apply(&mut muted).unwrap();
        }
        let float = check(&Arc::new(muted), &registry(), &Feeds::new());
        let told = match found(&page, None, recipe.threads) {
            Ok(told) => told,
            // Some blocks cannot be computed: they say so in a plain run too.
            Err(_) => return Ok(()),
        };
        prop_assert_eq!(&told.muted, &quantizers);
        let (a, b) = (plain(&page), plain(&float));
        for arising in &told.ports {
            let (tensor, reference) = (a(&arising.port).unwrap(), b(&arising.port).unwrap());
            let expected = naive(&tensor, &reference);
            prop_assert!(agrees(&arising.accumulated, expected), "{}: {:?} {:?}", arising.port, arising.accumulated, expected);
            prop_assert_eq!(arising.local.is_some(), quantizers.contains(&arising.port.block));
        }
        prop_assert!(told.without.iter().all(|port| told.ports.iter().all(|arising| arising.port != *port)));
    }
}

#[test]
fn what_a_quantizer_adds_is_told_from_what_came_to_it() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [-1.2, 0.26, 0.74, 3.1]}},
        "first": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 1.5, "num_bits": 2}},
        "double": {"type": "AddV2"},
        "second": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 7, "num_bits": 3}}},
        "wires": [["x.output", "first.inputs"], ["first.output", "double.x"], ["first.output", "double.y"],
            ["double.z", "second.inputs"]]}"#;
    let page = checked(common::page(text), &Feeds::new());
    let told = found(&page, None, 2).unwrap();
    let of = |name: &str| told.ports.iter().find(|arising| arising.port.block.as_str() == name).unwrap().clone();
    // 0, 0.5, 0.5, 1.5 instead of -1.2, 0.26, 0.74, 3.1; then 0, 1, 1, 3, which the second leaves as they are.
    let squares = |values: [f64; 4]| values.iter().map(|v| v * v).sum::<f64>() / 4.0;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(near(of("first").local.unwrap().mse, squares([1.2, 0.24, 0.24, 1.6])), "{:?}", of("first"));
    assert_eq!(of("first").local, Some(of("first").accumulated));
    assert_eq!(of("second").local.unwrap().mse, 0.0);
    assert!(near(of("second").accumulated.mse, 4.0 * of("first").accumulated.mse));
    assert!(!of("x").differs() && of("double").differs() && of("double").local.is_none());
    let only = |name: &str| found(&page, Some(&[BlockId::new(name).unwrap()]), 1);
    assert!(only("second").unwrap().ports.iter().all(|arising| !arising.differs()), "the second alone adds nothing");
    assert!(only("double").unwrap_err()[0].message.contains("does not quantize"));
}

#[test]
fn ends_of_ranges_have_no_gradient_on_the_float_path() {
    let page = checked(example("fake_quant_vars_gradient"), &Feeds::new());
    let told = found(&page, None, 1).unwrap();
    let without: Vec<String> = told.without.iter().map(ToString::to_string).collect();
    assert_eq!(without, ["grad.backprop_wrt_min", "grad.backprop_wrt_max"]);
}

#[test]
fn what_becomes_infinite_is_the_worst() {
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [1, 65500]}},
        "q": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 0, "max": 65600}},
        "c": {"type": "Cast", "attrs": {"DstT": "float16"}}},
        "wires": [["x.output", "q.inputs"], ["q.output", "c.x"]]}"#;
    let told = found(&checked(common::page(text), &Feeds::new()), None, 1).unwrap();
    let of = |name: &str| told.ports.iter().find(|arising| arising.port.block.as_str() == name).unwrap();
    assert!(!of("c").accumulated.mse.is_finite() && of("q").accumulated.mse.is_finite(), "{told:?}");
    assert!(badness(&of("c").accumulated) < badness(&of("q").accumulated));
}

/// The ends of ranges have the gradients' shape here, by chance.
#[test]
fn outputs_of_the_same_type_are_no_counterparts() {
    let text = r#"{"nudge": 1, "blocks": {"g": {"type": "Const", "attrs": {"value": [1, 2]}}, "x": {"type": "Const", "attrs": {"value": [0.5, 9]}},
        "grad": {"type": "FakeQuantWithMinMaxVarsPerChannelGradient", "inputs": {"min": [0, 0], "max": [1, 1]}}, "then": {"type": "Square"}},
        "wires": [["g.output", "grad.gradients"], ["x.output", "grad.inputs"], ["grad.backprop_wrt_min", "then.x"]]}"#;
    let told = found(&checked(common::page(text), &Feeds::new()), None, 1).unwrap();
    let without: Vec<String> = told.without.iter().map(ToString::to_string).collect();
    assert_eq!(without, ["grad.backprop_wrt_min", "grad.backprop_wrt_max", "then.output"]);
}

/// What cannot run is left out on both paths, and all that needs it; the others are told of.
#[test]
fn what_cannot_run_is_left_out() {
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [0.3, 9]}}, "good": {"type": "FakeQuantWithMinMaxArgs"},
        "bad": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"min": 3, "max": 1}}, "after": {"type": "Square"},
        "n": {"type": "Const", "attrs": {"value": [-1], "dtype": "int32"}}, "fill": {"type": "Fill", "inputs": {"value": 3.0}}},
        "wires": [["x.output", "good.inputs"], ["x.output", "bad.inputs"], ["bad.outputs", "after.x"], ["n.output", "fill.dims"]]}"#;
    let page = check(&Arc::new(common::page(text)), &registry(), &Feeds::new());
    assert_eq!(page.problems.len(), 2);
    let bad = BlockId::new("bad").unwrap();
    for chosen in [None, Some([BlockId::new("good").unwrap(), bad].to_vec())] {
        let told = found(&page, chosen.as_deref(), 2).unwrap();
        assert_eq!(told.muted.iter().map(BlockId::as_str).collect::<Vec<_>>(), ["good"]);
        let of = |name: &str| told.ports.iter().find(|arising| arising.port.block.as_str() == name);
        assert!(of("good").unwrap().differs() && of("x").is_some(), "{told:?}");
        assert!(["bad", "after", "fill"].iter().all(|name| of(name).is_none()), "{told:?}");
    }
    let wrong = found(&page, Some(&[BlockId::new("x").unwrap()]), 1).unwrap_err();
    assert!(wrong[0].message.contains("does not quantize"), "{wrong:?}");
}
