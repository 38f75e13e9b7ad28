//! Rows along the last axis, each computed as one: softmax and its relatives.

use node_core::kernel::{LANES, Operand, simd};
use node_core::why::Origin;
use node_core::{Fault, KnownType, RunCx, Tensor, WhyCx};

use crate::transcendental::Transcendental;

/// A floating-point type that rows are computed in.
pub trait Real: Operand + Transcendental {
    /// The nearest to a float64.
    fn of(value: f64) -> Self;
    /// The difference.
    fn less(self, other: Self) -> Self;
    /// The product.
    fn by(self, other: Self) -> Self;
    /// The same value as float64.
    fn double(self) -> f64;
}

macro_rules! real {
    ($($t:ty),*) => {$(
        impl Real for $t {
            fn of(value: f64) -> $t {
                value as $t
            }

            fn less(self, other: $t) -> $t {
                self - other
            }

            fn by(self, other: $t) -> $t {
                self * other
            }

            fn double(self) -> f64 {
                f64::from(self)
            }
        }
    )*};
}

real!(f32, f64);

/// The greatest of a row; a NaN stays.
pub fn greatest<T: Real>(row: &[T]) -> T {
    let mut lanes = [T::LEAST; LANES];
    simd::fold(&mut lanes, row, |v| v, node_core::kernel::fold::greater);
    lanes.into_iter().fold(T::LEAST, node_core::kernel::fold::greater)
}

/// The sum of a row, in double precision and a fixed order.
pub fn sum<T: Real>(row: &[T]) -> f64 {
    let mut lanes = [0f64; LANES];
    simd::fold(&mut lanes, row, |v: T| v.double(), |a, b| a + b);
    lanes.into_iter().sum()
}

/// `exp(x - greatest)` of each element of a row, in `out`; and their sum.
pub fn exponentials<T: Real>(row: &[T], out: &mut [T]) -> (T, f64) {
    let greatest = greatest(row);
    simd::each(out, row, |x: T| Transcendental::exp(x.less(greatest)));
    (greatest, sum(out))
}

/// The softmax of a row.
pub fn softmax<T: Real>(row: &[T], out: &mut [T]) {
    let (_, sum) = exponentials(row, out);
    let share = T::of(1.0 / sum);
    simd::each_in_place(out, |out: T| out.by(share));
}

/// How many rows of `width` elements are computed in one piece.
pub fn together(width: usize) -> usize {
    ((1 << 14) / width.max(1)).max(1)
}

/// Rows of `width` elements, each made from its row of `input`.
pub fn each<T: Real>(
    cx: &RunCx<'_>,
    input: &Tensor,
    width: usize,
    ty: &KnownType,
    one: impl Fn(usize, &[T], &mut [T]) + Sync,
) -> Result<Tensor, Vec<Fault>> {
    let elements = input.slice::<T>().unwrap_or_default();
    let width = width.max(1);
    cx.write::<T>(&ty.shape, together(width) * width, |first, out| {
        for (row, out) in (first / width..).zip(out.chunks_mut(width)) {
            one(row, &elements[row * width..(row + 1) * width], out);
        }
    })
}

/// The elements of the row of input number `input` that an element of the output belongs to.
pub fn origins(cx: &WhyCx<'_>, input: usize, row: usize) -> Result<Vec<Origin>, Vec<Fault>> {
    let width = cx.operand_type(input, 0)?.shape.dims().last().copied().unwrap_or(1);
    Ok((row * width..(row + 1) * width).map(|flat| Origin { input, item: 0, flat }).collect())
}

/// Code for the type that rows of `dtype` are computed in: float64, or float32 for it and for narrow floats.
macro_rules! for_row {
    ($dtype:expr, $t:ident => $body:expr) => {
        match $dtype {
            node_core::DType::Float64 => {
                type $t = f64;
                $body
            }
            _ => {
                type $t = f32;
                $body
            }
        }
    };
}
pub(crate) use for_row;
