//! `FakeQuantWithMinMaxVarsPerChannelGradient`: the gradients of `FakeQuantWithMinMaxVarsPerChannel`.

use node_core::{
    ATTRS, Block, BlockSpec, Fault, In, InferCx, Out, Quantization, Role, RunCx, SCOPE, Tensor, TensorType,
    register_block,
};

use super::attributes::{
    INPUTS, MAX_CHANNELS, MIN_CHANNELS, NARROW_RANGE, NUM_BITS, check_channels, from_channels, quantization,
};
use super::nudge::Nudged;
use crate::math::sum::sum;

const GRADIENTS: In<f32> = In::new("gradients", "Gradients from downstream; any shape.");
const WRT_INPUT: Out<f32> = Out::new("backprops_wrt_input", "Gradients for `inputs`; the same shape.");
const WRT_MIN: Out<f32> =
    Out::new("backprop_wrt_min", "Gradients for `min`: for each channel the sum of those below; shape [d].");
const WRT_MAX: Out<f32> =
    Out::new("backprop_wrt_max", "Gradients for `max`: for each channel the sum of those above; shape [d].");

static SPEC: BlockSpec = BlockSpec {
    name: "FakeQuantWithMinMaxVarsPerChannelGradient",
    category: "Quantization",
    summary: "Gradients for each channel.",
    docs: "As FakeQuantWithMinMaxVarsGradient, with a **nudged** range of its own for each channel of the last \
           dimension. In a channel with `min = max = 0` all gradients pass to `inputs`.",
    role: Role::Operation,
    ports: &[
        SCOPE,
        GRADIENTS.port(),
        INPUTS.port(),
        MIN_CHANNELS.port(),
        MAX_CHANNELS.port(),
        ATTRS,
        WRT_INPUT.port(),
        WRT_MIN.port(),
        WRT_MAX.port(),
    ],
    attrs: &[NUM_BITS.spec(), NARROW_RANGE.spec()],
};

struct FakeQuantWithMinMaxVarsPerChannelGradient;
register_block!(FakeQuantWithMinMaxVarsPerChannelGradient);

impl Block for FakeQuantWithMinMaxVarsPerChannelGradient {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let shape = cx.same_shape(INPUTS, GRADIENTS)?;
        let channels = check_channels(cx, &shape)?;
        let dtype = cx.dtype(INPUTS)?;
        let vector = TensorType::new(dtype, channels);
        Ok(vec![TensorType::new(dtype, shape), vector.clone(), vector])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Fault> {
        let channels = from_channels(cx)?;
        let (gradients, inputs) = (cx.slice(GRADIENTS)?, cx.slice(INPUTS)?);
        let pass = |((g, x), nudged): ((&f32, &f32), &Nudged)| if nudged.is_zero() { *g } else { g * nudged.mask(*x) };
        let passed = gradients.iter().zip(inputs).zip(channels.iter().cycle()).map(pass).collect();
        let stride = channels.len();
        let rows = inputs.len().checked_div(stride).unwrap_or(0);
        let totals = |mask: fn(&Nudged, f32) -> f32| -> Vec<f32> {
            let total = |(channel, nudged): (usize, &Nudged)| {
                if nudged.is_zero() {
                    return 0.0;
                }
                let at = |row: usize| row * stride + channel;
                sum(rows, |row| f64::from(gradients[at(row)] * mask(nudged, inputs[at(row)]))) as f32
            };
            channels.iter().enumerate().map(total).collect()
        };
        let passed = Tensor::new(cx.output_shape(0)?.clone(), passed).map_err(|e| Fault::block(e.to_string()))?;
        Ok(vec![passed, Tensor::vector(totals(Nudged::below)), Tensor::vector(totals(Nudged::above))])
    }

    fn quantization(&self, cx: &RunCx<'_>) -> Option<Quantization> {
        from_channels(cx).ok().map(quantization)
    }
}
