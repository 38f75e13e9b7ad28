//! `SquaredDifference`: (x - y)², broadcast.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::elementwise::binary_of;
use crate::numbers::{Arithmetic, real};

register_block!(
    binary_of::<Real>(
        "SquaredDifference",
        "(x - y)², broadcast.",
        "The square of the difference, with NumPy's broadcasting. Integers wrap.",
        &[DType::Float32, DType::Float64, DType::Float16, DType::Int32, DType::Int64],
    )
    .output::<Real>("`(x - y)²`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("(x - y)²"))
    .kernel(real!(|x, y| {
        let difference = x.minus(y);
        difference.times(difference)
    }))
);
