//! What an element reaches, against asking every later element why it has its value, and against changing it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::graphs::{cook, recipe};
use common::registry;
use node_core::check::{Feeds, State};
use node_core::{BlockId, CheckedPage, Edit, PortRef, Scalar, Value, check};
use node_engine::analysis::Stop;
use node_engine::analysis::reach::reach;
use node_engine::analysis::why::{Element, Explainer, Of};
use node_engine::{Request, Results, RunOptions, plan, run_once};
use proptest::prelude::*;

fn run(checked: &CheckedPage) -> Results {
    let ready = checked.blocks.iter().filter(|(_, block)| block.state == State::Ready);
    let all: Vec<PortRef> = ready.map(|(id, _)| PortRef::new(id, "")).collect();
    let request = Request { preview: all.clone(), ..Request::fetch(&all) };
    run_once(&plan(checked, &request), &RunOptions::with_memory_limit(1 << 30))
}

/// The elements that are named, and whether they are known.
type Found = BTreeMap<String, (u64, Vec<usize>, bool)>;

fn found(checked: &CheckedPage, results: &Results, element: &Element) -> Found {
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(checked, &find);
    let reached = reach(&explainer, element, &Stop::default()).unwrap();
    reached.into_iter().map(|r| (r.port.to_string(), (r.count, r.first, r.exact))).collect()
}

/// Every later element that is explained by one that is reached, found by asking all of them.
fn asked(checked: &CheckedPage, results: &Results, element: &Element) -> BTreeMap<String, BTreeSet<usize>> {
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(checked, &find);
    let mut reached: BTreeSet<Element> = [element.clone()].into();
    let mut told: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for id in checked.order.iter() {
        let Some(setup) = checked.blocks[id].setup.as_ref() else { continue };
        for index in 0..setup.ports.outputs().len() {
            let Some(tensor) = results.tensor(id.as_str(), index) else { continue };
            for flat in 0..tensor.len() {
                let one = Element { block: id.clone(), of: Of::Output(index), flat };
                let Ok(explained) = explainer.explain(&one, 1 << 20) else { continue };
                if explained.from.iter().any(|from| reached.contains(from)) {
                    reached.insert(one);
                    told.entry(PortRef::new(id, setup.output_name(index)).to_string()).or_default().insert(flat);
                }
            }
        }
    }
    told
}

