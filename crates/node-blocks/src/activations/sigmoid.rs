//! `Sigmoid`: 1 / (1 + exp(-x)).

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Sigmoid",
        "1 / (1 + exp(-x)).",
        "The logistic function, from 0 to 1. The same bits on every machine; \
         TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .aliases(["Logistic"])
    .gradient("SigmoidGrad")
    .under("Activations")
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`1 / (1 + exp(-x))`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("1 / (1 + exp(-x))"))
    .kernel(float!(|x| x.sigmoid()))
);
