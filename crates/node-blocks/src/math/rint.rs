//! `Rint`: rounded to the nearest, ties to even.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary(
        "Rint",
        "Rounded to the nearest, ties to even.",
        "The nearest whole number; halfway between two, the even one. As Round, for float32 and float64 alone.",
    )
    .operand(In::<Floating>::new("x", "Any shape.").among(&[DType::Float32, DType::Float64]))
    .output::<Floating>("`rint(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("rint(x)"))
    .kernel(float!(|x| x.round_ties_even()))
);
