//! `IsNan`: whether it is not a number.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::asks;

register_block!(
    unary("IsNan", "Whether it is not a number.", "True where x is NaN; false for numbers and infinities.",)
        .under("Logic")
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<bool>("`isnan(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("isnan(x)"))
        .kernel(asks!(|x| x.is_nan()))
);
