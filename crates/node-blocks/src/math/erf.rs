//! `Erf`: error function.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Erf",
        "Error function.",
        "`2 / sqrt(π)` times the integral of `exp(-t²)` from 0 to x; the Gaussian's share within x × sqrt(2) \
         standard deviations. The same bits on every machine; TensorFlow's differ from them by up to 2e-6 of the \
         value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`erf(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("erf(x)"))
    .kernel(float!(|x| Transcendental::erf(x)))
);
