//! `Exp`: e to the power of x.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Exp",
        "e to the power of x.",
        "The exponential function. Beyond 88.72 float32 is infinity, below -87.34 it is 0. The same bits on every \
         machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`exp(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("exp(x)"))
    .kernel(float!(|x| Transcendental::exp(x)))
);
