//! `NotEqual`: x != y, broadcast.

use node_core::kernel::Lean;
use node_core::type_rule::Numeric;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::elementwise::binary_of;
use crate::numbers::asks;

register_block!(
    binary_of::<Numeric>(
        "NotEqual",
        "x != y, broadcast.",
        "True where x differs from y. NaN differs from everything, even from itself; 0 equals -0. NumPy's \
         broadcasting.",
        DType::NUMERIC,
    )
    .under("Logic")
    .output::<bool>("`x != y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x != y"))
    .kernel(|dtype| match dtype {
        DType::Bool => Some(Lean::zip(|x: bool, y: bool| x != y)),
        _ => (asks!(|x, y| x != y))(dtype),
    })
);
