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
            #[inline]
            fn plus(self, $b: Self) -> Self {
                let $a = self;
                $plus
            }

            #[inline]
            fn minus(self, $b: Self) -> Self {
                let $a = self;
                $minus
            }

            #[inline]
            fn times(self, $b: Self) -> Self {
                let $a = self;
                $times
            }
        }
    };
}

each_data_type!(arithmetic);

/// A number with a sign; of those without one, what TensorFlow refuses before it gets here.
pub trait Signed: Copy {
    /// The number without its sign.
    fn magnitude(self) -> Self;
    /// The number with the other sign.
    fn negated(self) -> Self;
    /// -1, 0 or 1; NaN of NaN.
    fn sign(self) -> Self;
}

/// Which of two numbers is the greater, and which the lesser; a NaN is both.
pub trait Extreme: Copy {
    /// The greater.
    fn greater(self, other: Self) -> Self;
    /// The lesser.
    fn lesser(self, other: Self) -> Self;
}

macro_rules! signed {
    (float $variant:ident $t:ty) => {
        signed!(# $t, |a| a.abs(), -a, if a > 0.0 { 1.0 } else if a < 0.0 { -1.0 } else { a + 0.0 },
            |b| b < a || a.is_nan(), b > a || a.is_nan());
    };
    (int $variant:ident $t:ty) => {
        signed!(# $t, |a| a.wrapping_abs(), a.wrapping_neg(), a.signum(), |b| b < a, b > a);
    };
    (uint $variant:ident $t:ty) => {
        signed!(# $t, |a| a, a.wrapping_neg(), <$t>::from(a != 0), |b| b < a, b > a);
    };
    (# $t:ty, |$a:ident| $magnitude:expr, $negated:expr, $sign:expr, |$b:ident| $is_greater:expr, $is_lesser:expr) => {
        impl Signed for $t {
            #[inline]
            fn magnitude(self) -> Self {
                let $a = self;
                $magnitude
            }

            #[inline]
            fn negated(self) -> Self {
                let $a = self;
                $negated
            }

            #[inline]
            fn sign(self) -> Self {
                let $a = self;
                $sign
            }
        }

        impl Extreme for $t {
            #[inline]
            fn greater(self, $b: Self) -> Self {
                let $a = self;
                if $is_greater { $a } else { $b }
            }

            #[inline]
            fn lesser(self, $b: Self) -> Self {
                let $a = self;
                if $is_lesser { $a } else { $b }
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(signed);

/// The least finite number of a type.
pub trait Lowest: Copy {
    /// It.
    const LOWEST: Self;
}

macro_rules! lowest {
    (text $variant:ident $t:ty) => {};
    (bool $variant:ident $t:ty) => {
        impl Lowest for bool {
            const LOWEST: bool = false;
        }
    };
    ($kind:ident $variant:ident $t:ty) => {
        impl Lowest for $t {
            const LOWEST: $t = <$t>::MIN;
        }
    };
}

each_data_type!(lowest);

/// The kernel of a block for a data type, if it is a number: `for_real!(dtype, T, K => K::map(|x: T| …))`. Narrow floats
/// are computed with as float32, and rounded. `K` makes the kernel: as fast as
/// can be for float32, lean for the others.
macro_rules! for_real {
    ($dtype:expr, $t:ident, $k:ident => $kernel:expr) => {
        node_core::data_types!({ $crate::numbers::real_rows } $dtype, $t, $k, $kernel)
    };
}

/// The arms of [`for_real!`].
macro_rules! real_rows {
    ({ $dtype:expr, $t:ident, $k:ident, $kernel:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal,
        $proto:literal, $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $dtype {
            $(node_core::DType::$variant => $crate::numbers::real_rows!(@ $kind $variant, $rust, $t, $k, $kernel),)*
        }
    };
    (@ text $variant:ident, $rust:ty, $t:ident, $k:ident, $kernel:expr) => { None };
    (@ bool $variant:ident, $rust:ty, $t:ident, $k:ident, $kernel:expr) => { None };
    (@ narrow $variant:ident, $rust:ty, $t:ident, $k:ident, $kernel:expr) => {
        $crate::numbers::kernel_of!(f32, $t, node_core::Kernel, $k, $kernel).map(node_core::Kernel::narrow::<$rust>)
    };
    (@ float Float32, $rust:ty, $t:ident, $k:ident, $kernel:expr) => {
        $crate::numbers::kernel_of!($rust, $t, node_core::Kernel, $k, $kernel)
    };
    (@ $kind:ident $variant:ident, $rust:ty, $t:ident, $k:ident, $kernel:expr) => {
        $crate::numbers::kernel_of!($rust, $t, node_core::kernel::Lean, $k, $kernel)
    };
}

/// A kernel expression in which `T` is a type and `K` what makes kernels.
macro_rules! kernel_of {
    ($rust:ty, $t:ident, $maker:ty, $k:ident, $kernel:expr) => {{
        #[allow(dead_code, reason = "not every kernel names the type")]
        type $t = $rust;
        type $k = $maker;
        Some($kernel)
    }};
}
pub(crate) use {for_real, kernel_of, real_rows};

/// The kernel for a floating-point type: `for_float!(dtype, T, K => K::map(|x: T| …))`. Narrow floats are computed with
/// as float32, and rounded.
macro_rules! for_float {
    ($dtype:expr, $t:ident, $k:ident => $kernel:expr) => {
        match $dtype {
            node_core::DType::Float64 => $crate::numbers::kernel_of!(f64, $t, node_core::kernel::Lean, $k, $kernel),
            dtype if dtype.is_floating() => {
                let kernel = $crate::numbers::kernel_of!(f32, $t, node_core::Kernel, $k, $kernel);
                kernel.and_then(|kernel| $crate::numbers::narrowed(dtype, kernel))
            }
            _ => None,
        }
    };
}
pub(crate) use for_float;

/// The kernels of an element-wise block over numbers, by data type: `real!(|x, y| x.plus(y))`. `T` is the number's type.
macro_rules! real {
    (|$x:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T, K => K::map(move |$x: T| -> T { $body }))
    };
    (|$x:ident, $y:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T, K => K::zip(move |$x: T, $y: T| -> T { $body }))
    };
    (|$x:ident, $y:ident, $z:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T, K => K::zip3(move |$x: T, $y: T, $z: T| -> T { $body }))
    };
}
pub(crate) use real;

/// As [`real!`] for floating-point numbers alone.
macro_rules! float {
    (|$x:ident| $body:expr) => {
        |dtype| $crate::numbers::for_float!(dtype, T, K => K::map(move |$x: T| -> T { $body }))
    };
    (|$x:ident, $y:ident| $body:expr) => {
        |dtype| $crate::numbers::for_float!(dtype, T, K => K::zip(move |$x: T, $y: T| -> T { $body }))
    };
}
pub(crate) use float;

/// The kernels of a block that asks something of numbers: `asks!(|x, y| x < y)`.
macro_rules! asks {
    (|$x:ident| $body:expr) => {
        |dtype| {
            $crate::numbers::for_float!(dtype, T, K => {
                let _ = std::marker::PhantomData::<K>;
                node_core::kernel::Lean::map(move |$x: T| -> bool { $body })
            })
        }
    };
    (|$x:ident, $y:ident| $body:expr) => {
        |dtype| {
            $crate::numbers::for_real!(dtype, T, K => {
                let _ = std::marker::PhantomData::<K>;
                node_core::kernel::Lean::zip(move |$x: T, $y: T| -> bool { $body })
            })
        }
    };
}
pub(crate) use asks;

/// A kernel over float32, widened and rounded where the type is narrow; `None` for what is no number.
pub fn narrowed(dtype: DType, kernel: Kernel) -> Option<Kernel> {
    match dtype {
        DType::Float16 => Some(kernel.narrow::<node_core::half::f16>()),
        DType::BFloat16 => Some(kernel.narrow::<node_core::half::bf16>()),
        DType::Float32 => Some(kernel),
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
