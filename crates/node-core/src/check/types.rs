//! Types and shapes: every block's outputs from its inputs, in order.

use std::collections::BTreeMap;

use super::{CheckedBlock, Feeds, Source, State, guarded};
use crate::block::{Block, InferCx, InputType, KnownType, RunCx, Warning};
use crate::dtype::DType;
use crate::page::{BlockId, PortRef};
use crate::port::{PortSpec, TypeRule};
use crate::problem::{Fault, Problem};
use crate::shape::Shape;
use crate::spec::Role;
use crate::tensor::{Tensor, TensorType};

/// Infers the outputs of all blocks that can run; what does not fit becomes a problem.
pub fn infer(blocks: &mut BTreeMap<BlockId, CheckedBlock>, order: &[BlockId], feeds: &Feeds) {
    let mut constants: BTreeMap<BlockId, Vec<Tensor>> = BTreeMap::new();
    for id in order {
        let Some(checked) = blocks.get(id) else { continue };
        let value = |id: &BlockId, index: usize| constants.get(id).and_then(|values| values.get(index)).cloned();
        let Some(inferred) = one(id, checked, |id| blocks.get(id), value, feeds) else { continue };
        constants.extend(inferred.values.map(|values| (id.clone(), values)));
        if let Some(checked) = blocks.get_mut(id) {
            checked.state = inferred.state;
            checked.outputs = inferred.outputs;
            checked.warnings = inferred.warnings;
            checked.found.types = inferred.problems;
        }
    }
}

/// What follows of a block from its inputs.
pub struct Inferred {
    pub state: State,
    pub outputs: Vec<TensorType>,
    pub warnings: Vec<Warning>,
    pub problems: Vec<Problem>,
    /// The values of a constant.
    pub values: Option<Vec<Tensor>>,
}

/// Infers one block from what is known of those that it reads; `None` if its type is unknown.
pub fn one<'b>(
    id: &BlockId,
    checked: &CheckedBlock,
    find: impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
    value: impl Fn(&BlockId, usize) -> Option<Tensor>,
    feeds: &Feeds,
) -> Option<Inferred> {
    let block = checked.block?;
    let (inputs, waits_for) = inputs(find, value, checked);
    let mut faults = rule_faults(block, checked, &inputs);
    let state = checked.state_before_types();
    let mut inferred =
        Inferred { state, outputs: Vec::new(), warnings: Vec::new(), problems: Vec::new(), values: None };
    if !faults.is_empty() {
        inferred.state = State::Faulty;
    } else if inferred.state == State::Ready {
        if let Some(source) = &waits_for {
            inferred.state = State::Waiting(source.clone());
        } else {
            let inputs = known_inputs(&inputs);
            let fed = fed(id, block, feeds);
            let cx = InferCx { spec: block.spec(), attrs: &checked.attrs, inputs: &inputs, fed };
            let examined = infer_block(block, &cx).and_then(|outputs| {
                let warnings = guarded(|| Ok(block.warnings(&cx)))?;
                let values = match block.spec().role {
                    Role::Constant => constant(block, checked, &outputs)?,
                    _ => None,
                };
                Ok((outputs, warnings, values))
            });
            match examined {
                Ok(known) => (inferred.outputs, inferred.warnings, inferred.values) = known,
                Err(found) => {
                    faults = found;
                    inferred.state = State::Faulty;
                }
            }
        }
    }
    if faults.is_empty() && checked.wired == State::Ready && !checked.found.attributes.is_empty() && waits_for.is_none()
    {
        faults = beside_attributes(id, checked, &inputs, feeds);
    }
    inferred.problems = faults.into_iter().map(|fault| Problem::of(id, fault)).collect();
    Some(inferred)
}

fn known_inputs(inputs: &Inputs) -> Vec<Vec<InputType>> {
    inputs.iter().map(|port| port.iter().flatten().cloned().collect()).collect()
}

/// What is wrong with the inputs of a block whose attributes are wrong: as far as it shows with their defaults.
fn beside_attributes(id: &BlockId, checked: &CheckedBlock, inputs: &Inputs, feeds: &Feeds) -> Vec<Fault> {
    let Some(block) = checked.block else { return Vec::new() };
    let mut attrs = checked.attrs.clone();
    for attr in block.spec().attrs.iter().filter(|attr| checked.attrs.get(attr.name).is_none()) {
        if let Some(Ok(default)) = attr.default.value().map(|value| attr.resolve(&value, None)) {
            attrs.insert(attr.name, default);
        }
    }
    let inputs = known_inputs(inputs);
    let cx = InferCx { spec: block.spec(), attrs: &attrs, inputs: &inputs, fed: fed(id, block, feeds) };
    let faults = guarded(|| block.infer(&cx)).err().unwrap_or_default();
    let is_input = |fault: &Fault| fault.port.is_some_and(|port| block.spec().input_index(port).is_some());
    faults.into_iter().filter(is_input).collect()
}

