//! `LogicalOr`: x or y, broadcast.
//!
//! No edge cases: there are two values, and all pairs are tried.

use node_core::kernel::Lean;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::elementwise::binary_of;

register_block!(
    binary_of::<bool>(
        "LogicalOr",
        "x or y, broadcast.",
        "True where one is, or both. NumPy's broadcasting.",
        &[DType::Bool],
    )
    .under("Logic")
    .output::<bool>("`x or y`; the shape to which both broadcast.", &["z"])
    .words(|_| Words::Formula("x or y"))
    .kernel(|_| Some(Lean::zip(|x: bool, y: bool| x | y)))
);
