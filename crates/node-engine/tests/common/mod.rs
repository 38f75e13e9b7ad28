//! What the engine's tests share.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "a test")]

pub mod formula;
pub mod graphs;
pub mod naive;
pub mod wrong;

use std::sync::Arc;

use node_core::check::{CheckedPage, Feeds};
use node_core::{InferCx, InputType, KnownType, Page, PortRef, Quantization, Registry, RunCx, Tensor, check};
use node_engine::analysis::{Health, Shares};
use node_engine::plan::{Plan, Provenance};

/// All blocks.
pub fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

/// A page from its text.
pub fn page(text: &str) -> Page {
    node_io::page_file::parse(text.as_bytes()).unwrap()
}

/// A page of the repository.
pub fn example(name: &str) -> Page {
    let path = format!("{}/../../pages/{name}.json", env!("CARGO_MANIFEST_DIR"));
    node_io::page_file::load(path.as_ref()).unwrap().page
}

/// A page, checked, without problems.
pub fn checked(page: Page, feeds: &Feeds) -> CheckedPage {
    let checked = check(&Arc::new(page), &registry(), feeds);
    assert_eq!(checked.problems, vec![]);
    checked
}

/// Ports from their names.
pub fn ports(ports: &[&str]) -> Vec<PortRef> {
    ports.iter().map(|port| PortRef::parse(port).unwrap()).collect()
}

/// Numbers that look random, from -8 to 8.
pub fn noise(len: usize, seed: u32) -> Tensor {
    let value = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 1_048_576.0 - 8.0;
    Tensor::vector((0..len as u32).map(value).collect())
}

/// Runs a plan block by block over whole tensors: what every faster way must agree with.
pub fn plainly(plan: &Plan) -> Vec<Option<Tensor>> {
    plainly_with(plan, |_, _| None)
}

fn plainly_with(
    plan: &Plan,
    other_way: impl Fn(&node_engine::plan::Step, &[Vec<InputType>]) -> Option<Vec<Tensor>>,
) -> Vec<Option<Tensor>> {
    let mut slots: Vec<Option<Tensor>> = plan
        .values
        .iter()
        .map(|value| match &value.origin {
            Provenance::Given(tensor) => Some(tensor.clone()),
            Provenance::Output { .. } => None,
        })
        .collect();
    for step in &plan.steps {
        if step.outputs.clone().any(|value| slots[value].is_some()) {
            continue;
        }
        let input = |value: &usize| {
            let tensor = slots[*value].clone().unwrap();
            InputType { ty: tensor.tensor_type(), value: Some(tensor) }
        };
        let inputs: Vec<Vec<InputType>> = step.inputs.iter().map(|port| port.iter().map(input).collect()).collect();
        let known = InferCx::new(&step.setup, &inputs).with_fed(step.fed.as_ref());
        let types = step.code.infer(&known).unwrap();
        let outputs: Vec<KnownType> =
            types.iter().map(|ty| KnownType { dtype: ty.dtype, shape: ty.shape.known().unwrap() }).collect();
        let compute = || step.code.compute(&RunCx::new(known, &outputs, &node_core::access::Alone));
        let tensors = other_way(step, &inputs).map_or_else(compute, Ok);
        let tensors = tensors.unwrap_or_else(|faults| panic!("{}: {faults:?}", step.id));
        for (value, tensor) in step.outputs.clone().zip(tensors) {
            slots[value] = Some(tensor);
        }
    }
    slots
}

/// Runs a plan block by block with loops of the tests' own; blocks that these do not know run plainly.
pub fn naively(plan: &Plan) -> Vec<Option<Tensor>> {
    plainly_with(plan, |step, inputs| {
        let inputs: Vec<Option<&Tensor>> =
            inputs.iter().map(|port| port.first().and_then(|input| input.value.as_ref())).collect();
        naive::evaluate(&step.setup.spec().name, &step.setup.attrs, &inputs).map(|result| vec![result])
    })
}

/// What of a tensor is no finite number, counted one by one; of types where none can be nothing is told.
pub fn health(tensor: &Tensor) -> Option<Health> {
    let elements = || (0..tensor.len()).filter_map(|i| tensor.element(i)?.as_f64());
    tensor.dtype().is_floating().then(|| Health {
        count: tensor.len() as u64,
        nan: elements().filter(|v| v.is_nan()).count() as u64,
        negative_infinite: elements().filter(|v| *v == f64::NEG_INFINITY).count() as u64,
        positive_infinite: elements().filter(|v| *v == f64::INFINITY).count() as u64,
    })
}

/// Where the elements of a tensor lie that is quantized, counted one by one.
pub fn shares(tensor: &Tensor, quantization: &Quantization) -> Shares {
    let ranges = &quantization.ranges;
    let mut shares = Shares::default();
    let elements = (0..tensor.len()).map(|i| tensor.element(i).unwrap().as_f64().unwrap() as f32);
    for (i, v) in elements.enumerate() {
        let range = &ranges[i % ranges.len()];
        match v {
            v if v < range.nudged_min => shares.below += 1,
            v if v > range.nudged_max => shares.above += 1,
            v if v >= range.nudged_min && v <= range.nudged_max => shares.inside += 1,
            _ => shares.nan += 1,
        }
    }
    shares
}

/// Numbers that look random: a small generator, so that a failure can be made again from its seed.
pub struct Random(u64);

impl Random {
    /// One that begins with `seed`.
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % n.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// A literal of this shape, with numbers that look random, some of which are special where `special` says so.
pub fn literal(random: &mut Random, dims: &[usize], dtype: &str, special: bool) -> node_core::Value {
    use node_core::Value;
    let is_float = dtype.starts_with("float");
    let data = (0..dims.iter().product::<usize>()).map(|_| match random.below(60) {
        0 if special && is_float => Value::String(random.one_of(&["NaN", "Infinity", "-Infinity"]).into()),
        1 | 2 if is_float => Value::Float(random.one_of(&[0.0, -0.0])),
        // Thirds, so that sums of float64 round and show in which order they were taken.
        _ if is_float => Value::Float((random.below(1 << 22) as f64 - f64::from(1 << 21)) / f64::from(3 << 16)),
        _ => Value::Int(random.below(2001) as i64 - 1000),
    });
    let data: Vec<Value> = data.collect();
    Value::Object(vec![
        ("dtype".into(), Value::String(dtype.into())),
        ("shape".into(), Value::list(dims.iter().map(|dim| Value::Int(*dim as i64)).collect())),
        ("data".into(), Value::list(data)),
    ])
}