/// The tensor that feeds a block from outside, if the block can be fed.
pub fn fed<'f>(id: &BlockId, block: &dyn Block, feeds: &'f Feeds) -> Option<&'f Tensor> {
    let output = block.spec().outputs().next().filter(|_| block.spec().role == Role::Feed)?;
    feeds.get(&PortRef::new(id, output.name))
}

type Inputs = Vec<Vec<Option<InputType>>>;

/// What is known of a block's inputs, and a block that it waits for.
pub fn inputs<'b>(
    find: impl Fn(&BlockId) -> Option<&'b CheckedBlock>,
    constant: impl Fn(&BlockId, usize) -> Option<Tensor>,
    checked: &CheckedBlock,
) -> (Inputs, Option<BlockId>) {
    let mut waits_for = None;
    let mut one = |source: &Source| match source {
        Source::Literal(tensor) => Some(InputType { ty: tensor.tensor_type(), value: Some(tensor.clone()) }),
        Source::Output { block, index } => {
            let ty = find(block).filter(|b| b.state == State::Ready).and_then(|b| b.outputs.get(*index)).cloned();
            if ty.is_none() {
                waits_for.get_or_insert_with(|| block.clone());
            }
            let value = constant(block, *index);
            ty.map(|ty| InputType { ty, value })
        }
    };
    let inputs = checked.inputs.iter().map(|sources| sources.iter().map(&mut one).collect()).collect();
    (inputs, waits_for)
}

/// Infers a block's outputs, guarded, and checks that they can be.
pub fn infer_block(block: &'static dyn Block, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
    let outputs = guarded(|| block.infer(cx))?;
    let ports: Vec<&PortSpec> = cx.spec.outputs().collect();
    if outputs.len() != ports.len() {
        let message =
            format!("the block infers {} outputs, but has {}; this is a bug in the block", outputs.len(), ports.len());
        return Err(vec![Fault::block(message)]);
    }
    for (port, ty) in ports.iter().zip(&outputs) {
        // An unknown dimension may be anything, so the least that the shape can be is looked at.
        let least = ty.shape.dims().map(|dims| dims.iter().map(|dim| dim.unwrap_or(1)).collect::<Vec<_>>());
        if let Some(Err(error)) = least.map(Shape::new) {
            return Err(vec![Fault::at(port.name, error.to_string())]);
        }
    }
    Ok(outputs)
}

/// The values of a block that is a constant; none if their types are not known.
pub fn constant(
    block: &'static dyn Block,
    checked: &CheckedBlock,
    outputs: &[TensorType],
) -> Result<Option<Vec<Tensor>>, Vec<Fault>> {
    let known = outputs.iter().map(|ty| Some(KnownType { dtype: ty.dtype, shape: ty.shape.known()? }));
    let Some(outputs) = known.collect::<Option<Vec<_>>>() else { return Ok(None) };
    let known = InferCx { spec: block.spec(), attrs: &checked.attrs, inputs: &[], fed: None };
    guarded(|| block.compute(&RunCx { known, outputs: &outputs })).map(Some)
}

/// Inputs whose data type is not one that their port takes.
fn rule_faults(block: &'static dyn Block, checked: &CheckedBlock, inputs: &Inputs) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut shared: Option<(&'static str, DType)> = None;
    for ((port, sources), types) in block.spec().inputs().zip(&checked.inputs).zip(inputs) {
        for (source, ty) in sources.iter().zip(types) {
            let Some(dtype) = ty.as_ref().map(|input| input.ty.dtype) else { continue };
            if !port.types.allows(dtype) {
                let names: Vec<_> = port.types.dtypes().iter().map(|d| d.name()).collect();
                faults
                    .push(Fault::at(port.name, format!("takes {}, but {} is {dtype}", names.join(", "), name(source))));
            } else if matches!(port.types, TypeRule::Shared(_)) {
                match shared {
                    Some((first, expected)) if expected != dtype => faults.push(Fault::at(
                        port.name,
                        format!("{} is {dtype}, but {first} is {expected}; both must have one data type", name(source)),
                    )),
                    Some(_) => {}
                    None => shared = Some((port.name, dtype)),
                }
            }
        }
    }
    faults
}

fn name(source: &Source) -> String {
    match source {
        Source::Output { block, .. } => format!("'{block}'"),
        Source::Literal(_) => "its literal".to_owned(),
    }
}
