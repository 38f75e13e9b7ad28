//! `Log`: natural logarithm.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Log",
        "Natural logarithm.",
        "The natural logarithm: -infinity at 0, NaN below. The same bits on every machine; TensorFlow's differ \
         from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`log(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("log(x)"))
    .kernel(float!(|x| Transcendental::ln(x)))
);
