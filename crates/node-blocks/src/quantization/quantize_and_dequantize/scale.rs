//! The steps of a range: whole multiples of a scale, 0 among them, as TensorFlow finds them.

use node_core::QuantRange;

use crate::nn::rows::Real;

/// How elements are rounded to steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Halfway between two, to the even one.
    HalfToEven,
    /// Halfway between two, upwards.
    HalfUp,
}

impl Rounding {
    /// As the attribute `round_mode` says.
    pub fn of(mode: &str) -> Rounding {
        if mode == "HALF_UP" { Rounding::HalfUp } else { Rounding::HalfToEven }
    }
}

/// Which whole numbers there are.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    least: f64,
    most: f64,
}

impl Steps {
    /// Of so many bits.
    pub fn of(bits: i64, is_signed: bool, narrow: bool) -> Steps {
        let power = |bits: i64| 2f64.powi(i32::try_from(bits).unwrap_or(i32::MAX));
        match is_signed {
            true => Steps { least: -power(bits - 1) + f64::from(u8::from(narrow)), most: power(bits - 1) - 1.0 },
            false => Steps { least: 0.0, most: power(bits) - 1.0 },
        }
    }
}

/// The steps of a range, in its own data type.
#[derive(Clone, Copy, Debug)]
pub struct Scale<T> {
    scale: T,
    inverse: T,
    min: T,
    max: T,
    given: (T, T),
    clamps: bool,
}

impl<T: Real + Number> Scale<T> {
    /// Of a range that is given, to which elements are clamped; or of what elements are (`clamps` is false).
    pub fn of(steps: Steps, (min, max): (T, T), clamps: bool) -> Scale<T> {
        let (least, most) = (T::of(steps.least), T::of(steps.most));
        let side = |step: T, end: T| if step.by(end) > T::of(0.0) { step.over(end) } else { T::LARGEST };
        let (from_min, from_max) = (side(least, min), side(most, max));
        let given = (min, max);
        if from_min < from_max {
            let inverse = min.over(least);
            return Scale { scale: from_min, inverse, min, max: most.by(inverse), given, clamps };
        }
        let inverse = max.over(most);
        Scale { scale: from_max, inverse, min: least.by(inverse), max, given, clamps }
    }

    /// What an element becomes.
    pub fn apply(self, x: T, rounding: Rounding) -> T {
        let held = if self.clamps { x.at_most(self.max).at_least(self.min) } else { x };
        held.by(self.scale).rounded(rounding).by(self.inverse)
    }

    /// The range in force.
    pub fn range(self) -> QuantRange {
        let single = |v: T| v.double() as f32;
        QuantRange {
            min: single(self.given.0),
            max: single(self.given.1),
            nudged_min: single(self.min),
            nudged_max: single(self.max),
            scale: single(self.inverse),
            zero_point: 0,
        }
    }

    /// The scale, and the ends of the range, in words.
    pub fn words(self) -> [String; 4] {
        [self.scale, self.inverse, self.min, self.max].map(|v| node_core::number::f64_text(v.double()))
    }
}

/// What finding steps needs of a number.
pub trait Number: Copy {
    /// The largest finite one.
    const LARGEST: Self;
    /// The quotient.
    fn over(self, other: Self) -> Self;
    /// The lesser of both; NaN stays.
    fn at_most(self, other: Self) -> Self;
    /// The greater of both; NaN stays.
    fn at_least(self, other: Self) -> Self;
    /// Rounded to a whole number.
    fn rounded(self, rounding: Rounding) -> Self;
}

macro_rules! number {
    ($($t:ty),*) => {$(
        impl Number for $t {
            const LARGEST: $t = <$t>::MAX;

            fn over(self, other: $t) -> $t {
                self / other
            }

            fn at_most(self, other: $t) -> $t {
                if other < self { other } else { self }
            }

            fn at_least(self, other: $t) -> $t {
                if self < other { other } else { self }
            }

            fn rounded(self, rounding: Rounding) -> $t {
                match rounding {
                    Rounding::HalfToEven => self.round_ties_even(),
                    Rounding::HalfUp => (self + 0.5).floor(),
                }
            }
        }
    )*};
}

number!(f32, f64);
