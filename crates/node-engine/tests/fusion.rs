//! Fused runs give the bits of plain ones, on random graphs of every block there is, whatever is fetched and watched.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use common::graphs::{MAY_REFUSE, cook, recipe};
use common::{health, plainly, registry, shares};
use node_core::{PortRef, Role, Scalar, Tensor};
use node_engine::{Engine, Request, RunOptions, Session, Stats, plan};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::BTreeSet;

fn naive(tensor: &Tensor) -> (u64, u64, u64, u64, f64, f64, f64, f64) {
    let all: Vec<f64> = (0..tensor.len()).filter_map(|i| tensor.element(i).as_ref().and_then(Scalar::as_f64)).collect();
    let finite: Vec<f64> = all.iter().copied().filter(|v| v.is_finite()).collect();
    let mean = finite.iter().sum::<f64>() / finite.len() as f64;
    let variance = finite.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / finite.len() as f64;
    let count = |f: fn(&&f64) -> bool| all.iter().filter(f).count() as u64;
    let least = finite.iter().copied().reduce(f64::min).unwrap_or(f64::NAN);
    let greatest = finite.iter().copied().reduce(f64::max).unwrap_or(f64::NAN);
    let (nan, inf, zeros) = (count(|v| v.is_nan()), count(|v| v.is_infinite()), count(|v| **v == 0.0));
    (all.len() as u64, nan, inf, zeros, least, greatest, mean, variance.sqrt())
}

fn assert_stats(stats: &Stats, tensor: &Tensor, port: &PortRef) -> Result<(), TestCaseError> {
    let (count, nan, inf, zeros, least, greatest, mean, std) = naive(tensor);
    let close = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    prop_assert_eq!((stats.count, stats.nan, stats.inf, stats.zeros), (count, nan, inf, zeros), "{}", port);
    prop_assert!(close(stats.min, least) && close(stats.max, greatest), "{}: {:?} {} {}", port, stats, least, greatest);
    let scale = greatest.abs().max(least.abs());
    let near = |a: f64, b: f64| close(a, b) || (a - b).abs() <= 1e-9 * scale || scale > 1e30;
    prop_assert!(near(stats.mean, mean), "{}: mean {} is not {}", port, stats.mean, mean);
    prop_assert!(near(stats.std, std) || std < 1e-6 * scale, "{}: std {} is not {}", port, stats.std, std);
    prop_assert_eq!(stats.histogram.counts.iter().sum::<u64>(), stats.finite(), "{}", port);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn fused_runs_give_the_bits_of_plain_ones(recipe in recipe()) {
        let checked = cook(&recipe, &registry());
        prop_assert_eq!(&checked.problems, &vec![]);
        let outputs: Vec<PortRef> = checked.blocks.iter().flat_map(|(id, block)| {
            block.setup.iter().flat_map(|s| s.ports.outputs()).map(|port| PortRef::new(id, &port.name))
        }).collect();
        let picked = |flags: &[bool]| -> Vec<PortRef> {
            outputs.iter().zip(flags).filter(|(_, take)| **take).map(|(port, _)| port.clone()).collect()
        };
        let request = Request { fetch: picked(&recipe.fetch), watch: picked(&recipe.watch), health: outputs.clone(), shares: recipe.threads == 2, ..Request::default() };
        let plan = plan(&checked, &request);
        let expected = plainly(&plan);
        let mut engine = Engine::new(recipe.threads, 1 << 20);
        let mut session = Session::new(plan.clone());
        for turn in 0..2 {
            session.run(&mut engine, &RunOptions::with_memory_limit(1 << 30), &mut |_, _| {});
            let results = session.results();
            prop_assert_eq!(results.problems().next(), None);
            for (port, value) in request.fetch.iter().map(|port| (port, value(&plan, port))) {
                let got = results.blocks[&port.block].tensor(value - plan.output(port.block.as_str(), 0).unwrap());
                let (got, expected) = (got.unwrap(), expected[value].as_ref().unwrap());
                prop_assert!(got.same_bits(expected), "{}, turn {}: {} is not {}", port, turn, got.preview(40), expected.preview(40));
            }
            for (port, value) in request.watch.iter().map(|port| (port, value(&plan, port))) {
                let stats = results.blocks[&port.block].stats[value - plan.output(port.block.as_str(), 0).unwrap()].clone();
                assert_stats(&stats.unwrap(), expected[value].as_ref().unwrap(), port)?;
            }
            for (port, value) in request.health.iter().map(|port| (port, value(&plan, port))) {
                let found = results.blocks[&port.block].health[value - plan.output(port.block.as_str(), 0).unwrap()];
                prop_assert_eq!(found, health(expected[value].as_ref().unwrap()), "{}, turn {}", port, turn);
            }
            for step in plan.steps.iter().filter(|step| plan.shares && step.asked) {
                let result = &results.blocks[&step.id];
                let quantized = result.quantization.as_ref().map(|q| shares(expected[step.quantized(q).unwrap()].as_ref().unwrap(), q));
                prop_assert_eq!(result.shares, quantized, "{}, turn {}", step.id, turn);
            }
        }
    }
}

fn value(plan: &node_engine::Plan, port: &PortRef) -> usize {
    let step = plan.step(port.block.as_str()).unwrap();
    let setup = &plan.steps[step].setup;
    let index = setup.ports.output_index(setup.spec(), &port.port).unwrap();
    plan.output(port.block.as_str(), index).unwrap()
}

/// The recipes above reach every operation that computes.
#[test]
fn every_operation_takes_part() {
    let registry = registry();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = BTreeSet::new();
    for _ in 0..4000 {
        let recipe = recipe().new_tree(&mut runner).unwrap().current();
        let checked = cook(&recipe, &registry);
        met.extend(checked.blocks.values().filter_map(|b| b.spec()).map(|spec| spec.name.clone()));
    }
    let missing: Vec<_> = registry
        .iter()
        .map(|ty| &ty.spec)
        .filter(|spec| spec.role == Role::Operation && !met.contains(&spec.name))
        .filter(|spec| !MAY_REFUSE.contains(&&*spec.name))
        .map(|spec| &*spec.name)
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
