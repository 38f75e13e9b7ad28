//! `FakeQuantWithMinMaxVarsPerChannel`: quantizes and dequantizes with a range for each channel.

use node_core::{
    Block, BlockSpec, Fault, InferCx, Kernel, Out, Quantization, Reason, TensorType, Warning, WhyCx, register_block,
};

use super::attributes::{
    INPUTS, MAX_CHANNELS, MIN_CHANNELS, NARROW_RANGE, NUM_BITS, check_channels, forward, from_channels,
};
use super::nudge::{Nudged, Step};
use super::reasons::{self, Ends};
use super::warnings::{self, Does};

const OUTPUT: Out<f32> =
    Out::new("output", "The quantized values, as float32; shape of `inputs`.").aliases(&["outputs"]);

register_block!(
    BlockSpec::new(
        "FakeQuantWithMinMaxVarsPerChannel",
        "Quantization",
        "Quantizes and dequantizes, a range for each channel.",
        "As FakeQuantWithMinMaxVars, with a range of its own for each channel of the last dimension: \
           the usual way to quantize weights. Each range is **nudged** so that 0 is exactly representable; \
           a channel with `min = max = 0` gives 0.",
    )
    .ports([INPUTS.port(), MIN_CHANNELS.port(), MAX_CHANNELS.port()])
    .attrs([NUM_BITS.spec(), NARROW_RANGE.spec()])
    .ports([OUTPUT.port()])
    .gradients(["FakeQuantWithMinMaxVarsPerChannelGradient"])
    .code(FakeQuantWithMinMaxVarsPerChannel)
);

struct FakeQuantWithMinMaxVarsPerChannel;

impl Block for FakeQuantWithMinMaxVarsPerChannel {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let inputs = cx.input(INPUTS)?;
        check_channels(cx, &inputs.ty.shape)?;
        Ok(vec![inputs.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let channels = from_channels(cx)?;
        let quantize =
            |nudged: &Nudged, x: f32| if nudged.is_zero() { 0.0 } else { nudged.fake_quant(x, Step::Multiply) };
        let narrow =
            |nudged: &Nudged, x: f32| if nudged.is_zero() { 0.0 } else { nudged.fake_quant_narrow(x, Step::Multiply) };
        Ok(vec![match channels.iter().any(Nudged::is_narrow) {
            true => Kernel::map_channels(channels, narrow),
            false => Kernel::map_channels(channels, quantize),
        }])
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        from_channels(cx).ok().map(|channels| forward(&channels))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let channel = reasons::channel(cx);
        reasons::forward(cx, &from_channels(cx)?[channel], Ends::of_channel(cx, channel), Step::Multiply)
    }

    fn warnings(&self, cx: &InferCx<'_>) -> Vec<Warning> {
        warnings::of_channels(cx, Does::Clamp)
    }
}
