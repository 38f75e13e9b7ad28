//! `IsInf`: whether it is infinite.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::asks;

register_block!(
    unary("IsInf", "Whether it is infinite.", "True where x is infinity or -infinity; false for numbers and NaN.",)
        .under("Logic")
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<bool>("`isinf(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("isinf(x)"))
        .kernel(asks!(|x| x.is_infinite()))
);
