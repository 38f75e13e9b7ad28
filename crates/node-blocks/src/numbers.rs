//! What blocks over numbers share: arithmetic of every type, and a kernel for each.

use node_core::dtype::Narrow as _;
use node_core::kernel::{Kernel, Operand};
use node_core::{DType, each_data_type};

/// Arithmetic as TensorFlow's kernels do it: floats as IEEE 754 says, integers wrapping.
pub trait Arithmetic: Copy {
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `self × other`.
    fn times(self, other: Self) -> Self;
}

macro_rules! arithmetic {
    (float $variant:ident $t:ty) => { arithmetic!(# $t, |a, b| a + b, a - b, a * b); };
    (narrow $variant:ident $t:ty) => {
        arithmetic!(# $t, |a, b| <$t>::nearest(a.wide() + b.wide()), <$t>::nearest(a.wide() - b.wide()),
            <$t>::nearest(a.wide() * b.wide()));
    };
    (bool $variant:ident $t:ty) => { arithmetic!(# $t, |a, b| a | b, a ^ b, a & b); };
    (text $variant:ident $t:ty) => {};
    ($whole:ident $variant:ident $t:ty) => {
        arithmetic!(# $t, |a, b| a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b));
    };
    (# $t:ty, |$a:ident, $b:ident| $plus:expr, $minus:expr, $times:expr) => {
        impl Arithmetic for $t {
            fn plus(self, $b: Self) -> Self {
                let $a = self;
                $plus
            }

            fn minus(self, $b: Self) -> Self {
                let $a = self;
                $minus
            }

            fn times(self, $b: Self) -> Self {
                let $a = self;
                $times
            }
        }
    };
}

each_data_type!(arithmetic);

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
        #[allow(dead_code, reason = "not every kernel names the type")]
        type $t = f32;
        Some(node_core::Kernel::narrow::<$rust>($kernel))
    }};
    (@ $kind:ident, $rust:ty, $t:ident, $kernel:expr) => {{
        #[allow(dead_code, reason = "not every kernel names the type")]
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

/// A kernel over float32, widened and rounded where the type is narrow; `None` for what is no number.
pub fn narrowed(dtype: DType, kernel: Kernel) -> Option<Kernel> {
    for_real!(dtype, T => kernel)
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
    (float $variant:ident $t:ty) => { summed!(# $t, |sum, count| sum as $t, sum as $t / count as $t); };
    (narrow $variant:ident $t:ty) => {
        summed!(# $t, |sum, count| <$t>::nearest_to(sum), <$t>::nearest_to(sum / count as f64));
    };
    (bool $variant:ident $t:ty) => { summed!(# $t, |sum, _count| sum != 0, sum != 0); };
    (text $variant:ident $t:ty) => {};
    ($whole:ident $variant:ident $t:ty) => {
        summed!(# $t, |sum, count| sum as $t, (sum / count as <$t as Operand>::Sum) as $t);
    };
    (# $t:ty, |$sum:ident, $count:ident| $total:expr, $average:expr) => {
        impl Summed for $t {
            fn total($sum: Self::Sum) -> Self {
                $total
            }

            fn average($sum: Self::Sum, $count: usize) -> Self {
                $average
            }
        }
    };
}

each_data_type!(summed);

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
    (float $variant:ident $t:ty) => {
        castable!(# $t, |x| Exact::Float(x as f64), |v| v as $t, |v| v as $t);
    };
    (narrow $variant:ident $t:ty) => {
        castable!(# $t, |x| Exact::Float(f64::from(x.wide())), |v| <$t>::nearest(v as f32), |v| <$t>::nearest(v as f32));
    };
    (bool $variant:ident $t:ty) => {
        castable!(# $t, |x| Exact::Whole(i128::from(x)), |v| v != 0.0, |v| v != 0);
    };
    (text $variant:ident $t:ty) => {};
    ($whole:ident $variant:ident $t:ty) => {
        castable!(# $t, |x| Exact::Whole(x as i128), |v| v as $t, |v| v as $t);
    };
    (# $t:ty, |$x:ident| $value:expr, |$float:ident| $of_float:expr, |$whole:ident| $of_whole:expr) => {
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
    };
}

each_data_type!(castable);
