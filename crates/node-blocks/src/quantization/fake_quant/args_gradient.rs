//! `FakeQuantWithMinMaxArgsGradient`: the gradient of `FakeQuantWithMinMaxArgs`.

use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Quantization, Reason, TensorType, Warning, WhyCx, register_block,
};

use super::attributes::{INPUTS, MAX, MIN, NARROW_RANGE, NUM_BITS, backward, check_range, from_attrs};
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const GRADIENTS: In<f32> = In::new("gradients", "Gradients from downstream; any shape.");
const OUTPUT: Out<f32> = Out::new("output", "Gradients for `inputs`; the same shape.").aliases(&["backprops"]);

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxArgsGradient",
        "Quantization",
        "Passes gradients inside the nudged range.",
        "Passes a gradient where the input lies in the **nudged** range, stops it elsewhere: \
           `gradients × (nudged_min ≤ inputs ≤ nudged_max)`.\n\n\
           The nudged range decides, not `[min, max]`: with `min = -6`, `max = 6` and 8 bits it is \
           [-6.0235295, 5.9764705], so an input of exactly 6 gets no gradient. The gradient is multiplied by 1 or 0: \
           outside the range an infinite one gives NaN and a negative one -0.",
    )
    .ports([GRADIENTS.port(), INPUTS.port()])
    .attrs([MIN.spec(), MAX.spec(), NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([OUTPUT.port()])
    .code(FakeQuantWithMinMaxArgsGradient)
);

struct FakeQuantWithMinMaxArgsGradient;

impl Block for FakeQuantWithMinMaxArgsGradient {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        check_range(cx)?;
        Ok(vec![TensorType::new(cx.dtype(INPUTS)?, cx.same_shape(INPUTS, GRADIENTS)?)])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![from_attrs(cx)?.gradient()])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_attrs(cx).ok().map(|nudged| backward(&[nudged]))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let range = (&from_attrs(cx)?, Ends::whole(cx));
        reasons::backward(cx, &self.kernels(cx)?, range, cx.input_number(GRADIENTS)?)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_attrs(cx, Does::Stop)
    }
}
