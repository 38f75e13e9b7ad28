//! What is kept between edits: after every edit of a random sequence the check is that of a page never seen before, and
//! so are the worker's results, bit for bit, with what is said of them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Random, health, literal, registry};
use node_core::check::{CheckedPage, Feeds, recheck};
use node_core::page::{Entries, Written};
use node_core::{BlockId, BlockNode, DType, Edit, KnownType, Page, PortRef, Value, Wire, check};
use node_engine::{BlockResult, Engine, Executor, Job, Outcome, Report, Request, RunOptions, Runner, Session, plan};

const LIMIT: u64 = 1 << 30;

fn add(page: &mut Page, id: &str, type_name: &str, attrs: &[(&str, Value)], wires: &[(&str, &str)]) {
    let to = BlockId::new(id).unwrap();
    let attrs: Entries = attrs.iter().map(|(name, value)| (*name, value.clone())).collect();
    let block = Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) });
    Edit::AddBlock { id: to.clone(), block, place: None }.apply(page).unwrap();
    for (from, port) in wires {
        let wire = Wire { from: PortRef::parse(from).unwrap(), to: PortRef::new(&to, port) };
        Edit::Connect { wire }.apply(page).unwrap();
    }
}

fn ints(values: &[i64]) -> Value {
    Value::list(values.iter().map(|v| Value::Int(*v)).collect())
}

fn axis(random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Int(0),
        1 => ints(&[0, 1]),
        2 => ints(&[-1]),
        3 => ints(&[7]),
        n => ints(&[(n % 2) as i64]),
    }
}

fn tensor(random: &mut Random) -> Value {
    let dims: &[usize] = random.one_of(&[&[2, 3], &[2, 3], &[2, 3], &[3, 2], &[2, 2, 3], &[4]]);
    literal(random, dims, "float32", false)
}

/// A page with constants that sets give their values, parameters that are constants or computed, and what follows.
fn page(random: &mut Random) -> Page {
    let mut page = Page::default();
    add(&mut page, "x", "Const", &[("value", tensor(random))], &[]);
    add(&mut page, "sq", "Square", &[], &[("x.output", "x")]);
    add(&mut page, "axes", "Attrs", &[("value", axis(random))], &[]);
    add(&mut page, "range", "Attrs", &[("min", Value::Int(-1)), ("max", Value::Float(3.3))], &[]);
    add(&mut page, "bits", "Attrs", &[("num_bits", Value::Int(8))], &[]);
    add(&mut page, "axis", "Const", &[("dtype", Value::String("int32".into()))], &[("axes.attrs", "attrs")]);
    add(&mut page, "own", "Const", &[("dtype", Value::String("int32".into())), ("value", ints(&[0]))], &[]);
    let mut values = vec!["x.output".to_owned(), "sq.output".to_owned()];
    for number in 0..3 + random.below(5) {
        let from = values[random.below(values.len())].clone();
        let id = format!("b{number}");
        match random.below(6) {
            0..2 => {
                let kind = random.one_of(&["Sum", "Max", "Mean"]);
                let axis = random.one_of(&["axis.output", "own.output"]);
                add(&mut page, &id, kind, &[("keep_dims", Value::Bool(true))], &[(&from, "input"), (axis, "axis")]);
            }
            2 => {
                let wires = [(from.as_str(), "inputs"), ("range.attrs", "attrs"), ("bits.attrs", "attrs")];
                add(&mut page, &id, "FakeQuantWithMinMaxArgs", &[], &wires);
            }
            3 => {
                let (low, high) = (format!("low{number}"), format!("high{number}"));
                if random.once_in(2) {
                    add(&mut page, &low, "Min", &[], &[(&from, "input")]);
                    add(&mut page, &high, "Max", &[], &[(&from, "input")]);
                } else {
                    add(&mut page, &low, "Const", &[("value", Value::Float(-2.5))], &[]);
                    add(&mut page, &high, "Const", &[("value", Value::Float(2.0))], &[]);
                }
                let (low, high) = (format!("{low}.output"), format!("{high}.output"));
                let wires = [(from.as_str(), "inputs"), (&low, "min"), (&high, "max"), ("bits.attrs", "attrs")];
                add(&mut page, &id, "FakeQuantWithMinMaxVars", &[], &wires);
            }
            _ => {
                let other = values[random.below(values.len())].clone();
                add(&mut page, &id, random.one_of(&["AddV2", "Mul"]), &[], &[(&from, "x"), (&other, "y")]);
            }
        }
        values.push(format!("{id}.output"));
    }
    page
}

