//! `Asin`: arcsine.
//!
//! No edge cases: it is one function of a library at every value, and the special values are among the cases of ops.json.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Asin",
        "Arcsine.",
        "The angle, in radians from -π/2 to π/2, whose sine is x; NaN beyond -1 and 1. The same bits on every \
         machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`asin(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("asin(x)"))
    .kernel(float!(|x| Transcendental::asin(x)))
);
