//! Muted blocks: what passes through them instead of what they would compute.

use super::CheckedBlock;
use super::types::Inferred;
use crate::block::Block;
use crate::cx::{InferCx, InputType, RunCx, Setup};
use crate::dtype::DType;
use crate::kernel::Kernel;
use crate::problem::Fault;
use crate::shape::{PartialShape, Shape};
use crate::spec::{BlockSpec, Role};
use crate::tensor::{Tensor, TensorType};

/// What passes through a muted block to one of its outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Which tensor input.
    pub input: usize,
    /// Which of the tensors of that input.
    pub item: usize,
}

/// Whether blocks of a type can be muted: those that compute something from inputs.
pub fn can_be_muted(spec: &BlockSpec) -> bool {
    matches!(spec.role, Role::Operation | Role::Update)
        && spec.inputs().next().is_some()
        && spec.outputs().next().is_some()
}

/// For each output the first input of the same data type and shape passes, as far as they are known before a run.
pub fn pass(inputs: &[Vec<InputType>], outputs: Vec<TensorType>, inferred: &mut Inferred) {
    let all = || {
        let items =
            |(input, port): (usize, &'_ Vec<InputType>)| (0..port.len()).map(move |item| Passed { input, item });
        inputs.iter().enumerate().flat_map(items)
    };
    let of = |passed: Passed| &inputs[passed.input][passed.item];
    let passes: Vec<Option<Passed>> = outputs.iter().map(|ty| all().find(|passed| of(*passed).ty == *ty)).collect();
    inferred.values = passes.iter().map(|passed| of((*passed)?).value.clone()).collect();
    inferred.passes = Some(passes);
    inferred.outputs = outputs;
}

/// The outputs of a muted block to which nothing passes although they are wired: their readers wait.
pub fn missed(setup: &Setup, checked: &CheckedBlock, inferred: &Inferred) -> Vec<Fault> {
    let Some(passes) = &inferred.passes else { return Vec::new() };
    let is_wired = |index: usize| {
        let is_of = |port: &str| setup.ports.output_index(setup.spec(), port) == Some(index);
        checked.links.outgoing.iter().any(|wire| is_of(&wire.from.port))
    };
    let absent = (0..passes.len()).filter(|index| passes[*index].is_none() && is_wired(*index));
    absent
        .map(|index| Fault::at(setup.output_name(index).to_owned(), nothing_passes(&inferred.outputs[index])))
        .collect()
}

/// Why a muted block has nothing for an output of this type.
fn nothing_passes(ty: &TensorType) -> String {
    format!(
        "nothing passes: the block is muted, and no input is {} {}; unmute it, or take off the wire",
        ty.dtype, ty.shape
    )
}

/// A muted block, in a run.
pub struct Passing {
    /// For each output which of all the block's input tensors it is.
    operands: Vec<Option<usize>>,
    /// Whether one of them is at a port that kernels are not given.
    by_parameter: bool,
}

impl Passing {
    /// Of a block through which this passes; only what passes is among its inputs. These come beside it, as ports and
    /// items of the block's own.
    pub fn of(spec: &BlockSpec, passes: &[Option<Passed>]) -> (Passing, Vec<Passed>) {
        let mut used: Vec<Passed> = passes.iter().flatten().copied().collect();
        used.sort_unstable_by_key(|passed| (passed.input, passed.item));
        used.dedup();
        let operands = passes.iter().map(|passed| used.iter().position(|other| Some(*other) == *passed)).collect();
        let is_parameter = |passed: &Passed| spec.inputs().nth(passed.input).is_some_and(|port| port.parameter);
        (Passing { operands, by_parameter: used.iter().any(is_parameter) }, used)
    }
}

impl Block for Passing {
    /// An output to which nothing passes is an empty vector here; nobody reads it.
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let inputs: Vec<&InputType> = cx.inputs().iter().flatten().collect();
        let nothing = || TensorType::new(DType::Float32, PartialShape::from(&Shape::vector(0)));
        let of = |operand: &Option<usize>| operand.and_then(|o| inputs.get(o)).map_or_else(nothing, |i| i.ty.clone());
        Ok(self.operands.iter().map(of).collect())
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        match self.by_parameter {
            true => Ok(Vec::new()),
            false => Ok(self.operands.iter().map(|operand| Kernel::Same(operand.unwrap_or(0))).collect()),
        }
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let inputs: Vec<&InputType> = cx.inputs().iter().flatten().collect();
        let of = |(operand, ty)| match operand {
            Some(operand) => inputs.get(operand).and_then(|input: &&InputType| input.value.clone()),
            None => cx.zeros(ty).ok(),
        };
        let tensors: Option<Vec<Tensor>> = self.operands.iter().copied().zip(cx.outputs()).map(of).collect();
        tensors.ok_or_else(|| vec![Fault::block("what passes through it is not there; this is a bug in the engine")])
    }
}
