//! `QuantizeAndDequantizeV2`: quantizes to multiples of a scale, and back.
//!
//! No edge cases: it multiplies and rounds; NaN stays NaN, and infinities become the range's ends.

use std::sync::Arc;

use node_core::{
    AttrKey, Block, BlockSpec, Fault, InferCx, Kernel, Quantization, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::blocks::{
    self, AXIS, How, INPUT, INPUT_MAX, INPUT_MIN, NARROW_RANGE, NUM_BITS, OUTPUT, RANGE_GIVEN, SIGNED_INPUT,
};
use super::scale::Rounding;

const ROUND_MODE: AttrKey<Arc<str>> =
    AttrKey::one_of("round_mode", &["HALF_TO_EVEN", "HALF_UP"], "Where halfway between two steps goes.");

register_block!(
    BlockSpec::new(
        "QuantizeAndDequantizeV2",
        "Quantization",
        "Quantizes to multiples of a scale, and back.",
        "Rounds elements to whole multiples of a scale and gives these back: `round(x × scale) / scale`. The scale \
         is the larger for which both ends of the range are steps that `num_bits` hold; 0 always is a step. Unlike \
         FakeQuantWithMinMaxVars it moves no end to a zero point: it is symmetric where `signed_input`. With \
         `range_given` elements are clamped to the range in force; else it is that of the elements, one for all, or \
         one for each place along `axis`; NaN is passed over in finding it, where TensorFlow's answer depends on the order of elements.",
    )
    .ports([INPUT.port(), INPUT_MIN.port(), INPUT_MAX.port()])
    .attrs([
        SIGNED_INPUT.spec(),
        NUM_BITS.spec(),
        RANGE_GIVEN.spec(),
        ROUND_MODE.spec(),
        NARROW_RANGE.spec(),
        AXIS.spec()
    ])
    .ports([OUTPUT.port()])
    .code(QuantizeAndDequantizeV2)
);

struct QuantizeAndDequantizeV2;

impl Block for QuantizeAndDequantizeV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        blocks::infer(cx, how(cx)?)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        blocks::kernels(cx, how(cx)?)
    }

    fn quantization(&self, cx: &InferCx<'_>) -> Option<Quantization> {
        blocks::quantization(cx, how(cx).ok()?)
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        blocks::why(cx, how(cx)?)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        blocks::compute(cx, how(cx)?)
    }
}

fn how(cx: &InferCx<'_>) -> Result<How, Vec<Fault>> {
    let rounding = Rounding::of(&cx.attr(ROUND_MODE)?);
    Ok(How { bits: Some(cx.attr(NUM_BITS)?), rounding, range_given: cx.attr(RANGE_GIVEN)? })
}