/// The literal of a source with another value in the place of an element.
fn changed(results: &Results, element: &Element) -> Value {
    let tensor = results.tensor(element.block.as_str(), 0).unwrap();
    let number = |flat: usize| match (tensor.element(flat).unwrap(), flat == element.flat) {
        (Scalar::Int(v), other) => Value::Int(if other { v + 1 } else { v }),
        (Scalar::Bool(v), other) => Value::Bool(v != other),
        (v, true) => Value::Float(if v.as_f64().unwrap().is_finite() { v.as_f64().unwrap() * 0.5 + 1.0 } else { 1.0 }),
        (v, false) if v.as_f64().unwrap().is_finite() => Value::Float(v.as_f64().unwrap()),
        (v, false) => Value::String(v.to_string()),
    };
    let dims = tensor.shape().dims().iter().map(|dim| Value::Int(*dim as i64)).collect();
    Value::Object(vec![
        ("dtype".into(), Value::String(tensor.dtype().to_string())),
        ("shape".into(), Value::list(dims)),
        ("data".into(), Value::list((0..tensor.len()).map(number).collect())),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn as_asking_every_later_element(recipe in recipe(), which in any::<prop::sample::Index>()) {
        let checked = cook(&recipe, &registry());
        let small = |(id, block): &(&BlockId, &Arc<node_core::check::CheckedBlock>)| {
            let len = block.outputs.first().and_then(|ty| ty.shape.known()).map_or(0, |shape| shape.elements());
            id.as_str().starts_with('s') && (1..=15).contains(&len)
        };
        let sources: Vec<BlockId> = checked.blocks.iter().filter(small).map(|(id, _)| id.clone()).collect();
        let all = checked.blocks.values().flat_map(|block| &block.outputs).map(|ty| ty.shape.known().map_or(0, |s| s.elements()));
        prop_assume!(!sources.is_empty() && all.sum::<usize>() < 4_000);
        let results = run(&checked);
        let id = which.get(&sources).clone();
        let element = Element { block: id, of: Of::Output(0), flat: 0 };
        let (found, asked) = (found(&checked, &results, &element), asked(&checked, &results, &element));
        for (port, (count, first, exact)) in &found {
            let expected = asked.get(port).cloned().unwrap_or_default();
            // What is multiplied by 0, or not chosen, is reached and explains nothing.
            prop_assert!(*count >= expected.len() as u64, "{port}: {first:?} {expected:?}");
            let all = *count as usize > first.len();
            prop_assert!(!*exact || all || expected.iter().all(|flat| first.contains(flat)), "{port}: {first:?} {expected:?}");
        }
        // What is not reached does not change with it.
        let mut page = (*checked.page).clone();
        let literal = changed(&results, &element);
        Edit::set_attr(&element.block, "value", Some(literal.into())).apply(&mut page).unwrap();
        let other = check(&Arc::new(page), &registry(), &Feeds::new());
        prop_assume!(other.problems.is_empty());
        let after = run(&other);
        for (id, block) in &checked.blocks {
            let Some(setup) = block.setup.as_ref().filter(|_| *id != element.block) else { continue };
            for index in 0..setup.ports.outputs().len() {
                let (Some(a), Some(b)) = (results.tensor(id.as_str(), index), after.tensor(id.as_str(), index)) else { continue };
                let port = PortRef::new(id, setup.output_name(index)).to_string();
                let reached = found.get(&port);
                for flat in (0..a.len().min(b.len())).filter(|flat| a.element(*flat) != b.element(*flat)) {
                    let (count, first, exact) = reached.unwrap_or_else(|| panic!("{port}[{flat}] changes"));
                    prop_assert!(!exact || *count as usize > first.len() || first.contains(&flat), "{port}[{flat}] changes");
                }
            }
        }
        // What cannot be told exactly is told as what may be.
        prop_assert!(asked.keys().all(|port| found.contains_key(port)), "{:?} {:?}", asked.keys(), found.keys());
    }
}

#[test]
fn products_and_moves() {
    let text = r#"{"nudge": 1, "blocks": {
        "a": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4], [5, 6]]}}, "b": {"type": "Const", "attrs": {"value": [[1, 2], [3, 4]]}},
        "p": {"type": "MatMul"}, "t": {"type": "Reshape", "inputs": {"shape": [6]}}, "s": {"type": "Sum", "inputs": {"axis": [1]}},
        "q": {"type": "FakeQuantWithMinMaxVars", "inputs": {"min": 0}}, "m": {"type": "Max", "inputs": {"axis": [0]}}},
        "wires": [["a.output", "p.a"], ["b.output", "p.b"], ["a.output", "t.tensor"], ["p.product", "s.input"],
            ["t.output", "m.input"], ["m.output", "q.max"], ["t.output", "q.inputs"]]}"#;
    let checked = check(&Arc::new(common::page(text)), &registry(), &Feeds::new());
    assert_eq!(checked.problems, vec![]);
    let results = run(&checked);
    let element = Element { block: BlockId::new("a").unwrap(), of: Of::Output(0), flat: 3 };
    let found = found(&checked, &results, &element);
    assert_eq!(found["p.output"], (2, vec![2, 3], true), "a row of the product");
    assert_eq!(found["s.output"], (1, vec![1], true));
    assert_eq!(found["t.output"], (1, vec![3], true));
    assert_eq!(found["m.output"], (1, vec![0], true));
    assert_eq!((found["q.output"].0, found["q.output"].2), (6, true), "an end of a range reaches all");
}
