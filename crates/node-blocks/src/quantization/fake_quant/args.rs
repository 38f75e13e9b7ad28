//! `FakeQuantWithMinMaxArgs`: quantizes and dequantizes with a range given by attributes.

use node_core::{
    Block, BlockSpec, Fault, InferCx, Kernel, Out, Quantization, Reason, TensorType, Warning, WhyCx, register_block,
};

use super::attributes::{INPUTS, MAX, MIN, NARROW_RANGE, NUM_BITS, check_range, forward, from_attrs};
use super::nudge::Step;
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const OUTPUT: Out<f32> =
    Out::new("output", "The quantized values, as float32; shape of `inputs`.").aliases(&["outputs"]);

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxArgs",
        "Quantization",
        "Quantizes and dequantizes, fixed range.",
        "Clamps `inputs` to the **nudged** range and rounds them to one of `2^num_bits` values in it \
           (one less with `narrow_range`).\n\n\
           The range in force is not `[min, max]`: it is moved so that 0 is exactly representable. With `min = -6`, \
           `max = 6` and 8 bits it is [-6.0235295, 5.9764705].",
    )
    .ports([INPUTS.port()])
    .attrs([MIN.spec(), MAX.spec(), NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([OUTPUT.port()])
    .gradients(["FakeQuantWithMinMaxArgsGradient"])
    .code(FakeQuantWithMinMaxArgs)
);

struct FakeQuantWithMinMaxArgs;

impl Block for FakeQuantWithMinMaxArgs {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        check_range(cx)?;
        Ok(vec![cx.input(INPUTS)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![from_attrs(cx)?.forward(Step::Multiply)])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_attrs(cx).ok().map(|nudged| forward(&[nudged]))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::forward(cx, &from_attrs(cx)?, Ends::whole(cx), Step::Multiply)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_attrs(cx, Does::Clamp)
    }
}
