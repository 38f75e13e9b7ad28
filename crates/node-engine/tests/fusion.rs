//! Fused runs give the bits of plain ones, on random graphs of every block there is, whatever is fetched and watched.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{health, plainly, registry, shares};
use node_core::check::Feeds;
use node_core::{
    BlockId, BlockNode, CheckedPage, Edit, Page, PortRef, Registry, Role, Scalar, Tensor, TensorType, Value, Wire,
    check,
};
use node_engine::{Engine, Request, RunOptions, Session, Stats, plan};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// Shapes that broadcast in many ways; the long ones need several stretches, blocks and threads.
const SHAPES: [&[usize]; 9] = [&[], &[1], &[5], &[3, 1], &[3, 5], &[0], &[700], &[4097], &[3, 7001]];

/// A source: a Const of `shape`, of numbers that look random with some that are special.
fn constant(shape: &[usize], dtype: &str, seed: u32) -> Value {
    let len: usize = shape.iter().product();
    let number = |i: usize| {
        let noise = ((i as u32).wrapping_add(seed)).wrapping_mul(2_654_435_761) >> 8;
        // Only some have NaN and infinities: in these, sums tell nothing.
        let special = if seed.is_multiple_of(3) { noise % 97 } else { 97 };
        match (special, dtype) {
            (_, "bool") => Value::Bool(noise.is_multiple_of(2)),
            (0, "float32" | "float64") => Value::String("NaN".into()),
            (1, "float32" | "float64") => Value::String("Infinity".into()),
            (2, "float32" | "float64") => Value::Float(-0.0),
            _ if dtype != "int32" => Value::Float(f64::from(noise) / 1e6 - 8.0),
            _ => Value::Int(i64::from(noise % 2001) - 1000),
        }
    };
    let list = |items: Vec<Value>| Value::list(items);
    Value::Object(vec![
        ("dtype".into(), Value::String(dtype.into())),
        ("shape".into(), list(shape.iter().map(|d| Value::Int(*d as i64)).collect())),
        ("data".into(), list((0..len).map(number).collect())),
    ])
}

#[derive(Clone, Debug)]
struct Recipe {
    sources: Vec<(usize, &'static str, u32)>,
    /// Which block, and which outputs its inputs take.
    blocks: Vec<(prop::sample::Index, Vec<prop::sample::Index>)>,
    fetch: Vec<bool>,
    watch: Vec<bool>,
    threads: usize,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    // Sums of float64 show in their last bits in which order they were taken.
    let dtype = prop_oneof![6 => Just("float32"), 3 => Just("float64"), 1 => Just("int32"), 1 => Just("bool")];
    let source = (0..SHAPES.len(), dtype, any::<u32>());
    let index = any::<prop::sample::Index>;
    let block = (index(), prop::collection::vec(index(), 5));
    (
        prop::collection::vec(source, 2..6),
        prop::collection::vec(block, 1..14),
        prop::collection::vec(prop::bool::weighted(0.4), 80),
        prop::collection::vec(prop::bool::weighted(0.2), 80),
        1usize..4,
    )
        .prop_map(|(sources, blocks, fetch, watch, threads)| Recipe { sources, blocks, fetch, watch, threads })
}

fn add(page: &mut Page, id: &str, block: BlockNode) -> BlockId {
    let id = BlockId::new(id).unwrap();
    Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(page).unwrap();
    id
}

/// A block of a type, with what it does nothing without: attributes, and inputs that no computed value would fit.
fn ready(type_name: &str, pick: usize) -> BlockNode {
    let list = |items: &[i64]| Value::list(items.iter().map(|i| Value::Int(*i)).collect());
    let dtypes = ["float32", "int32", "bool", "float16", "uint8", "float64"];
    let dtype = Value::String(dtypes[pick % dtypes.len()].into());
    let (attrs, inputs) = match type_name {
        "Cast" => (vec![("DstT", dtype)], vec![]),
        "MatMul" => (vec![("transpose_b", Value::Bool(true))], vec![]),
        "Unpack" => (vec![("num", Value::Int(3))], vec![]),
        "Split" => (vec![("num_split", Value::Int(3))], vec![("axis", Value::Int(0))]),
        "SplitV" => {
            (vec![("num_split", Value::Int(2))], vec![("size_splits", list(&[2, -1])), ("axis", Value::Int(0))])
        }
        "ConcatV2" => (vec![], vec![("axis", Value::Int(0))]),
        "Fill" => (vec![], vec![("dims", list(&[3, 5]))]),
        "Reshape" => (vec![], vec![("shape", list(&[-1]))]),
        _ => (vec![], vec![]),
    };
    let (attrs, inputs) = (attrs.into_iter().collect(), inputs.into_iter().collect());
    BlockNode { attrs, inputs, ..BlockNode::new(type_name) }
}

/// Whether a tensor is of a size that blocks which repeat their inputs may be given.
fn is_small(ty: &TensorType) -> bool {
    ty.shape.known().is_none_or(|shape| shape.elements() <= 50_000)
}

/// The page of a recipe: blocks that would not fit are left out.
fn cook(recipe: &Recipe, registry: &Registry) -> CheckedPage {
    let types: Vec<_> = registry.iter().map(|ty| &ty.spec).filter(|spec| spec.role == Role::Operation).collect();
    let mut page = Page::default();
    let mut outputs = Vec::new();
    for (n, (shape, dtype, seed)) in recipe.sources.iter().enumerate() {
        let attrs = [("value", constant(SHAPES[*shape], dtype, *seed))].into_iter().collect();
        let id = add(&mut page, &format!("s{n}"), BlockNode { attrs, ..BlockNode::new("Const") });
        outputs.push(PortRef::new(&id, "output"));
    }
    for (n, (which, inputs)) in recipe.blocks.iter().enumerate() {
        let spec = which.get(&types);
        let mut with = page.clone();
        let block = ready(&spec.name, inputs[0].index(100));
        let open = spec.inputs().filter(|p| !p.optional && block.inputs.get(&p.name).is_none()).collect::<Vec<_>>();
        let id = add(&mut with, &format!("b{n}"), block);
        // A list takes the wires that the other inputs leave.
        let wires = open.iter().copied().chain(open.iter().copied().filter(|p| p.is_list()).cycle().take(2));
        for (port, from) in wires.zip(inputs) {
            let wire = Wire { from: from.get(&outputs).clone(), to: PortRef::new(&id, &port.name) };
            Edit::Connect { wire }.apply(&mut with).unwrap();
        }
        let checked = check(&Arc::new(with.clone()), registry, &Feeds::new());
        if checked.problems.is_empty() && checked.blocks[&id].outputs.iter().all(is_small) {
            page = with;
            let setup = checked.blocks[&id].setup.as_ref().unwrap();
            outputs.extend(setup.ports.outputs().iter().map(|port| PortRef::new(&id, &port.name)));
        }
    }
    check(&Arc::new(page), registry, &Feeds::new())
}

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
    for _ in 0..600 {
        let recipe = recipe().new_tree(&mut runner).unwrap().current();
        let checked = cook(&recipe, &registry);
        met.extend(checked.blocks.values().filter_map(|b| b.spec()).map(|spec| spec.name.clone()));
    }
    let missing: Vec<_> = registry
        .iter()
        .map(|ty| &ty.spec)
        .filter(|spec| spec.role == Role::Operation && !met.contains(&spec.name))
        .map(|spec| &*spec.name)
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
