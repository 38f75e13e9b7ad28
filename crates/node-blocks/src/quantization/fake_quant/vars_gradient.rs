//! `FakeQuantWithMinMaxVarsGradient`: the gradients of `FakeQuantWithMinMaxVars`.

use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Kernel, Out, PartialShape, Quantization, Reason, Shape, TensorType, Warning,
    WhyCx, register_block,
};

use super::attributes::{INPUTS, MAX_PORT, MIN_PORT, NARROW_RANGE, NUM_BITS, backward, check_scalars, from_scalars};
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const GRADIENTS: In<f32> = In::new("gradients", "Gradients from downstream; any shape.");
const WRT_INPUT: Out<f32> = Out::new("backprops_wrt_input", "Gradients for `inputs`; the same shape.");
const WRT_MIN: Out<f32> = Out::new("backprop_wrt_min", "The gradient for `min`: the sum of those below; a scalar.");
const WRT_MAX: Out<f32> = Out::new("backprop_wrt_max", "The gradient for `max`: the sum of those above; a scalar.");

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxVarsGradient",
        "Quantization",
        "Gradients for inputs, min and max.",
        "A gradient goes to `inputs` where the input lies in the **nudged** range, to `min` where it lies below and \
           to `max` where it lies above. With `min = max = 0` all gradients pass to `inputs`.",
    )
    .ports([GRADIENTS.port(), INPUTS.port(), MIN_PORT.port(), MAX_PORT.port()])
    .attrs([NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([WRT_INPUT.port(), WRT_MIN.port(), WRT_MAX.port()])
    .code(FakeQuantWithMinMaxVarsGradient)
);

struct FakeQuantWithMinMaxVarsGradient;

impl Block for FakeQuantWithMinMaxVarsGradient {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        check_scalars(cx)?;
        let dtype = cx.dtype(INPUTS)?;
        let scalar = TensorType::new(dtype, PartialShape::from(&Shape::scalar()));
        Ok(vec![TensorType::new(dtype, cx.same_shape(INPUTS, GRADIENTS)?), scalar.clone(), scalar])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let nudged = from_scalars(cx)?;
        let axes = vec![true; cx.shape(INPUTS)?.rank().unwrap_or_default()];
        let sum = |kernel: Kernel| kernel.sum(&axes, |total, _| total as f32);
        if nudged.is_zero() {
            let none = sum(Kernel::zip(|_: f32, _: f32| 0f32));
            return Ok(vec![Kernel::Same(0), none.clone(), none]);
        }
        let below = Kernel::zip(move |g: f32, x: f32| g * nudged.below(x));
        let above = Kernel::zip(move |g: f32, x: f32| g * nudged.above(x));
        Ok(vec![nudged.gradient(), sum(below), sum(above)])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_scalars(cx).ok().map(|nudged| backward(&[nudged]))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let range = (&from_scalars(cx)?, Ends::whole(cx));
        reasons::backward(cx, &self.kernels(cx)?, range, cx.input_number(GRADIENTS)?)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_scalars(cx, Does::GiveAway)
    }
}
