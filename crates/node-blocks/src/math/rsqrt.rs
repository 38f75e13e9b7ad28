//! `Rsqrt`: 1 / square root.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary(
        "Rsqrt",
        "1 / square root.",
        "The reciprocal of the square root: infinity at 0, -infinity at -0, NaN below. TensorFlow's is within 2e-6 \
         of it.",
    )
    .gradient("RsqrtGrad")
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`1 / sqrt(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("1 / sqrt(x)"))
    .kernel(float!(|x| 1.0 / x.sqrt()))
);
