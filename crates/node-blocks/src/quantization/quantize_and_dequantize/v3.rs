//! `QuantizeAndDequantizeV3`: quantizes to multiples of a scale of as many bits as an input says, and back.
//!
//! No edge cases: it multiplies and rounds; NaN stays NaN, and infinities become the range's ends.

use node_core::{BlockSpec, Fault, In, InferCx, register_block};

use super::blocks::{
    AXIS, Code, How, INPUT, INPUT_MAX, INPUT_MIN, NARROW_RANGE, OUTPUT, RANGE_GIVEN_BY_DEFAULT, SIGNED_INPUT,
};
use super::scale::Rounding;
use crate::given;

const BITS: In<i32> = In::new("num_bits", "How many bits a step has; a scalar.").parameter();

register_block!(
    BlockSpec::new(
        "QuantizeAndDequantizeV3",
        "Quantization",
        "Quantizes to multiples of a scale of as many bits as an input says, and back.",
        "Rounds elements to whole multiples of a scale and gives these back: `round(x × scale) / scale`. The scale \
         is the larger for which both ends of the range are steps that `num_bits` hold; 0 always is a step. Unlike \
         FakeQuantWithMinMaxVars it moves no end to a zero point: it is symmetric where `signed_input`. With \
         `range_given` elements are clamped to the range in force; else it is that of the elements, one for all, or \
         one for each place along `axis`; NaN is passed over in finding it, where TensorFlow's answer depends on the order of elements. The number of bits is an input; halfway between two steps, elements go to \
         the even one.",
    )
    .ports([INPUT.port(), INPUT_MIN.port(), INPUT_MAX.port(), BITS.port()])
    .attrs([SIGNED_INPUT.spec(), RANGE_GIVEN_BY_DEFAULT.spec(), NARROW_RANGE.spec(), AXIS.spec()])
    .ports([OUTPUT.port()])
    .code(Code(how))
);

fn how(cx: &InferCx<'_>) -> Result<How, Vec<Fault>> {
    let range_given = cx.attr(RANGE_GIVEN_BY_DEFAULT)?;
    Ok(How { bits: given::scalar(cx, BITS)?, rounding: Rounding::HalfToEven, range_given })
}
