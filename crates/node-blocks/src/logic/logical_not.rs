//! `LogicalNot`: not x.
//!
//! No edge cases: there are two values, and both are tried.

use node_core::kernel::Lean;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;

register_block!(
    unary("LogicalNot", "Not x.", "True where x is false, false where it is true.",)
        .under("Logic")
        .operand(In::<bool>::new("x", "Any shape."))
        .output::<bool>("`not x`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("not x"))
        .kernel(|_| Some(Lean::map(|x: bool| !x)))
);
