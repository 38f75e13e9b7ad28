//! `QuantizeAndDequantizeV4`: quantizes to multiples of a scale, and back.
//!
//! No edge cases: it multiplies and rounds; NaN stays NaN, and infinities become the range's ends.

use node_core::{BlockSpec, register_block};

use super::blocks::{
    AXIS, Code, INPUT, INPUT_MAX, INPUT_MIN, NARROW_RANGE, NUM_BITS, OUTPUT, RANGE_GIVEN, ROUND_MODE, SIGNED_INPUT,
    by_attrs,
};

register_block!(
    BlockSpec::new(
        "QuantizeAndDequantizeV4",
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
    .gradients(["QuantizeAndDequantizeV4Grad"])
    .code(Code(by_attrs))
);
