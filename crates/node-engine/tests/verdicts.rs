//! Whatever fails, is refused or is cancelled: every block's verdict and bits are those of blocks run one after the
//! other, in every run of a session, and what is told of a block as its turn ends is what stands in the end.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::wrong::{LIMIT, with_wrong_blocks};
use common::{Random, health, noise, page, shares};
use node_core::check::{Feeds, guarded};
use node_core::{
    CheckedPage, InferCx, InputType, KnownType, PortRef, Quantization, Registry, RunCx, Shape, Tensor, check,
};
use node_engine::plan::{Plan, Provenance, Step};
use node_engine::{BlockResult, Engine, Outcome, Request, RunOptions, Session, plan};

const KINDS: [&str; 18] = [
    "Square",
    "Relu6",
    "Relu6",
    "Identity",
    "Copies",
    "Copies",
    "GivesReadOnly",
    "Panics",
    "FailsInComputing",
    "Mul",
    "AddV2",
    "Sub",
    "Sub",
    "Sum over 0",
    "Sum over 1",
    "Mean",
    "Max",
    "FakeQuantWithMinMaxVars",
];

/// A page in which some blocks fail: the text of blocks and wires.
fn text(random: &mut Random) -> String {
    let (mut blocks, mut wires) = (vec![r#""x": {"type": "Placeholder"}"#.to_owned()], Vec::new());
    let mut ids = vec!["x".to_owned()];
    for number in 0..3 + random.below(14) {
        let id = format!("b{number}");
        let [a, b] = [0, 1].map(|_| ids[random.below(ids.len())].clone());
        let kind = random.one_of(&KINDS);
        let fails = matches!(kind, "Panics" | "FailsInComputing");
        let kind = if fails && !random.once_in(3) { "Square" } else { kind };
        let (name, attrs) = match kind.split_once(" over ") {
            Some((name, axis)) => {
                let axis = format!(r#""inputs": {{"axis": {{"dtype": "int32", "data": {axis}}}}}"#);
                (name, format!(r#", "attrs": {{"keep_dims": true}}, {axis}"#))
            }
            None if matches!(kind, "Mean" | "Max") => (kind, r#", "attrs": {"keep_dims": true}"#.to_owned()),
            None => (kind, String::new()),
        };
        blocks.push(format!(r#""{id}": {{"type": "{name}"{attrs}}}"#));
        let mut wire = |from: &str, to: &str, port: &str| wires.push(format!(r#"["{from}.output", "{to}.{port}"]"#));
        match name {
            "Mul" | "AddV2" | "Sub" => {
                wire(&a, &id, "x");
                wire(&b, &id, "y");
            }
            "FakeQuantWithMinMaxVars" => {
                blocks.push(format!(r#""low{number}": {{"type": "Min"}}, "high{number}": {{"type": "Max"}}"#));
                for (end, port) in [("low", "min"), ("high", "max")] {
                    wire(&b, &format!("{end}{number}"), "input");
                    wire(&format!("{end}{number}"), &id, port);
                }
                wire(&a, &id, "inputs");
            }
            "Relu6" => wire(&a, &id, "features"),
            "Identity" | "Sum" | "Mean" | "Max" => wire(&a, &id, "input"),
            _ => wire(&a, &id, "x"),
        }
        ids.push(id);
    }
    format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "))
}

enum Expected {
    Results(Vec<Tensor>),
    Fails,
    Waits,
}

/// Block after block, over whole tensors.
fn expected(plan: &Plan) -> Vec<Expected> {
    let mut all: Vec<Expected> = Vec::new();
    for step in &plan.steps {
        let tensor = |value: &usize| match &plan.values[*value].origin {
            Provenance::Given(tensor) => Some(tensor.clone()),
            Provenance::Output { step, index } => match &all[*step] {
                Expected::Results(tensors) => Some(tensors[*index].clone()),
                _ => None,
            },
        };
        let input = |value: &usize| tensor(value).map(|t| InputType { ty: t.tensor_type(), value: Some(t) });
        let inputs: Option<Vec<Vec<InputType>>> =
            step.inputs.iter().map(|port| port.iter().map(input).collect()).collect();
        let Some(inputs) = inputs else {
            all.push(Expected::Waits);
            continue;
        };
        let known = InferCx::new(&step.setup, &inputs).with_fed(step.fed.as_ref());
        let computed = guarded(|| {
            let types = step.code.infer(&known)?;
            let shape = |ty: &node_core::TensorType| ty.shape.known().unwrap();
            let outputs: Vec<KnownType> =
                types.iter().map(|ty| KnownType { dtype: ty.dtype, shape: shape(ty) }).collect();
            step.code.compute(&RunCx::new(known, &outputs, &node_core::access::Alone))
        });
        all.push(computed.map_or(Expected::Fails, Expected::Results));
    }
    all
}

/// What a step quantizes.
fn quantized(plan: &Plan, step: &Step, all: &[Expected], quantization: &Quantization) -> Tensor {
    let value = step.quantized(quantization).unwrap();
    match (&plan.values[value].origin, all) {
        (Provenance::Given(tensor), _) => tensor.clone(),
        (Provenance::Output { step, index }, all) => match &all[*step] {
            Expected::Results(tensors) => tensors[*index].clone(),
            _ => panic!("{step} has no results"),
        },
    }
}

fn word(result: &BlockResult) -> String {
    match &result.outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Failed(problem) => format!("failed: {problem}"),
        Outcome::Waiting(on) => format!("waits for {on}"),
    }
}

/// A session, with what one run of it is given.
struct Run<'r> {
    session: &'r mut Session,
    engine: &'r mut Engine,
    limit: u64,
    /// After how many times that it asks the run is cancelled.
    stop: usize,
    what: String,
}

impl Run<'_> {
    fn agrees(self) {
        let Run { session, engine, limit, stop, what } = self;
        let asked = AtomicUsize::new(0);
        let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= stop;
        let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(limit) };
        let mut told = BTreeMap::new();
        session.run(engine, &options, &mut |session, step| drop(told.insert(step, word(&session.result(step)))));
        let is_whole = !session.is_cancelled();
        assert!(is_whole || stop < ENOUGH, "{what}: the run does not end");
        let results = session.results();
        let all = expected(session.plan());
        for (number, (step, expected)) in session.plan().steps.iter().zip(&all).enumerate() {
            let Some(result) = results.blocks.get(&step.id) else {
                assert!(!is_whole, "{what}: {} has no result", step.id);
                continue;
            };
            let found = word(result);
            if is_whole && let Some(told) = told.get(&number) {
                assert_eq!(*told, found, "{what}: {} was told, and then changed", step.id);
            }
            let is_refused = limit < LIMIT && (found.contains("memory limit") || found.starts_with("waits"));
            match (expected, &result.outcome) {
                _ if is_refused => {}
                (Expected::Results(tensors), Outcome::Done(got)) => {
                    for (value, (got, tensor)) in step.outputs.clone().zip(got.iter().zip(tensors)) {
                        let asked = &session.plan().values[value];
                        assert!(got.is_some() || !asked.fetched || !is_whole, "{what}: {} is missing", step.id);
                        assert!(got.as_ref().is_none_or(|got| got.same_bits(tensor)), "{what}: bits of {}", step.id);
                        let stats = &result.stats[value - step.outputs.start];
                        assert!(stats.is_some() || !asked.watched || !is_whole, "{what}: {} unwatched", step.id);
                        let tallied = result.health[value - step.outputs.start];
                        assert!(tallied.is_some() || !asked.tallied || !is_whole, "{what}: health of {}", step.id);
                        assert!(tallied.is_none() || tallied == health(tensor), "{what}: health of {}", step.id);
                    }
                    if session.plan().shares && step.asked && is_whole {
                        let quantized = result.quantization.as_ref().map(|q| {
                            let input = quantized(session.plan(), step, &all, q);
                            shares(&input, q)
                        });
                        assert_eq!(result.shares, quantized, "{what}: shares of {}", step.id);
                    }
                }
                (Expected::Fails, Outcome::Failed(_)) | (Expected::Waits, Outcome::Waiting(_)) => {}
                // It had no turn: nobody asked for it, or the run ended before.
                (_, Outcome::Done(got)) if got.iter().all(Option::is_none) && (!is_whole || !step.asked) => {}
                (_, _) => panic!("{what}: {} {found}", step.id),
            }
        }
    }
}

/// More often than any of these runs asks whether to stop.
const ENOUGH: usize = 20_000;

fn checked(text: &str, registry: &Registry, feeds: &Feeds) -> Option<CheckedPage> {
    Some(check(&Arc::new(page(text)), registry, feeds)).filter(|checked| checked.problems.is_empty())
}

#[test]
fn every_verdict_is_that_of_blocks_run_one_after_the_other() {
    std::panic::set_hook(Box::new(|info| {
        if !info.payload_as_str().is_some_and(|text| text.contains("boiled over")) {
            eprintln!("{info}");
        }
    }));
    let registry = with_wrong_blocks();
    let mut pages = 0;
    for seed in 0..1_200 {
        let mut random = Random::new(seed);
        let dims = [random.one_of(&[1, 5, 60]), random.one_of(&[3, 40, 700])];
        let x = |seed: u32| noise(dims[0] * dims[1], seed).reshaped(&Shape::new(dims).unwrap()).unwrap();
        let feeds: Feeds = [(PortRef::parse("x.output").unwrap(), x(seed as u32))].into_iter().collect();
        let text = text(&mut random);
        let Some(checked) = checked(&text, &registry, &feeds) else { continue };
        let ports: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "output")).collect();
        let all = random.once_in(2);
        let some = |random: &mut Random| ports.iter().filter(|_| all || random.once_in(3)).cloned().collect();
        let fetch: Vec<PortRef> = some(&mut random);
        let watch = if random.once_in(2) { some(&mut random) } else { Vec::new() };
        let preview = checked.blocks.keys().filter(|_| random.once_in(4)).map(|id| PortRef::new(id, "")).collect();
        let health = if random.once_in(2) { some(&mut random) } else { Vec::new() };
        let request = Request { fetch, watch, health, preview, shares: random.once_in(3) };
        let mut session = Session::new(plan(&checked, &request));
        let mut engine = Engine::new(1 + random.below(2), random.one_of(&[0, LIMIT]));
        if random.once_in(2) {
            engine = engine.with_cache(random.one_of(&[40_000, LIMIT]));
        }
        for turn in 0..5 {
            if random.once_in(3) {
                let fresh = x(random.below(1000) as u32);
                session.change(|plan| plan.feed("x", fresh));
            }
            let tight = dims.iter().product::<usize>() * 4 * (1 + random.below(6)) + random.below(2000);
            let limit = if random.once_in(3) { tight as u64 } else { LIMIT };
            let stop = if random.once_in(3) { random.below(60) } else { ENOUGH };
            let what = format!("seed {seed}, turn {turn}, limit {limit}, stop {stop}");
            Run { session: &mut session, engine: &mut engine, limit, stop, what }.agrees();
        }
        pages += 1;
    }
    assert!(pages > 800, "only {pages} pages");
}
