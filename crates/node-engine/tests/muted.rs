//! Muted blocks let inputs through. Held against another page: without the muted blocks, wired past them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use common::{checked, page, plainly, ports, registry};
use node_core::check::{CheckedPage, Feeds, State, check, recheck};
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Tensor, Value, Wire};
use node_engine::{Engine, Outcome, Request, RunOptions, Session, default_fetch, plan, resolve_outputs};

mod random {
    /// Numbers that look random.
    pub struct Random(pub u64);

    impl Random {
        pub fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % end
        }
    }
}
use random::Random;

const SHAPES: [&str; 4] = ["[1.5, -2, 7]", "[[1, -9, 3]]", "-0.5", "[[0.25, 8, -7], [3, -1, 2]]"];
const TYPES: [(&str, &[&str]); 9] = [
    ("AddV2", &["x", "y"]),
    ("Mul", &["x", "y"]),
    ("Square", &["x"]),
    ("Cast", &["x"]),
    ("FakeQuantWithMinMaxArgs", &["inputs"]),
    ("FakeQuantWithMinMaxArgsGradient", &["gradients", "inputs"]),
    ("FakeQuantWithMinMaxVars", &["inputs", "min", "max"]),
    ("FakeQuantWithMinMaxVarsGradient", &["gradients", "inputs", "min", "max"]),
    ("Sum", &["input", "axis"]),
];

/// A graph without loops; block n reads earlier ones. Many of its blocks do not fit.
fn graph(random: &mut Random) -> Page {
    let mut page = Page::default();
    let mut outputs: Vec<PortRef> = Vec::new();
    let add = |page: &mut Page, name: String, node: BlockNode, wires: Vec<(PortRef, &str)>| {
        let id = BlockId::new(&name).unwrap();
        page.blocks.insert(id.clone(), Arc::new(node));
        let wires = wires.into_iter().map(|(from, to)| Wire { from, to: PortRef::new(&id, to) });
        Arc::make_mut(&mut page.wires).extend(wires);
        // What does not fit is not built on.
        let now = check(&Arc::new(page.clone()), &registry(), &Feeds::new());
        let block = &now.blocks[&id];
        if block.state != State::Ready {
            Edit::RemoveBlock(id).apply(page).unwrap();
            return Vec::new();
        }
        let outputs = block.setup.as_ref().unwrap().ports.outputs();
        outputs.iter().map(|out| PortRef::new(&id, &out.name)).collect::<Vec<_>>()
    };
    for n in 0..4 {
        let mut node = BlockNode::new("Const");
        let text = if n == 3 { "{\"dtype\": \"int32\", \"data\": [0]}" } else { SHAPES[random.below(SHAPES.len())] };
        node.attrs.set("value", Some(Value::parse(text).unwrap().into()), None);
        outputs.extend(add(&mut page, format!("c{n}"), node, vec![]));
    }
    for n in 0..12 {
        let (ty, ins) = TYPES[random.below(TYPES.len())];
        let mut node = BlockNode::new(ty);
        if ty == "Cast" {
            node.attrs.set("DstT", Some(Value::String("float32".into()).into()), None);
        }
        let mut wires = Vec::new();
        for input in ins {
            match *input {
                "min" => drop(node.inputs.set("min", Some(Value::Float(-3.0).into()), None)),
                "max" => drop(node.inputs.set("max", Some(Value::Float(4.0).into()), None)),
                "axis" => wires.push((outputs[3].clone(), *input)),
                _ => wires.push((outputs[random.below(outputs.len())].clone(), *input)),
            }
        }
        outputs.extend(add(&mut page, format!("b{n:02}"), node, wires));
    }
    page
}

