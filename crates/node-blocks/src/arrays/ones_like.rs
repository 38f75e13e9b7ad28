//! `OnesLike`: ones in the shape of another tensor.
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
        "OnesLike",
        "Ones in the shape of another tensor.",
        "A tensor of the shape and data type of `x` in which every element is 1 (true for booleans), NaN or not.",
    )
    .under("Arrays")
    .operand(In::<Numeric>::new("x", "Any shape."))
    .output::<Numeric>("Ones; shape of `x`.", &["y"])
    .words(|_| Words::Formula("1"))
    .kernel(|dtype| {
        for_operand!(dtype, T => Some(Lean::map(|_: T| <T as Castable>::of(Exact::Whole(1)))), else None)
    })
);
