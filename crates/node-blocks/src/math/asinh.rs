//! `Asinh`: inverse hyperbolic sine.
//!
//! No edge cases: it is one function of a library at every value.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Asinh",
        "Inverse hyperbolic sine.",
        "The number whose hyperbolic sine is x. The same bits on every machine; TensorFlow's differ from them by \
         up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`asinh(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("asinh(x)"))
    .kernel(float!(|x| Transcendental::asinh(x)))
);
