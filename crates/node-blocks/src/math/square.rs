//! `Square`: element-wise square.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::{Arithmetic, real};

register_block!(
    unary("Square", "x × x.", "Element-wise square. Integers wrap.")
        .operand(In::<Real>::new("x", "Any shape."))
        .output::<Real>("`x × x`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("x × x"))
        .kernel(real!(|x| x.times(x)))
);
