//! `Sinh`: hyperbolic sine.
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
        "Sinh",
        "Hyperbolic sine.",
        "`(exp(x) - exp(-x)) / 2`. The same bits on every machine; TensorFlow's differ from them by up to 2e-6 of \
         the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`sinh(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("sinh(x)"))
    .kernel(float!(|x| Transcendental::sinh(x)))
);
