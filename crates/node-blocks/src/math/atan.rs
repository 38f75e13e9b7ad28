//! `Atan`: arctangent.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Atan",
        "Arctangent.",
        "The angle, in radians from -π/2 to π/2, whose tangent is x. The same bits on every machine; TensorFlow's \
         differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`atan(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("atan(x)"))
    .kernel(float!(|x| Transcendental::atan(x)))
);
