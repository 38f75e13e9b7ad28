//! Folding many elements into one, so that the bits depend neither on threads nor on how a run is cut up.
//!
//! Elements are folded into lanes (element `i` into lane `i % LANES`) over blocks of fixed length; the lanes of a block
//! are joined in order, and so are the blocks.

use super::chunk::{Chunk, Lane, Operand};
use super::simd;
use std::fmt;

use crate::dtype::{DType, Element};
use crate::erased::{Cloned, Erased, Family};
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

/// Accumulators of a block.
#[derive(Clone, Copy, Debug)]
pub struct Accumulators;

impl Family for Accumulators {
    type Of<T: Element> = [T; LANES];

    fn fmt<T: Element>(of: &[T; LANES], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(of, f)
    }
}

impl Cloned for Accumulators {
    fn cloned<T: Element>(of: &[T; LANES]) -> [T; LANES] {
        of.clone()
    }
}

/// The accumulators of a block, by what they hold.
pub type Lanes = Erased<Accumulators>;

/// Code for how a fold takes elements of type `T`: `for_fold!(fold, T => |start, widen, join| …)`. `start` is the total
/// of nothing, `widen` makes a total from an element, `join` one from two.
#[macro_export]
macro_rules! for_fold {
    ($fold:expr, $t:ident => |$start:ident, $widen:ident, $join:ident| $body:expr) => {
        match $fold {
            $crate::kernel::Fold::Sum => {
                let ($start, $widen, $join) = (<$t>::zero(), <$t>::widen, <$t>::add);
                $body
            }
            $crate::kernel::Fold::Min => {
                let ($start, $widen, $join) = (<$t>::GREATEST, |v: $t| v, $crate::kernel::fold::lesser::<$t>);
                $body
            }
            $crate::kernel::Fold::Max => {
                let ($start, $widen, $join) = (<$t>::LEAST, |v: $t| v, $crate::kernel::fold::greater::<$t>);
                $body
            }
        }
    };
}

impl Erased<Accumulators> {
    /// Lanes into which nothing has been folded.
    pub fn new(fold: Fold, dtype: DType) -> Lanes {
        for_operand!(dtype, T => for_fold!(fold, T => |start, _widen, _join| Element::wrap([start; LANES])),
            else Lanes::Bool([false; LANES]))
    }

    /// Works on the lanes, if they hold this.
    #[inline]
    pub fn with<L: Lane>(&mut self, work: impl FnOnce(&mut [L; LANES])) {
        if let Some(lanes) = L::peel_mut::<Accumulators>(self) {
            work(lanes);
        }
    }

    /// Folds elements in; the first one belongs to lane 0.
    pub fn take(&mut self, fold: Fold, elements: &Chunk<'_>) {
        for_operand!(elements.dtype(), T => {
            let elements = T::read(elements).unwrap_or_default();
            for_fold!(fold, T => |_start, widen, join| self.with(|lanes| simd::fold(lanes, elements, widen, join)));
        }, else {});
    }

    /// The lanes joined in order: the bits of what they come to.
    pub fn total(&mut self, fold: Fold, dtype: DType) -> u64 {
        fn typed<L: Lane>(lanes: &mut Lanes, start: L, join: impl Fn(L, L) -> L) -> u64 {
            let joined = L::peel_mut::<Accumulators>(lanes).map(|lanes| lanes.iter().fold(start, |a, b| join(a, *b)));
            joined.unwrap_or(start).to_bits64()
        }
        for_operand!(dtype, T => for_fold!(fold, T => |start, _widen, join| typed(self, start, join)), else 0)
    }
}

/// The bits of a fold of nothing.
pub fn start(fold: Fold, dtype: DType) -> u64 {
    for_operand!(dtype, T => for_fold!(fold, T => |start, _widen, _join| start.to_bits64()), else 0)
}

/// Two totals joined.
pub fn join(fold: Fold, dtype: DType, a: u64, b: u64) -> u64 {
    fn typed<L: Lane>(_: L, join: impl Fn(L, L) -> L, a: u64, b: u64) -> u64 {
        join(L::from_bits64(a), L::from_bits64(b)).to_bits64()
    }
    for_operand!(dtype, T => for_fold!(fold, T => |start, _widen, join| typed(start, join, a, b)), else 0)
}

/// The data type of the totals of a fold.
pub fn total_dtype(fold: Fold, dtype: DType) -> DType {
    fn of<L: Operand>(_: L) -> DType {
        L::DTYPE
    }
    for_operand!(dtype, T => for_fold!(fold, T => |start, _widen, _join| of(start)), else dtype)
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
