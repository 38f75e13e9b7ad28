//! Which elements go where: folds, broadcasts, spreads and channels over random shapes with many axes of length 1 and
//! some of length 0, against loops that share nothing with the engine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;

use common::{Random, literal, naively, plainly, registry};
use node_core::check::Feeds;
use node_core::page::Entries;
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Value, Wire, check};
use node_engine::{Engine, Request, RunOptions, Session, plan};

const DTYPES: [&str; 4] = ["float32", "float64", "int32", "int64"];
const FOLDS: [&str; 4] = ["Sum", "Mean", "Min", "Max"];

/// A page that is put together block by block.
#[derive(Default)]
struct Maker(Page);

impl Maker {
    fn block(&mut self, id: &str, type_name: &str, attrs: &[(&str, Value)], wires: &[(&str, &str)]) {
        let to = BlockId::new(id).unwrap();
        let attrs: Entries = attrs.iter().map(|(name, value)| (*name, value.clone())).collect();
        let block = Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) });
        Edit::AddBlock { id: to.clone(), block, place: None }.apply(&mut self.0).unwrap();
        for (from, port) in wires {
            let wire = Wire { from: PortRef::parse(from).unwrap(), to: PortRef::new(&to, port) };
            Edit::Connect { wire }.apply(&mut self.0).unwrap();
        }
    }

    fn constant(&mut self, id: &str, value: Value) {
        self.block(id, "Const", &[("value", value)], &[]);
    }

    /// Runs the page on several numbers of threads, plainly, and by the tests' own loops: the same bits. Whether there
    /// was anything to run.
    fn agrees(self, what: &str) -> bool {
        let checked = check(&Arc::new(self.0), &registry(), &Feeds::new());
        // The mean of no integers is refused.
        if let Some(problem) = checked.problems.first() {
            assert!(problem.message.contains("has no elements"), "{what}: {problem}");
            return false;
        }
        let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
        let plan = plan(&checked, &Request::fetch(&all));
        let (expected, plain) = (naively(&plan), plainly(&plan));
        for threads in [1, 3] {
            let mut session = Session::new(plan.clone());
            session.run(&mut Engine::new(threads, 1 << 20), &RunOptions::with_memory_limit(1 << 30), &mut |_, _| {});
            let results = session.results();
            assert_eq!(results.problems().next(), None, "{what}");
            for (number, step) in plan.steps.iter().enumerate() {
                let tensors = results.blocks[&step.id].tensors().unwrap();
                assert_eq!(tensors.len(), plan.steps[number].outputs.len());
                for (value, got) in step.outputs.clone().zip(tensors) {
                    let (got, expected, plain) = (got.as_ref().unwrap(), &expected[value], &plain[value]);
                    let expected = expected.as_ref().unwrap();
                    assert!(
                        got.same_bits(expected),
                        "{what}: {} on {threads} threads is {} {}, not {} {}",
                        step.id,
                        got.shape(),
                        got.preview(30),
                        expected.shape(),
                        expected.preview(30)
                    );
                    assert!(plain.as_ref().unwrap().same_bits(expected), "{what}: {} plainly", step.id);
                }
            }
        }
        true
    }
}

/// A shape of rank 0 to 6, with many axes of length 1 and some of length 0.
fn shape(random: &mut Random, most: usize) -> Vec<usize> {
    let rank = random.below(7);
    let mut left = most;
    let mut dims: Vec<usize> = Vec::new();
    for _ in 0..rank {
        let dim = match random.below(20) {
            0 => 0,
            1..8 => 1,
            8..17 => 2 + random.below(4),
            _ => 2 + random.below(70),
        };
        let dim = dim.min(left.max(1));
        left /= dim.max(1);
        dims.insert(random.below(dims.len() + 1), dim);
    }
    dims
}

/// A set of axes, some counted from the end, in any order; `None` for all.
fn axes(random: &mut Random, rank: usize) -> Option<Value> {
    if random.once_in(8) {
        return None;
    }
    let mut axes: Vec<i64> = Vec::new();
    for axis in 0..rank as i64 {
        if random.once_in(2) {
            let axis = if random.once_in(2) { axis - rank as i64 } else { axis };
            axes.insert(random.below(axes.len() + 1), axis);
        }
    }
    let list: Vec<Value> = axes.iter().map(|axis| Value::Int(*axis)).collect();
    let data = match list.as_slice() {
        [only] if random.once_in(3) => only.clone(),
        _ => Value::list(list.clone()),
    };
    Some(Value::Object(vec![("dtype".into(), Value::String("int32".into())), ("data".into(), data)]))
}