/// The page without its muted blocks: who reads of one reads what has the type of its output, if all that is wired to it
/// is there.
fn healed(original: &CheckedPage, muted: &BTreeSet<BlockId>) -> (Page, BTreeMap<PortRef, Option<Wire>>) {
    let mut page = (*original.page).clone();
    let mut stands_for: BTreeMap<PortRef, Option<Wire>> = BTreeMap::new();
    let mut waiting: BTreeSet<&BlockId> = BTreeSet::new();
    for id in original.order.iter() {
        let mut sources = original.page.wires.iter().filter(|w| w.to.block == *id).map(|w| &w.from);
        if sources.any(|from| waiting.contains(&from.block) || stands_for.get(from).is_some_and(Option::is_none)) {
            waiting.insert(id);
        }
        if !muted.contains(id) {
            continue;
        }
        let block = &original.blocks[id];
        let setup = block.setup.as_ref().unwrap();
        for (index, ty) in block.outputs.iter().enumerate() {
            let mut found = None;
            for input in setup.spec().inputs() {
                let wire = original.page.wires.iter().find(|w| w.to.block == *id && input.answers_to(&w.to.port));
                let Some(wire) = wire else {
                    // A literal of a single number.
                    let is_scalar = ty.shape.to_string() == "[]" && ty.dtype.name() == "float32";
                    if is_scalar && page.block(id.as_str()).is_some_and(|b| b.inputs.get(&input.name).is_some()) {
                        let literal = page.block(id.as_str()).unwrap().inputs.get(&input.name).unwrap().clone();
                        let own = BlockId::new(&format!("lit_{id}_{}", input.name)).unwrap();
                        let mut node = BlockNode::new("Const");
                        node.attrs.set("value", Some(literal.into()), None);
                        page.blocks.insert(own.clone(), Arc::new(node));
                        found = Some(PortRef::new(&own, "output"));
                        break;
                    }
                    continue;
                };
                let from = &original.blocks[&wire.from.block];
                if from.outputs[from.output_index(&wire.from.port).unwrap()] == *ty {
                    found = Some(wire.from.clone());
                    break;
                }
            }
            let port = PortRef::new(id, setup.output_name(index));
            let found = found.filter(|_| !waiting.contains(id)).and_then(|from| match stands_for.get(&from) {
                Some(other) => other.as_ref().map(|wire| wire.from.clone()),
                None => Some(from),
            });
            stands_for.insert(port.clone(), found.map(|from| Wire { from, to: port }));
        }
    }
    let rewire = |wire: &Wire| match stands_for.get(&wire.from) {
        Some(other) => other.as_ref().map(|other| Wire { from: other.from.clone(), to: wire.to.clone() }),
        None => Some(wire.clone()),
    };
    let wires = page.wires.iter().filter(|w| !muted.contains(&w.to.block)).filter_map(rewire).collect();
    page.wires = Arc::new(wires);
    muted.iter().for_each(|id| drop(page.blocks.remove(id)));
    (page, stands_for)
}

fn bits(tensor: &Tensor) -> String {
    let bits = (0..tensor.len()).map(|i| tensor.element(i).and_then(|e| e.as_f64()).map(f64::to_bits));
    format!("{} {:?}", tensor.tensor_type(), bits.collect::<Vec<_>>())
}

fn results(checked: &CheckedPage, threads: usize) -> BTreeMap<String, String> {
    let fetch: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
    // All that an editor asks for.
    let request = Request { watch: fetch.clone(), health: fetch.clone(), preview: fetch.clone(), fetch, shares: true };
    let mut session = Session::new(plan(checked, &request));
    session.run(&mut Engine::new(threads, 0), &RunOptions::with_memory_limit(1 << 30), &mut |_, _| {});
    let mut found = BTreeMap::new();
    for (id, result) in session.results().blocks {
        let setup = checked.blocks[&id].setup.clone().unwrap();
        if let Outcome::Failed(problem) = &result.outcome {
            panic!("{id}: {problem}");
        }
        if let Outcome::Done(tensors) = &result.outcome {
            for (index, tensor) in tensors.iter().enumerate() {
                let port = format!("{id}.{}", setup.output_name(index));
                found.extend(tensor.as_ref().map(|tensor| (port, bits(tensor))));
            }
        }
    }
    found
}