/// Changes an attribute of some block, mutes it or has it compute again.
fn edit(random: &mut Random, page: &mut Page) {
    let ids: Vec<BlockId> = page.blocks.keys().cloned().collect();
    let id = if random.once_in(3) {
        BlockId::new(random.one_of(&["axes", "range", "bits", "axis", "own"])).unwrap()
    } else {
        ids[random.below(ids.len())].clone()
    };
    if random.once_in(6) {
        let mute = !page.block(id.as_str()).unwrap().mute;
        Edit::Mute { block: id, mute }.apply(page).unwrap();
        return;
    }
    let float = |random: &mut Random| Value::Float(random.below(800) as f64 / 100.0 - 3.0);
    let (name, value) = match (id.as_str(), page.block(id.as_str()).unwrap().type_name.as_str()) {
        ("axes" | "own", _) => ("value", axis(random)),
        ("axis", _) => return,
        ("range", _) => (random.one_of(&["min", "max"]), float(random)),
        ("bits", _) => ("num_bits", Value::Int(random.below(18) as i64)),
        ("x", _) => ("value", tensor(random)),
        (_, "Const") => ("value", float(random)),
        (_, "Sum" | "Max" | "Mean" | "Min") => ("keep_dims", Value::Bool(random.once_in(2))),
        (_, kind) if kind.starts_with("Fake") => ("narrow_range", Value::Bool(random.once_in(2))),
        _ => return,
    };
    Edit::set_attr(&id, name, Some(Written::from(value))).apply(page).unwrap();
}

/// What there is to say of a result, without the elements' own way of being printed.
fn told(result: &BlockResult) -> String {
    let outcome = match &result.outcome {
        Outcome::Done(tensors) => {
            let bits = |t: &node_core::Tensor| {
                let bits: Vec<u64> = (0..t.len())
                    .map(|i| {
                        t.element(i).and_then(|e| e.as_f64()).map_or(0, |v| if v.is_nan() { 1 } else { v.to_bits() })
                    })
                    .collect();
                format!("{} {bits:?}", t.tensor_type())
            };
            format!("{:?}", tensors.iter().map(|t| t.as_ref().map(bits)).collect::<Vec<_>>())
        }
        Outcome::Failed(problem) => problem.to_string(),
        Outcome::Waiting(id) => format!("waits for {id}"),
    };
    format!("{outcome}\n{}", remarks(result))
}

/// All but the tensors.
fn remarks(result: &BlockResult) -> String {
    let ended = match &result.outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Failed(problem) => problem.to_string(),
        Outcome::Waiting(id) => format!("waits for {id}"),
    };
    format!("{ended}\n{:?}\n{:?}\n{:?}", result.quantization, result.warnings, result.shares)
}

/// What is seen of a block that nobody looks at closely: as previews say it, and as its tensors do.
fn seen(result: &BlockResult) -> (Vec<String>, Vec<String>) {
    let previews = result.previews.iter().flatten();
    let previews = previews.map(|p| format!("{:?} {}", p.ty, p.text(24))).collect();
    let tensors = result.tensors().unwrap_or_default().iter().flatten();
    let ty = |t: &node_core::Tensor| KnownType { dtype: t.dtype(), shape: t.shape().clone() };
    let tensors = tensors.map(|t| format!("{:?} {}", ty(t), t.preview(24))).collect();
    (previews, tensors)
}

