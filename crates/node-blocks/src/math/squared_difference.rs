//! `SquaredDifference`: (x - y)², broadcast.

use node_core::half::{bf16, f16};
use node_core::kernel::{Lean, Operand};
use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, Kernel, register_block};

use crate::elementwise::binary_of;
use crate::numbers::{Arithmetic, real};

register_block!(
    binary_of::<Real>(
        "SquaredDifference",
        "(x - y)², broadcast.",
        "The square of the difference, with NumPy's broadcasting. Integers wrap.",
        &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int32, DType::Int64],
    )
    .aliases(["SquaredError"])
    .output::<Real>("`(x - y)²`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("(x - y)²"))
    .kernel(|dtype| match dtype {
        // Narrow floats are rounded after the difference, and after the product.
        DType::Float16 => Some(squared_difference::<f16>()),
        DType::BFloat16 => Some(squared_difference::<bf16>()),
        _ => (real!(|x, y| {
            let difference = x.minus(y);
            difference.times(difference)
        }))(dtype),
    })
);

fn squared_difference<T: Operand + Arithmetic>() -> Kernel {
    Lean::zip(|x: T, y: T| {
        let difference = x.minus(y);
        difference.times(difference)
    })
}