#[test]
fn a_muted_block_gives_what_the_page_without_it_gives() {
    let (mut passed, mut absent) = (0, 0);
    for seed in 0..300 {
        let mut random = Random(seed);
        let original = checked(graph(&mut random), &Feeds::new());
        let can = |id: &&BlockId| id.as_str().starts_with('b');
        let muted: BTreeSet<BlockId> =
            original.blocks.keys().filter(can).filter(|_| random.below(3) == 0).cloned().collect();
        let mut page = (*original.page).clone();
        let edits = muted.iter().map(|block| Edit::Mute { block: block.clone(), mute: true }).collect();
        Edit::Batch(edits).apply(&mut page).unwrap();
        let page = Arc::new(page);
        let now = check(&page, &registry(), &Feeds::new());
        let (healed, stands_for) = healed(&original, &muted);
        let other = check(&Arc::new(healed), &registry(), &Feeds::new());
        let (got, expected) = (results(&now, 1 + seed as usize % 3), results(&other, 1));
        for (port, value) in &expected {
            if !port.starts_with("lit_") {
                assert_eq!(got.get(port), Some(value), "seed {seed}: {port}");
            }
        }
        for (port, other) in &stands_for {
            match other {
                Some(other) => {
                    passed += 1;
                    assert_eq!(
                        got.get(&port.to_string()),
                        expected.get(&other.from.to_string()),
                        "seed {seed}: {port}"
                    );
                }
                None => {
                    absent += 1;
                    assert_eq!(got.get(&port.to_string()), None, "seed {seed}: {port}");
                }
            }
        }
        let is_known =
            |port: &String| expected.contains_key(port) || stands_for.keys().any(|other| other.to_string() == *port);
        assert!(got.keys().all(is_known), "seed {seed}: {got:?}");
        // By edits, from the page as it was, and back.
        let again = recheck(&original, &page, &registry(), &Feeds::new());
        assert_eq!(results(&again, 2), got, "seed {seed}");
        let back = recheck(&again, &original.page, &registry(), &Feeds::new());
        assert_eq!(results(&back, 2), results(&original, 1), "seed {seed}");
    }
    assert!(passed > 200 && absent > 50, "{passed} pass, {absent} are absent");
}

/// The one output of a block that is computed over whole tensors, without fusing anything.
#[test]
fn a_muted_block_agrees_with_the_plain_way() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [6, -6, -7, 0.1]}},
        "fq": {"type": "FakeQuantWithMinMaxArgs", "mute": true},
        "s": {"type": "Square"}},
        "wires": [["x.output", "fq.inputs"], ["fq.outputs", "s.x"]]}"#;
    let checked = checked(page(text), &Feeds::new());
    let plan = plan(&checked, &Request::fetch(&ports(&["s.y", "fq.outputs"])));
    let plain = plainly(&plan);
    let value = |block: &str| plain[plan.output(block, 0).unwrap()].clone().unwrap();
    assert_eq!(value("fq").slice::<f32>(), Some(&[6.0, -6.0, -7.0, 0.1][..]));
    assert_eq!(results(&checked, 2)["s.output"], bits(&value("s")));
}

#[test]
fn where_nothing_passes_readers_wait_and_everybody_is_told() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [1, 2]}},
        "sum": {"type": "Sum", "inputs": {"axis": [0]}, "mute": true},
        "after": {"type": "Square"},
        "beside": {"type": "Square"}},
        "wires": [["x.output", "sum.input"], ["sum.output", "after.x"], ["x.output", "beside.x"]]}"#;
    let now = check(&Arc::new(page(text)), &registry(), &Feeds::new());
    let problems: Vec<String> = now.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["sum.output: nothing passes: the block is muted, and no input is float32 []; unmute it, or take off the wire"]
    );
    assert_eq!(now.blocks["after"].state, State::Waiting(BlockId::new("sum").unwrap()));
    assert_eq!(results(&now, 1).keys().collect::<Vec<_>>(), ["beside.output", "x.output"]);
    assert!(resolve_outputs(&now, &ports(&["sum.output"])[0]).unwrap_err().contains("muted"));
    let mut page = (*now.page).clone();
    Edit::RemoveBlock(BlockId::new("after").unwrap()).apply(&mut page).unwrap();
    let alone = recheck(&now, &Arc::new(page), &registry(), &Feeds::new());
    assert!(alone.problems.is_empty(), "nobody reads it: {:?}", alone.problems);
    assert_eq!(default_fetch(&alone), ports(&["beside.output"]));
}

#[test]
fn sources_sets_and_what_has_no_outputs_are_not_muted() {
    let text = r#"{"nudge": 1, "blocks": {
        "c": {"type": "Const", "attrs": {"value": 1}, "mute": true},
        "p": {"type": "Placeholder", "attrs": {"dtype": "float32"}, "mute": true},
        "f": {"type": "ClientSession", "mute": true}},
        "wires": [["c.output", "f.fetch_outputs"]]}"#;
    let now = check(&Arc::new(page(text)), &registry(), &Feeds::new());
    let problems: Vec<String> = now.problems.iter().map(ToString::to_string).collect();
    for (problem, ty) in problems.iter().zip(["c: is muted, but nothing could pass through a Const", "f: is", "p: is"])
    {
        assert!(problem.starts_with(ty), "{problems:?}");
    }
}
