//! `Digamma`: derivative of Lgamma.
//!
//! No edge cases: it is one series at every value; its poles are told in its documentation.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Digamma",
        "Derivative of Lgamma.",
        "The derivative of the logarithm of the gamma function; NaN at 0 and at negative whole numbers. Computed in double \
         precision. The same bits on every machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("x", "Any shape.").among(&[DType::Float32, DType::Float64, DType::Float16]))
    .output::<Floating>("`digamma(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("digamma(x)"))
    .kernel(float!(|x| Transcendental::digamma(x)))
);
