//! `Erfc`: complement of the error function.
//!
//! No edge cases: it is one function of a library at every value.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Erfc",
        "Complement of the error function.",
        "`1 - erf(x)`, without losing the digits where that is small. The same bits on every machine; TensorFlow's \
         differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape."))
    .output::<Floating>("`erfc(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("erfc(x)"))
    .kernel(float!(|x| Transcendental::erfc(x)))
);
