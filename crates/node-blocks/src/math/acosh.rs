//! `Acosh`: inverse hyperbolic cosine.
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
        "Acosh",
        "Inverse hyperbolic cosine.",
        "The number, 0 or greater, whose hyperbolic cosine is x; NaN below 1. The same bits on every machine; \
         TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`acosh(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("acosh(x)"))
    .kernel(float!(|x| Transcendental::acosh(x)))
);
