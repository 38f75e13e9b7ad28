//! What the engine's tests share.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::sync::Arc;

use node_core::check::{CheckedPage, Feeds};
use node_core::{InferCx, InputType, KnownType, Page, PortRef, Registry, RunCx, Tensor, check};
use node_engine::plan::{Origin, Plan};

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
    let mut slots: Vec<Option<Tensor>> = plan
        .values
        .iter()
        .map(|value| match &value.origin {
            Origin::Given(tensor) => Some(tensor.clone()),
            Origin::Output { .. } => None,
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
        let known = InferCx { spec: step.block.spec(), attrs: &step.attrs, inputs: &inputs, fed: step.fed.as_ref() };
        let types = step.block.infer(&known).unwrap();
        let outputs: Vec<KnownType> =
            types.iter().map(|ty| KnownType { dtype: ty.dtype, shape: ty.shape.known().unwrap() }).collect();
        let tensors = step.block.compute(&RunCx { known, outputs: &outputs });
        let tensors = tensors.unwrap_or_else(|faults| panic!("{}: {faults:?}", step.id));
        for (value, tensor) in step.outputs.clone().zip(tensors) {
            slots[value] = Some(tensor);
        }
    }
    slots
}
