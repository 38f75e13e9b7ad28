//! `ZerosLike`: zeros in the shape of another tensor.
//!
//! No edge cases: it looks at no element.

use node_core::kernel::Lean;
use node_core::type_rule::Numeric;
use node_core::why::Words;
use node_core::{In, for_operand, register_block};

use crate::elementwise::unary;
use crate::numbers::{Castable, Exact};

register_block!(
    unary(
        "ZerosLike",
        "Zeros in the shape of another tensor.",
        "A tensor of the shape and data type of `x` in which every element is 0 (false for booleans), NaN or not.",
    )
    .under("Arrays")
    .operand(In::<Numeric>::new("x", "Any shape."))
    .output::<Numeric>("Zeros; shape of `x`.", &["y"])
    .words(|_| Words::Formula("0"))
    .kernel(|dtype| {
        for_operand!(dtype, T => Some(Lean::map(|_: T| <T as Castable>::of(Exact::Whole(0)))), else None)
    })
);
