//! `Log1p`: natural logarithm of 1 + x.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Log1p",
        "Natural logarithm of 1 + x.",
        "`log(1 + x)`, without losing the digits of a small x: -infinity at -1, NaN below. The same bits on every \
         machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`log(1 + x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("log(1 + x)"))
    .kernel(float!(|x| Transcendental::ln_1p(x)))
);
