//! `Cos`: cosine.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Cos",
        "Cosine.",
        "The cosine of an angle in radians; NaN for infinities. The same bits on every machine; TensorFlow's \
         differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`cos(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("cos(x)"))
    .kernel(float!(|x| Transcendental::cos(x)))
);
