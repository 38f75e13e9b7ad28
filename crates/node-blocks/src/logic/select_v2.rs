//! `SelectV2`: one tensor's elements where a condition holds, another's elsewhere.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Numeric;
use node_core::why::Words;
use node_core::{In, Kernel, Scalar, for_operand, register_block};

use crate::elementwise::ternary;

register_block!(
    ternary(
        "SelectV2",
        "condition ? t : e, broadcast.",
        "Takes the element of `t` where `condition` holds, and that of `e` where it does not, with NumPy's \
         broadcasting. TensorFlow's `tf.where` of three.",
    )
    .aliases(["Select"])
    .under("Logic")
    .operand(In::<bool>::new("condition", "Where to take which; any shape."))
    .operand(In::<Numeric>::new("t", "What is taken where it holds; its shape broadcasts with the others'."))
    .operand(In::<Numeric>::new("e", "What is taken elsewhere; its shape broadcasts with the others'."))
    .output::<Numeric>("Elements of `t` and `e`; the shape to which all broadcast.", &[])
    .words(|operands| match operands.first() {
        Some(condition) if condition.value == Scalar::Bool(true) => Words::Because("t", format!("{condition}")),
        Some(condition) => Words::Because("e", format!("{condition}")),
        None => Words::Formula("t"),
    })
    .kernel(|dtype| {
        for_operand!(dtype, T => Some(Kernel::zip3(|c: bool, t: T, e: T| if c { t } else { e })), else None)
    })
);
