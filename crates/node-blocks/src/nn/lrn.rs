//! `LRN`: local response normalization.
//!
//! No edge cases: it is a sum of squares and a power, each with cases of its own.

use std::ops::Range;

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::rows;
use crate::transcendental::Transcendental;
use crate::{computed, given, products};

const KINDS: &[DType] = &[DType::Float32, DType::Float16];
const INPUT: In<Floating> = In::new("input", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const DEPTH_RADIUS: AttrKey<i64> =
    AttrKey::int("depth_radius", 5, "How many channels on each side count.").range(0.0, 2_147_483_647.0);
const BIAS: AttrKey<f32> =
    AttrKey::float("bias", 1.0, "What is added, usually above 0, so that nothing is divided by 0.");
const ALPHA: AttrKey<f32> = AttrKey::float("alpha", 1.0, "What the sum of squares is multiplied by.");
const BETA: AttrKey<f32> = AttrKey::float("beta", 0.5, "To which power it is raised.");
const OUTPUT: Out<Floating> = Out::new("output", "The normalized elements; shape of `input`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "LRN",
        "Neural networks",
        "Local response normalization.",
        "Divides each element by `(bias + alpha × s)^beta`, where s is the sum of the squares of the channels at \
         most `depth_radius` away.",
    )
    .ports([INPUT.port()])
    .attrs([DEPTH_RADIUS.spec(), BIAS.spec(), ALPHA.spec(), BETA.spec()])
    .ports([OUTPUT.port()])
    .aliases(["LocalResponseNormalization"])
    .code(Lrn)
);

struct Lrn;

impl Block for Lrn {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::dims(cx, INPUT, 4)?;
        Ok(vec![cx.input(INPUT)?.ty.clone()])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (input, channels) = (cx.input_number(INPUT)?, cx.shape().dims()[3]);
        let (first, channel) = (cx.flat() - cx.flat() % channels, cx.flat() % channels);
        let near = around(channel, cx.attr(DEPTH_RADIUS)? as usize, channels);
        let origin = |channel: usize| Origin { input, item: 0, flat: first + channel };
        let from = std::iter::once(channel).chain(near.clone().filter(|near| *near != channel)).map(origin).collect();
        let because = format!(
            "{} / ({} + {} × the sum of the squares of channels {} to {})^{}",
            cx.name_of(origin(channel)),
            cx.attr(BIAS)?,
            cx.attr(ALPHA)?,
            near.start,
            near.end - 1,
            cx.attr(BETA)?
        );
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (input, ty) = (products::widened(cx, cx.tensor(INPUT)?)?, &cx.outputs()[0]);
        let (radius, bias) = (cx.attr(DEPTH_RADIUS)? as usize, cx.attr(BIAS)?);
        let (alpha, beta, channels) = (cx.attr(ALPHA)?, cx.attr(BETA)?, ty.shape.dims()[3]);
        let made = rows::each::<f32>(cx, &input, channels, ty, |_, row, out| {
            for (channel, out) in out.iter_mut().enumerate() {
                let squares: f32 = row[around(channel, radius, channels)].iter().map(|x| x * x).sum();
                *out = row[channel] * Transcendental::pow(bias + alpha * squares, -beta);
            }
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}

/// The channels at most `radius` away.
fn around(channel: usize, radius: usize, channels: usize) -> Range<usize> {
    channel.saturating_sub(radius)..channel.saturating_add(radius).saturating_add(1).min(channels)
}