fn fold(maker: &mut Maker, id: &str, from: &str, random: &mut Random, axis: &Option<Value>) {
    let attrs: Vec<(&str, Value)> = if random.once_in(2) { vec![("keep_dims", Value::Bool(true))] } else { Vec::new() };
    let (kind, axis_id) = (random.one_of(&FOLDS), format!("{id}_axis"));
    let axis_from = format!("{axis_id}.output");
    let mut wires = vec![(from, "input")];
    if let Some(axis) = axis {
        maker.constant(&axis_id, axis.clone());
        wires.push((&axis_from, "axis"));
    }
    maker.block(id, kind, &attrs, &wires);
}

#[test]
fn folds_over_every_set_of_axes() {
    let mut ran = 0;
    for seed in 0..1_500 {
        let mut random = Random::new(seed);
        let mut maker = Maker::default();
        let dims = shape(&mut random, 600);
        let dtype = random.one_of(&DTYPES);
        let special = random.once_in(3);
        maker.constant("x", literal(&mut random, &dims, dtype, special));
        let axis = axes(&mut random, dims.len());
        fold(&mut maker, "plain", "x.output", &mut random, &axis);
        // Folded as it is made, and beside other work of the same walk.
        maker.block("sq", "Square", &[], &[("x.output", "x")]);
        let axis = axes(&mut random, dims.len());
        fold(&mut maker, "of_sq", "sq.output", &mut random, &axis);
        ran += usize::from(maker.agrees(&format!("seed {seed}: {dtype} {dims:?}")));
    }
    assert!(ran > 1_300, "{ran} pages ran");
}

/// The ways in which elements of a result can lie, at lengths about those of lanes, tiles and blocks.
#[test]
fn long_folds() {
    let shapes: [(&[usize], &[i64]); 25] = [
        (&[33, 7], &[0]),
        (&[7, 33], &[1]),
        (&[32, 5], &[0]),
        (&[31, 600], &[0]),
        (&[129, 513], &[0]),
        (&[200, 1030], &[0]),
        (&[3, 2, 37, 520], &[0, 2]),
        (&[9, 2, 37, 80], &[0, 2]),
        (&[9, 2, 37, 5], &[0, 2]),
        (&[4097, 3], &[0]),
        (&[3, 4097], &[1]),
        (&[9000, 2], &[0]),
        (&[2, 9000], &[1]),
        (&[4100, 2, 3], &[0, 2]),
        (&[2, 4100, 3], &[1]),
        (&[3, 70, 2, 50], &[0, 2]),
        (&[3, 70, 2, 50], &[1, 3]),
        (&[40, 3, 120, 2], &[0, 2]),
        (&[1, 5000], &[0]),
        (&[5000, 1], &[1]),
        (&[70_000, 2], &[0]),
        (&[2, 70_000], &[1]),
        (&[3, 1, 20_000, 1], &[1, 2]),
        (&[20_000, 1, 3, 1], &[0, 3]),
        (&[17_000, 2, 4], &[0, 2]),
    ];
    let mut random = Random::new(7);
    for (dims, axes) in shapes {
        for dtype in ["float32", "float64", "int32"] {
            let mut maker = Maker::default();
            maker.constant("x", literal(&mut random, dims, dtype, false));
            let list = Value::list(axes.iter().map(|axis| Value::Int(*axis)).collect());
            maker.constant(
                "axis",
                Value::Object(vec![("dtype".into(), Value::String("int32".into())), ("data".into(), list)]),
            );
            for kind in FOLDS {
                maker.block(kind, kind, &[], &[("x.output", "input"), ("axis.output", "axis")]);
            }
            assert!(maker.agrees(&format!("{dtype} {dims:?} over {axes:?}")));
        }
    }
}

/// Some of the axes of `dims` become 1 or are left out, so that it broadcasts back.
fn narrower(random: &mut Random, dims: &[usize]) -> Vec<usize> {
    let from = random.below(dims.len() + 1);
    dims[from..].iter().map(|dim| if random.once_in(2) { 1 } else { *dim }).collect()
}

