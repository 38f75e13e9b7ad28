//! The trait that every block type implements.

use crate::cx::{InferCx, RunCx};
use crate::kernel::{self, Kernel};
use crate::problem::Fault;
use crate::remark::{Quantization, Warning};
use crate::tensor::{Tensor, TensorType};
use crate::why::{Reason, WhyCx};

/// The code of a block type: what it computes, and what it can tell about it.
pub trait Block: Send + Sync + 'static {
    /// The types of the outputs, one for each that the block has, from the types of the inputs, the attributes and the values of constant inputs.
    /// Everything that can be wrong is found here, so that it shows before a run; a run infers again with the shapes
    /// that it really has, so computing may rely on it.
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>>;

    /// The kernels, for blocks whose outputs come element by element or by folding elements: one for each output, over
    /// the inputs that are not parameters. Made before these inputs are there: only parameters and constants have values.
    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let _ = cx;
        Ok(Vec::new())
    }

    /// The result vector: one tensor for each tensor output. By default the kernels, run over whole tensors; an engine
    /// that knows how to run kernels does not ask.
    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let kernels = self.kernels(cx)?;
        if kernels.len() != cx.outputs().len() || kernels.is_empty() {
            let message = "the block has neither kernels nor a computation; this is a bug in the block";
            return Err(vec![Fault::block(message)]);
        }
        let ports = cx.spec().inputs().zip(cx.inputs()).filter(|(port, _)| !port.parameter);
        let operands: Vec<&Tensor> = ports.flat_map(|(_, tensors)| tensors).filter_map(|i| i.value.as_ref()).collect();
        let results = kernels.iter().zip(cx.outputs()).map(|(kernel, ty)| kernel::apply(kernel, &operands, &ty.shape));
        results.collect::<Result<_, _>>().map_err(|fault| vec![fault])
    }

    /// Whether the outputs follow from what is known of the inputs beside their elements: their types, and the values of
    /// parameters. Then they are known before a run, and nothing need be computed to know them.
    fn follows_from_types(&self) -> bool {
        false
    }

    /// Whether two runs with the same inputs can give different results, so that none may stand for another.
    fn is_stateful(&self) -> bool {
        false
    }

    /// The quantization in force, for blocks that quantize: one range, or one for each channel of the last dimension.
    /// As for kernels, parameters have values, and no others need have.
    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        let _ = cx;
        None
    }

    /// Why an element of an output has its value. By default what the kernels tell; blocks that move elements or compute
    /// say it themselves.
    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        cx.by_kernels(&self.kernels(cx)?, None)
    }

    /// What a person should know although nothing is wrong. Asked before a run, and in it again: then all parameters
    /// have values.
    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        let _ = cx;
        Vec::new()
    }
}
