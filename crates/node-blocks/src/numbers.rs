//! What blocks over numbers share: arithmetic of every type, and a kernel for each.

use node_core::DType;
use node_core::dtype::Narrow;
use node_core::half::{bf16, f16};
use node_core::kernel::{Kernel, Operand};

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
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The kernel of a block for a data type, if it is a number: `for_real!(dtype, T => Kernel::map(|x: T| …))`. Narrow floats
/// are computed with as float32, and rounded.
macro_rules! for_real {
    ($dtype:expr, $t:ident => $kernel:expr) => {
        node_core::data_types!({ $crate::numbers::real_rows } $dtype, $t, $kernel)
    };
}

/// The arms of [`for_real!`].
macro_rules! real_rows {
    ({ $dtype:expr, $t:ident, $kernel:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal,
        $proto:literal, $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $dtype {
            $(node_core::DType::$variant => $crate::numbers::real_rows!(@ $kind, $rust, $t, $kernel),)*
        }
    };
    (@ text, $rust:ty, $t:ident, $kernel:expr) => { None };
    (@ bool, $rust:ty, $t:ident, $kernel:expr) => { None };
    (@ narrow, $rust:ty, $t:ident, $kernel:expr) => {{
        type $t = f32;
        Some(node_core::Kernel::narrow::<$rust>($kernel))
    }};
    (@ $kind:ident, $rust:ty, $t:ident, $kernel:expr) => {{
        type $t = $rust;
        Some($kernel)
    }};
}
pub(crate) use for_real;
pub(crate) use real_rows;

/// The kernels of an element-wise block over numbers, by data type: `real!(|x, y| x.plus(y))`. `T` is the number's type.
macro_rules! real {
    (|$x:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T => node_core::Kernel::map(move |$x: T| -> T { $body }))
    };
    (|$x:ident, $y:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T => node_core::Kernel::zip(move |$x: T, $y: T| -> T { $body }))
    };
    (|$x:ident, $y:ident, $z:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(
            dtype, T => node_core::Kernel::zip3(move |$x: T, $y: T, $z: T| -> T { $body })
        )
    };
}
pub(crate) use real;

/// A kernel over float32 for a narrow type.
pub fn narrowed(dtype: DType, kernel: Kernel) -> Option<Kernel> {
    match dtype {
        DType::Float16 => Some(kernel.narrow::<f16>()),
        DType::BFloat16 => Some(kernel.narrow::<bf16>()),
        _ => None,
    }
}

/// The kernels of a block that folds numbers, by data type and axes: `real_fold!(|elements, axes| elements.min::<T>(axes))`.
macro_rules! real_fold {
    (|$elements:ident, $axes:ident| $body:expr) => {
        |dtype, $axes: &[bool]| {
            if matches!(dtype, node_core::DType::Bool) {
                return None;
            }
            node_core::for_operand!(dtype, T => {
                let $elements = node_core::Kernel::elements::<T>();
                Some($body)
            }, else None)
        }
    };
}
pub(crate) use real_fold;

/// What folding by adding comes to.
pub trait Summed: Operand {
    /// The total as an element.
    fn total(sum: Self::Sum) -> Self;

    /// The mean from a total and the number of elements in it; whole numbers are divided towards zero.
    fn average(sum: Self::Sum, count: usize) -> Self;
}

macro_rules! summed {
    ($($t:ty: |$sum:ident, $count:ident| $total:expr, $average:expr;)*) => {$(
        impl Summed for $t {
            fn total($sum: Self::Sum) -> Self {
                $total
            }

            fn average($sum: Self::Sum, $count: usize) -> Self {
                $average
            }
        }
    )*};
}

summed! {
    f32: |sum, count| sum as f32, sum as f32 / count as f32;
    f64: |sum, count| sum, sum / count as f64;
    f16: |sum, count| f16::nearest_to(sum), f16::nearest_to(sum / count as f64);
    bf16: |sum, count| bf16::nearest_to(sum), bf16::nearest_to(sum / count as f64);
    i8: |sum, count| sum as i8, (sum / count as i64) as i8;
    i16: |sum, count| sum as i16, (sum / count as i64) as i16;
    i32: |sum, count| sum as i32, (sum / count as i64) as i32;
    i64: |sum, count| sum, sum / count as i64;
    u8: |sum, count| sum as u8, (sum / count as u64) as u8;
    u16: |sum, count| sum as u16, (sum / count as u64) as u16;
    u32: |sum, count| sum as u32, (sum / count as u64) as u32;
    u64: |sum, count| sum, sum / count as u64;
    bool: |sum, _count| sum != 0, sum != 0;
}

macro_rules! narrow_arithmetic {
    ($($t:ty),*) => {$(
        impl Arithmetic for $t {
            fn plus(self, other: Self) -> Self { <$t>::nearest(self.wide() + other.wide()) }
            fn minus(self, other: Self) -> Self { <$t>::nearest(self.wide() - other.wide()) }
            fn times(self, other: Self) -> Self { <$t>::nearest(self.wide() * other.wide()) }
        }
    )*};
}

narrow_arithmetic!(f16, bf16);

impl Arithmetic for bool {
    fn plus(self, other: Self) -> Self {
        self | other
    }

    fn minus(self, other: Self) -> Self {
        self ^ other
    }

    fn times(self, other: Self) -> Self {
        self & other
    }
}

/// A value on its way from one data type to another.
#[derive(Clone, Copy, Debug)]
pub enum Exact {
    /// A floating-point number.
    Float(f64),
    /// A whole number.
    Whole(i128),
}

/// An element that can be cast.
pub trait Castable {
    /// Its value.
    fn value(self) -> Exact;

    /// The element for a value: cut off, wrapped or rounded.
    fn of(value: Exact) -> Self;
}

macro_rules! castable {
    ($($t:ty: |$x:ident| $value:expr, |$float:ident| $of_float:expr, |$whole:ident| $of_whole:expr;)*) => {$(
        impl Castable for $t {
            #[inline]
            fn value(self) -> Exact {
                let $x = self;
                $value
            }

            #[inline]
            fn of(value: Exact) -> Self {
                match value {
                    Exact::Float($float) => $of_float,
                    Exact::Whole($whole) => $of_whole,
                }
            }
        }
    )*};
}

castable! {
    f32: |x| Exact::Float(f64::from(x)), |v| v as f32, |v| v as f32;
    f64: |x| Exact::Float(x), |v| v, |v| v as f64;
    f16: |x| Exact::Float(f64::from(x.wide())), |v| f16::nearest(v as f32), |v| f16::nearest(v as f32);
    bf16: |x| Exact::Float(f64::from(x.wide())), |v| bf16::nearest(v as f32), |v| bf16::nearest(v as f32);
    i8: |x| Exact::Whole(i128::from(x)), |v| v as i8, |v| v as i8;
    i16: |x| Exact::Whole(i128::from(x)), |v| v as i16, |v| v as i16;
    i32: |x| Exact::Whole(i128::from(x)), |v| v as i32, |v| v as i32;
    i64: |x| Exact::Whole(i128::from(x)), |v| v as i64, |v| v as i64;
    u8: |x| Exact::Whole(i128::from(x)), |v| v as u8, |v| v as u8;
    u16: |x| Exact::Whole(i128::from(x)), |v| v as u16, |v| v as u16;
    u32: |x| Exact::Whole(i128::from(x)), |v| v as u32, |v| v as u32;
    u64: |x| Exact::Whole(i128::from(x)), |v| v as u64, |v| v as u64;
    bool: |x| Exact::Whole(i128::from(x)), |v| v != 0.0, |v| v != 0;
}
