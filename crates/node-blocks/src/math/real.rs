//! What the arithmetic blocks share: numbers of every type, and the types of element-wise results.

use node_core::port::Real;
use node_core::{Fault, In, InferCx, TensorType};

/// Arithmetic as TensorFlow's kernels do it: floats as IEEE 754 says, integers wrapping.
pub trait Arithmetic: Copy {
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `self × other`.
    fn times(self, other: Self) -> Self;
}

macro_rules! floats {
    ($($t:ty),*) => {$(
        impl Arithmetic for $t {
            fn plus(self, other: Self) -> Self { self + other }
            fn minus(self, other: Self) -> Self { self - other }
            fn times(self, other: Self) -> Self { self * other }
        }
    )*};
}

macro_rules! integers {
    ($($t:ty),*) => {$(
        impl Arithmetic for $t {
            fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
            fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
            fn times(self, other: Self) -> Self { self.wrapping_mul(other) }
        }
    )*};
}

floats!(f32, f64);
integers!(i32, i64);

/// The one kernel of a block for a data type: `for_real!(dtype, T => Kernel::map(|x: T| …))`.
macro_rules! for_real {
    ($dtype:expr, $t:ident => $kernel:expr) => {
        match $dtype {
            node_core::DType::Float32 => {
                type $t = f32;
                vec![$kernel]
            }
            node_core::DType::Float64 => {
                type $t = f64;
                vec![$kernel]
            }
            node_core::DType::Int32 => {
                type $t = i32;
                vec![$kernel]
            }
            node_core::DType::Int64 => {
                type $t = i64;
                vec![$kernel]
            }
            node_core::DType::Bool | node_core::DType::String => Vec::new(),
        }
    };
}
pub(super) use for_real;

/// The result of an element-wise operation of two operands that broadcast.
pub fn broadcast(cx: &InferCx<'_>, x: In<Real>, y: In<Real>) -> Result<Vec<TensorType>, Vec<Fault>> {
    let (a, b) = (cx.shape(x)?, cx.shape(y)?);
    match a.broadcast(b) {
        Some(shape) => Ok(vec![TensorType::new(cx.dtype(x)?, shape)]),
        None => Err(vec![Fault::at(y.name(), format!("shape {b} does not broadcast with {}'s shape {a}", x.name()))]),
    }
}
