//! `ApproximateEqual`: |x - y| <= tolerance.
//!
//! No edge cases: it is a difference, an absolute value and a comparison, each with cases of its own.

use node_core::kernel::Lean;
use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{AttrKey, DType, register_block};

use crate::elementwise::binary_of;

const TOLERANCE: AttrKey<f32> = AttrKey::float("tolerance", 1e-5, "By how much they may differ.");

register_block!(
    binary_of::<Floating>(
        "ApproximateEqual",
        "|x - y| <= tolerance.",
        "True where x and y differ by `tolerance` at most. TensorFlow does not broadcast here; this block does.",
        &[DType::Float32, DType::Float64],
    )
    .under("Logic")
    .output::<bool>("`|x - y| <= tolerance`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("|x - y| <= tolerance"))
    .kernel_with(TOLERANCE, |dtype, tolerance| match dtype {
        DType::Float64 => Some(Lean::zip(move |x: f64, y: f64| (x - y).abs() <= f64::from(tolerance))),
        _ => Some(Lean::zip(move |x: f32, y: f32| (x - y).abs() <= tolerance)),
    })
);
