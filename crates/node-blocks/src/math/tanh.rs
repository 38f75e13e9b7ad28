//! `Tanh`: hyperbolic tangent.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Tanh",
        "Hyperbolic tangent.",
        "`(exp(x) - exp(-x)) / (exp(x) + exp(-x))`, from -1 to 1. The same bits on every \
         machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .gradient("TanhGrad")
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`tanh(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("tanh(x)"))
    .kernel(float!(|x| Transcendental::tanh(x)))
);
