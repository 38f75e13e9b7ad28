//! `FakeQuantWithMinMaxVars`: quantizes and dequantizes with a range given by tensors.

use node_core::{
    Block, BlockSpec, Fault, InferCx, Kernel, Out, Quantization, Reason, TensorType, Warning, WhyCx, register_block,
};

use super::attributes::{INPUTS, MAX_PORT, MIN_PORT, NARROW_RANGE, NUM_BITS, check_scalars, forward, from_scalars};
use super::nudge::Step;
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const OUTPUT: Out<f32> =
    Out::new("output", "The quantized values, as float32; shape of `inputs`.").aliases(&["outputs"]);

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxVars",
        "Quantization",
        "Quantizes and dequantizes, range from two scalars.",
        "As FakeQuantWithMinMaxArgs, with `min` and `max` from scalar tensors, so that a range can be learned or \
           measured. The range is **nudged** so that 0 is exactly representable. With `min = max = 0` the result is 0.",
    )
    .ports([INPUTS.port(), MIN_PORT.port(), MAX_PORT.port()])
    .attrs([NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([OUTPUT.port()])
    .gradients(["FakeQuantWithMinMaxVarsGradient"])
    .code(FakeQuantWithMinMaxVars)
);

struct FakeQuantWithMinMaxVars;

impl Block for FakeQuantWithMinMaxVars {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        check_scalars(cx)?;
        Ok(vec![cx.input(INPUTS)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let nudged = from_scalars(cx)?;
        Ok(vec![if nudged.is_zero() { Kernel::map(|_: f32| 0f32) } else { nudged.forward(Step::Divide) }])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_scalars(cx).ok().map(|nudged| forward(&[nudged]))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::forward(cx, &from_scalars(cx)?, Ends::whole(cx), Step::Divide)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_scalars(cx, Does::Clamp)
    }
}
