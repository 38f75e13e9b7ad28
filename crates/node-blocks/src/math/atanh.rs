//! `Atanh`: inverse hyperbolic tangent.
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
        "Atanh",
        "Inverse hyperbolic tangent.",
        "The number whose hyperbolic tangent is x; infinities at -1 and 1, NaN beyond. The same bits on every \
         machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`atanh(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("atanh(x)"))
    .kernel(float!(|x| Transcendental::atanh(x)))
);