/// All results of a worker's run.
fn wait(runner: &mut Runner, number: u64) -> BTreeMap<BlockId, BlockResult> {
    let (mut results, begun) = (BTreeMap::new(), Instant::now());
    while begun.elapsed() < Duration::from_secs(20) {
        for report in runner.reports() {
            match report {
                Report::Block { revision, id, result } if revision == number => drop(results.insert(id, *result)),
                Report::Finished { revision, .. } if revision == number => return results,
                Report::BrokeOff { why, .. } => panic!("{why}"),
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_micros(50));
    }
    panic!("the run does not end");
}

fn fresh(checked: &CheckedPage) -> BTreeMap<BlockId, BlockResult> {
    let fetch = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    let request = Request { fetch, shares: true, ..Request::default() };
    let mut session = Session::new(plan(checked, &request));
    session.run(&mut Engine::new(1, 0), &RunOptions::with_memory_limit(LIMIT), &mut |_, _| {});
    session.results().blocks
}

fn checks(checked: &CheckedPage) -> Vec<String> {
    let blocks = checked.blocks.iter().map(|(id, b)| {
        format!(
            "{id} {:?} {:?} {:?} {:?} {:?} {:?}",
            b.state,
            b.passes,
            b.setup.as_ref().map(|s| &s.attrs),
            b.effective,
            b.outputs,
            b.warnings
        )
    });
    checked.problems.iter().map(|p| p.to_string()).chain(blocks).collect()
}

#[test]
fn after_every_edit_all_is_as_if_it_were_the_first() {
    let registry = registry();
    let mut number = 0;
    let mut runner = Runner::start(LIMIT, || {}).unwrap();
    for seed in 0..250 {
        let mut random = Random::new(seed);
        let mut page = page(&mut random);
        let mut before = Arc::new(check(&Arc::new(page.clone()), &registry, &Feeds::new()));
        let mut earlier = vec![page.clone()];
        for turn in 0..10 {
            if random.once_in(5) {
                page = earlier[random.below(earlier.len())].clone();
            } else {
                (0..1 + random.below(2)).for_each(|_| edit(&mut random, &mut page));
            }
            earlier.push(page.clone());
            let shared = Arc::new(page.clone());
            let now = Arc::new(recheck(&before, &shared, &registry, &Feeds::new()));
            let anew = check(&shared, &registry, &Feeds::new());
            assert_eq!(checks(&now), checks(&anew), "seed {seed}, turn {turn}");
            // Not every state is run: an edit may come upon one that was never seen.
            if random.once_in(4) {
                before = now;
                continue;
            }
            number += 1;
            let looked_at: BTreeSet<BlockId> = now.blocks.keys().filter(|_| random.once_in(3)).cloned().collect();
            if random.once_in(20) {
                runner.forget(u64::MAX);
            }
            runner.submit(
                number,
                Job {
                    checked: now.clone(),
                    looked_at: looked_at.clone(),
                    files: Arc::new(node_core::access::NoFiles),
                    target: None,
                },
            );
            let (got, expected) = (wait(&mut runner, number), fresh(&anew));
            assert_eq!(got.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "seed {seed}, turn {turn}");
            for (id, result) in &expected {
                let place = format!("seed {seed}, turn {turn}: {id}");
                if looked_at.contains(id) {
                    assert_eq!(told(&got[id]), told(result), "{place}");
                } else {
                    assert_eq!(remarks(&got[id]), remarks(result), "{place}");
                    let kept = got[id].tensors().unwrap_or_default().iter().flatten();
                    let kept = kept.filter(|tensor| tensor.dtype() != DType::String);
                    assert_eq!(kept.count(), 0, "{place}: nobody looks at its tensors");
                }
                assert_eq!(seen(&got[id]).0, seen(result).1, "{place}");
                let tensors = result.tensors().unwrap_or_default();
                let expected: Vec<_> = tensors.iter().map(|tensor| tensor.as_ref().and_then(health)).collect();
                if !tensors.is_empty() {
                    assert_eq!(got[id].health, expected, "{place}");
                }
            }
            before = now;
        }
    }
    assert!(number > 1_500, "only {number} runs");
}
