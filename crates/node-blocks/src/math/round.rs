//! `Round`: rounded to the nearest, ties to even.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, In, Kernel, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary(
        "Round",
        "Rounded to the nearest, ties to even.",
        "The nearest whole number; halfway between two, the even one (banker's rounding, NumPy's too). \
         Whole numbers stay as they are; TensorFlow's kernel gives 0 for all of them. Fake quantization rounds \
         otherwise: it adds 0.5 and rounds down.",
    )
    .operand(In::<Real>::new("x", "Any shape.").among(&[
        DType::Float32,
        DType::Float64,
        DType::Float16,
        DType::BFloat16,
        DType::Int32,
        DType::Int64,
    ]))
    .output::<Real>("`round(x)`; shape of `x`.", &["y"])
    .words(|_| Words::Formula("round(x)"))
    .kernel(|dtype| match dtype {
        DType::Int32 | DType::Int64 => Some(Kernel::Same(0)),
        _ => (float!(|x| x.round_ties_even()))(dtype),
    })
);
