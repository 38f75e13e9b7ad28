//! `Neg`: the number with the other sign.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::unary;
use crate::numbers::{Signed, real};

register_block!(
    unary(
        "Neg",
        "The number with the other sign.",
        "`-x`. The least whole number of a type has no positive one: it stays, as in TensorFlow.",
    )
    .aliases(["Negative"])
    .operand(In::<Real>::new("x", "Any shape.").among(DType::SIGNED))
    .output::<Real>("`-x`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("-x"))
    .kernel(real!(|x| x.negated()))
);
