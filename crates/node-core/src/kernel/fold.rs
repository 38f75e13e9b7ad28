//! Folding many elements into one, so that the bits depend neither on threads nor on how a run is cut up.
//!
//! Elements are folded into lanes (element `i` into lane `i % LANES`) over blocks of fixed length; the lanes of a block
//! are joined in order, and so are the blocks.

use super::chunk::{Chunk, Lane, Operand};
use super::simd;
use crate::dtype::DType;
use crate::for_operand;

/// How many accumulators a block has.
pub const LANES: usize = 32;

/// How many elements are folded together before they join the total.
pub const BLOCK: usize = 4096;

/// How two become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fold {
    /// Their sum: floats in double precision, integers in 64 bits, wrapping.
    Sum,
    /// The lesser; a NaN stays.
    Min,
    /// The greater; a NaN stays.
    Max,
}

/// The accumulators of a block, by what they hold.
#[derive(Clone, Debug)]
pub enum Lanes {
    /// Sums of floats, and extremes of `float64`.
    Float64([f64; LANES]),
    /// Extremes of `float32`.
    Float32([f32; LANES]),
    /// Sums of integers, and extremes of `int64`.
    Int64([i64; LANES]),
    /// Extremes of `int32`.
    Int32([i32; LANES]),
    /// Extremes of `bool`.
    Bool([bool; LANES]),
}

impl Lanes {
    /// Lanes into which nothing has been folded.
    pub fn new(fold: Fold, dtype: DType) -> Lanes {
        fn all<L: Lane>(bits: u64) -> Lanes {
            L::wrap([L::from_bits64(bits); LANES])
        }
        let bits = start(fold, dtype);
        for_operand!(dtype, T => match fold {
            Fold::Sum => all::<<T as Operand>::Sum>(bits),
            Fold::Min | Fold::Max => all::<T>(bits),
        }, else Lanes::Bool([false; LANES]))
    }

    /// Works on the lanes, if they hold this.
    #[inline]
    pub fn with<L: Lane>(&mut self, work: impl FnOnce(&mut [L; LANES])) {
        if let Some(lanes) = L::peel(self) {
            work(lanes);
        }
    }

    /// Folds elements in; the first one belongs to lane 0.
    pub fn take(&mut self, fold: Fold, elements: &Chunk<'_>) {
        fn typed<T: Operand + PartialOrd>(lanes: &mut Lanes, fold: Fold, elements: &Chunk<'_>) {
            let elements = T::read(elements).unwrap_or_default();
            match fold {
                Fold::Sum => lanes.with(|lanes| simd::fold(lanes, elements, T::widen, T::add)),
                Fold::Min => lanes.with(|lanes| simd::fold(lanes, elements, |v| v, lesser)),
                Fold::Max => lanes.with(|lanes| simd::fold(lanes, elements, |v| v, greater)),
            }
        }
        for_operand!(elements.dtype(), T => typed::<T>(self, fold, elements), else {});
    }

    /// The lanes joined in order: the bits of what they come to.
    pub fn total(&mut self, fold: Fold, dtype: DType) -> u64 {
        fn typed<L: Lane>(lanes: &mut Lanes, start: L, join: impl Fn(L, L) -> L) -> u64 {
            let joined = L::peel(lanes).map(|lanes| lanes.iter().fold(start, |a, b| join(a, *b)));
            joined.unwrap_or(start).to_bits64()
        }
        for_operand!(dtype, T => match fold {
            Fold::Sum => typed(self, T::zero(), T::add),
            Fold::Min => typed(self, T::GREATEST, lesser),
            Fold::Max => typed(self, T::LEAST, greater),
        }, else 0)
    }
}

/// The bits of a fold of nothing.
pub fn start(fold: Fold, dtype: DType) -> u64 {
    for_operand!(dtype, T => match fold {
        Fold::Sum => T::zero().to_bits64(),
        Fold::Min => T::GREATEST.to_bits64(),
        Fold::Max => T::LEAST.to_bits64(),
    }, else 0)
}

/// Two totals joined.
pub fn join(fold: Fold, dtype: DType, a: u64, b: u64) -> u64 {
    for_operand!(dtype, T => match fold {
        Fold::Sum => T::add(Lane::from_bits64(a), Lane::from_bits64(b)).to_bits64(),
        Fold::Min => lesser(T::from_bits64(a), T::from_bits64(b)).to_bits64(),
        Fold::Max => greater(T::from_bits64(a), T::from_bits64(b)).to_bits64(),
    }, else 0)
}

/// The lesser of two; the first if it is NaN.
#[inline]
#[expect(clippy::eq_op, reason = "only NaN differs from itself, whatever the type")]
pub fn lesser<T: PartialOrd + Copy>(a: T, b: T) -> T {
    if a < b || a != a { a } else { b }
}

/// The greater of two; the first if it is NaN.
#[inline]
#[expect(clippy::eq_op, reason = "only NaN differs from itself, whatever the type")]
pub fn greater<T: PartialOrd + Copy>(a: T, b: T) -> T {
    if a > b || a != a { a } else { b }
}
