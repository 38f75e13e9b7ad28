//! `Expm1`: e to the power of x, less 1.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Expm1",
        "e to the power of x, less 1.",
        "`exp(x) - 1`, without losing the digits of a small x. The same bits on every machine; TensorFlow's differ \
         from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`exp(x) - 1`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("exp(x) - 1"))
    .kernel(float!(|x| Transcendental::exp_m1(x)))
);
