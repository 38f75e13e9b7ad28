//! `Lgamma`: logarithm of the gamma function.
//!
//! No edge cases: it is one function of a library at every value.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Lgamma",
        "Logarithm of the gamma function.",
        "The natural logarithm of the absolute value of the gamma function; infinity at 0 and at negative whole \
         numbers. The same bits on every machine; TensorFlow's differ from them by up to 1e-5.",
    )
    .operand(In::<Floating>::new("x", "Any shape.").among(&[DType::Float32, DType::Float64, DType::Float16]))
    .output::<Floating>("`lgamma(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("lgamma(x)"))
    .kernel(float!(|x| Transcendental::lgamma(x)))
);
