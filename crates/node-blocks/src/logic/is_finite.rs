//! `IsFinite`: whether it is finite.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::asks;

register_block!(
    unary("IsFinite", "Whether it is finite.", "True where x is neither infinite nor NaN.",)
        .under("Logic")
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<bool>("`isfinite(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("isfinite(x)"))
        .kernel(asks!(|x| x.is_finite()))
);
