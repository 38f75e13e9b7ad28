//! Division as TensorFlow's kernels do it: towards negative infinity, towards zero, and what is left over.

use node_core::dtype::Narrow;
use node_core::half::{bf16, f16};
use node_core::kernel::{Lean, Operand};
use node_core::{DType, Fault, Kernel, Scalar, Tensor, each_data_type};

use crate::transcendental::Transcendental;

/// A floating-point number that can be divided.
pub trait Quotient: Copy {
    /// `self / by`. As on TensorFlow's threads, a subnormal number counts as 0, and a quotient that is one becomes 0.
    fn over(self, by: Self) -> Self;
}

macro_rules! quotient {
    (float $variant:ident $t:ty) => {
        impl Quotient for $t {
            #[inline]
            fn over(self, by: Self) -> Self {
                let flushed = |v: $t| if v.abs() < <$t>::MIN_POSITIVE { v * 0.0 } else { v };
                flushed(flushed(self) / flushed(by))
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(quotient);

/// The kernel of a quotient that is made whole, for a narrow type: the quotient is rounded to it before.
pub fn narrow_quotient(dtype: DType, whole: fn(f32) -> f32) -> Option<Kernel> {
    fn of<N: Narrow + Operand>(whole: fn(f32) -> f32) -> Kernel {
        Lean::zip(move |x: N, y: N| N::nearest(whole(N::nearest(x.wide().over(y.wide())).wide())))
    }
    match dtype {
        DType::Float16 => Some(of::<f16>(whole)),
        DType::BFloat16 => Some(of::<bf16>(whole)),
        _ => None,
    }
}

/// A number that can be divided. Whole numbers are never divided by 0: that is refused before.
pub trait Division: Copy {
    /// The quotient, rounded towards negative infinity.
    fn floor_div(self, by: Self) -> Self;
    /// What is left of [`floor_div`](Division::floor_div): its sign is that of `by`.
    fn floor_mod(self, by: Self) -> Self;
    /// The quotient, rounded towards zero.
    fn truncate_div(self, by: Self) -> Self;
    /// What is left of [`truncate_div`](Division::truncate_div): its sign is that of `self`.
    fn truncate_mod(self, by: Self) -> Self;
    /// `self` to the power of `exponent`, which is not negative for whole numbers.
    fn power(self, exponent: Self) -> Self;
}

macro_rules! division {
    (float $variant:ident $t:ty) => {
        impl Division for $t {
            fn floor_div(self, by: Self) -> Self {
                self.over(by).floor()
            }

            fn floor_mod(self, by: Self) -> Self {
                let left = self.fmod(by);
                if left != 0.0 && (left < 0.0) != (by < 0.0) { left + by } else { left }
            }

            fn truncate_div(self, by: Self) -> Self {
                self.over(by).trunc()
            }

            fn truncate_mod(self, by: Self) -> Self {
                self.fmod(by)
            }

            fn power(self, exponent: Self) -> Self {
                self.pow(exponent)
            }
        }
    };
    (int $variant:ident $t:ty) => {
        division!(@whole $t, |a, by| {
            let quotient = a.wrapping_div(by);
            if (a < 0) != (by < 0) && quotient.wrapping_mul(by) != a { quotient - 1 } else { quotient }
        }, |a, by| {
            let left = a.wrapping_rem(by);
            if left != 0 && (left < 0) != (by < 0) { left + by } else { left }
        });
    };
    (uint $variant:ident $t:ty) => { division!(@whole $t, |a, by| a / by, |a, by| a % by); };
    (@whole $t:ty, |$a:ident, $by:ident| $div:expr, |$b:ident, $from:ident| $mod:expr) => {
        impl Division for $t {
            fn floor_div(self, $by: Self) -> Self {
                let $a = self;
                $div
            }

            fn floor_mod(self, $from: Self) -> Self {
                let $b = self;
                $mod
            }

            fn truncate_div(self, by: Self) -> Self {
                self.wrapping_div(by)
            }

            fn truncate_mod(self, by: Self) -> Self {
                self.wrapping_rem(by)
            }

            fn power(self, exponent: Self) -> Self {
                let (mut base, mut left, mut power) = (self, exponent, 1);
                while left > 0 {
                    if left & 1 == 1 {
                        power = <$t>::wrapping_mul(power, base);
                    }
                    base = base.wrapping_mul(base);
                    left >>= 1;
                }
                power
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(division);

/// Refuses whole numbers `y` of which one is 0, by which `x` would be divided.
pub fn by_zero(y: &Tensor) -> Result<(), Fault> {
    first(y, |value| *value == 0).map_or(Ok(()), |at| {
        Err(Fault::at("y", format!("element {at} is 0, by which whole numbers cannot be divided")))
    })
}

/// Refuses whole numbers `y` of which one is negative, to which `x` would be raised.
pub fn to_negative(y: &Tensor) -> Result<(), Fault> {
    first(y, |value| *value < 0).map_or(Ok(()), |at| {
        Err(Fault::at(
            "y",
            format!("element {at} is negative, to which whole numbers cannot be raised; cast x to float32"),
        ))
    })
}

/// The index of the first element for which this holds.
fn first(y: &Tensor, holds: fn(&i64) -> bool) -> Option<String> {
    let value = |flat| match y.element(flat) {
        Some(Scalar::Int(value)) => value,
        // Beyond int64, neither 0 nor negative.
        Some(Scalar::Uint(value)) => i64::try_from(value).unwrap_or(i64::MAX),
        _ => 1,
    };
    (0..y.len()).find(|flat| holds(&value(*flat))).map(|flat| index(y, flat))
}

/// An index as people write it: `[1, 2]`; of a scalar `[]`.
pub fn index(tensor: &Tensor, flat: usize) -> String {
    format!("{:?}", tensor.shape().position(flat))
}

/// Whether numbers are whole.
pub fn is_whole(dtype: DType) -> bool {
    dtype.is_whole()
}