#[test]
fn broadcasts_and_spreads() {
    for seed in 0..800 {
        let mut random = Random::new(seed);
        let mut maker = Maker::default();
        let dims = shape(&mut random, 600);
        let dtype = random.one_of(&DTYPES);
        let sources = 2 + random.below(3);
        for number in 0..sources {
            let own = if number == 0 { dims.clone() } else { narrower(&mut random, &dims) };
            maker.constant(&format!("s{number}"), literal(&mut random, &own, dtype, false));
        }
        let mut outputs: Vec<String> = (0..sources).map(|number| format!("s{number}.output")).collect();
        for number in 0..1 + random.below(6) {
            let (x, y) = (random.below(outputs.len()), random.below(outputs.len()));
            let (id, kind) = (format!("b{number}"), random.one_of(&["AddV2", "Sub", "Mul"]));
            maker.block(&id, kind, &[], &[(&outputs[x].clone(), "x"), (&outputs[y].clone(), "y")]);
            outputs.push(format!("{id}.output"));
        }
        let last = outputs.last().unwrap().clone();
        maker.block("sum", "Sum", &[], &[(&last, "input")]);
        assert!(maker.agrees(&format!("seed {seed}: {dtype} {dims:?}")));
    }
}

/// A range for each channel gives what a range for all gives for each channel by itself.
#[test]
fn channels() {
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let mut dims = shape(&mut random, 300);
        dims.push(1 + random.below(9));
        let channels = *dims.last().unwrap();
        let (rows, numbers) =
            (dims.iter().product::<usize>() / channels, |n: usize| (0..n).map(|i| i as f64 * 0.37 - 3.0));
        let list = |values: Vec<f64>| Value::list(values.into_iter().map(Value::Float).collect());
        let x: Vec<f64> = numbers(rows * channels).map(|v| v % 7.0).collect();
        let ends: Vec<(f64, f64)> = (0..channels).map(|c| (-0.5 - c as f64, 1.0 + c as f64 / 3.0)).collect();
        let shaped = |dims: &[usize], data: Value| {
            let shape = Value::list(dims.iter().map(|dim| Value::Int(*dim as i64)).collect());
            Value::Object(vec![("shape".into(), shape), ("data".into(), data)])
        };
        let mut maker = Maker::default();
        maker.constant("x", shaped(&dims, list(x.clone())));
        maker.constant("min", list(ends.iter().map(|(min, _)| *min).collect()));
        maker.constant("max", list(ends.iter().map(|(_, max)| *max).collect()));
        let wires = [("x.output", "gradients"), ("x.output", "inputs"), ("min.output", "min"), ("max.output", "max")];
        maker.block("fq", "FakeQuantWithMinMaxVarsPerChannel", &[], &wires[1..]);
        maker.block("grad", "FakeQuantWithMinMaxVarsPerChannelGradient", &[], &wires);
        for (channel, (min, max)) in ends.iter().enumerate() {
            let own = (0..rows).map(|row| x[row * channels + channel]).collect();
            maker.constant(&format!("x{channel}"), list(own));
            let name = |what: &str| format!("{what}{channel}");
            let from = format!("x{channel}.output");
            let attrs = [("min", Value::Float(*min)), ("max", Value::Float(*max))];
            maker.block(&name("fq"), "FakeQuantWithMinMaxArgs", &attrs, &[(&from, "inputs")]);
            maker.block(
                &name("grad"),
                "FakeQuantWithMinMaxArgsGradient",
                &attrs,
                &[(&from, "gradients"), (&from, "inputs")],
            );
            maker.constant(&name("min"), Value::Float(*min));
            maker.constant(&name("max"), Value::Float(*max));
            let (low, high) = (format!("min{channel}.output"), format!("max{channel}.output"));
            maker.block(
                &name("vars"),
                "FakeQuantWithMinMaxVarsGradient",
                &[],
                &[(&from, "gradients"), (&from, "inputs"), (&low, "min"), (&high, "max")],
            );
        }
        let checked = check(&Arc::new(maker.0), &registry(), &Feeds::new());
        assert_eq!(checked.problems, vec![], "seed {seed}");
        let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
        let plan = plan(&checked, &Request::fetch(&all));
        let results = Engine::new(2, 0).run(&plan, &RunOptions::with_memory_limit(1 << 30));
        let tensor = |id: &str, index: usize| results.tensor(id, index).unwrap();
        for channel in 0..channels {
            for kind in ["fq", "grad"] {
                let (all, own) = (tensor(kind, 0), tensor(&format!("{kind}{channel}"), 0));
                for row in 0..rows {
                    let got = all.element(row * channels + channel);
                    assert_eq!(got, own.element(row), "seed {seed}: {kind} of channel {channel}, {dims:?}");
                }
            }
            for end in [1, 2] {
                let (all, own) = (tensor("grad", end), tensor(&format!("vars{channel}"), end));
                assert_eq!(
                    all.element(channel),
                    own.element(0),
                    "seed {seed}: end {end} of channel {channel}, {dims:?}"
                );
            }
        }
    }
}
