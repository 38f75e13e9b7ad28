//! `FakeQuantWithMinMaxVarsPerChannelGradient`: the gradients of `FakeQuantWithMinMaxVarsPerChannel`.

use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Quantization, Reason, TensorType, Warning, WhyCx, register_block,
};

use super::attributes::{
    INPUTS, MAX_CHANNELS, MIN_CHANNELS, NARROW_RANGE, NUM_BITS, backward, check_channels, from_channels,
};
use super::nudge::Nudged;
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const GRADIENTS: In<f32> = In::new("gradients", "Gradients from downstream; any shape.");
const WRT_INPUT: Out<f32> = Out::new("backprops_wrt_input", "Gradients for `inputs`; the same shape.");
const WRT_MIN: Out<f32> =
    Out::new("backprop_wrt_min", "Gradients for `min`: for each channel the sum of those below; shape [d].");
const WRT_MAX: Out<f32> =
    Out::new("backprop_wrt_max", "Gradients for `max`: for each channel the sum of those above; shape [d].");

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxVarsPerChannelGradient",
        "Quantization",
        "Gradients for each channel.",
        "As FakeQuantWithMinMaxVarsGradient, with a **nudged** range of its own for each channel of the last \
           dimension. In a channel with `min = max = 0` all gradients pass to `inputs`.",
    )
    .ports([GRADIENTS.port(), INPUTS.port(), MIN_CHANNELS.port(), MAX_CHANNELS.port()])
    .attrs([NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([WRT_INPUT.port(), WRT_MIN.port(), WRT_MAX.port()])
    .code(FakeQuantWithMinMaxVarsPerChannelGradient)
);

struct FakeQuantWithMinMaxVarsPerChannelGradient;

impl Block for FakeQuantWithMinMaxVarsPerChannelGradient {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let shape = cx.same_shape(INPUTS, GRADIENTS)?;
        let channels = check_channels(cx, &shape)?;
        let dtype = cx.dtype(INPUTS)?;
        let vector = TensorType::new(dtype, channels);
        Ok(vec![TensorType::new(dtype, shape), vector.clone(), vector])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let channels = from_channels(cx)?;
        let rank = cx.shape(INPUTS)?.rank().unwrap_or_default();
        let axes: Vec<bool> = (1..=rank).map(|axis| axis < rank).collect();
        let pass = |nudged: &Nudged, g: f32, x: f32| if nudged.is_zero() { g } else { g * nudged.mask(x) };
        let below = |nudged: &Nudged, g: f32, x: f32| if nudged.is_zero() { 0.0 } else { g * nudged.below(x) };
        let above = |nudged: &Nudged, g: f32, x: f32| if nudged.is_zero() { 0.0 } else { g * nudged.above(x) };
        let sum = |kernel: Kernel| kernel.sum(&axes, |total, _| total as f32);
        let below = sum(Kernel::zip_channels(channels.clone(), below));
        let above = sum(Kernel::zip_channels(channels.clone(), above));
        Ok(vec![Kernel::zip_channels(channels, pass), below, above])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_channels(cx).ok().map(|channels| backward(&channels))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let channel = reasons::channel(cx);
        let range = (&from_channels(cx)?[channel], Ends::of_channel(cx, channel));
        reasons::backward(cx, &self.kernels(cx)?, range, cx.input_number(GRADIENTS)?)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_channels(cx, Does::GiveAway)
    }
}
