//! Stretches of operands and results, by element type.

use std::fmt;
use std::marker::PhantomData;

use bytemuck::{NoUninit, Zeroable};

use crate::dtype::{DType, Element, Narrow as _};
use crate::erased::{Cloned, Erased, Family};
use crate::tensor::Tensor;
use crate::{each_data_type, for_operand};

/// Stretches of elements.
#[derive(Clone, Copy, Debug)]
pub struct Stretches<'a>(PhantomData<&'a ()>);

impl<'a> Family for Stretches<'a> {
    type Of<T: Element> = &'a [T];

    fn fmt<T: Element>(of: &&'a [T], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(of, f)
    }
}

impl<'a> Cloned for Stretches<'a> {
    fn cloned<T: Element>(of: &&'a [T]) -> &'a [T] {
        of
    }
}

/// Stretches of elements to write to.
#[derive(Clone, Copy, Debug)]
pub struct StretchesMut<'a>(PhantomData<&'a ()>);

impl<'a> Family for StretchesMut<'a> {
    type Of<T: Element> = &'a mut [T];

    fn fmt<T: Element>(of: &&'a mut [T], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(of, f)
    }
}

/// A part of an operand: a stretch of elements, or one element that stands for all. Never of strings.
pub type Chunk<'a> = Erased<Stretches<'a>>;

/// The part of the result that corresponds to the operands' chunks.
pub type ChunkMut<'a> = Erased<StretchesMut<'a>>;

impl Copy for Erased<Stretches<'_>> {}

impl<'a> Erased<Stretches<'a>> {
    /// No elements.
    pub const NONE: Chunk<'a> = {
        let none: &[bool] = &[];
        Erased::Bool(none)
    };

    /// All elements of a tensor; `None` for strings.
    pub fn of(tensor: &'a Tensor) -> Option<Chunk<'a>> {
        for_operand!(tensor.dtype(), T => tensor.slice::<T>().map(T::chunk), else None)
    }

    /// The elements from `start` to `end`, both within the chunk.
    pub fn part(self, start: usize, end: usize) -> Chunk<'a> {
        for_operand!(self.dtype(), T => T::read(&self).map_or(Chunk::NONE, |all| T::chunk(&all[start..end])), else self)
    }

    /// The same elements, for a shorter time.
    pub fn shortened<'s>(self) -> Chunk<'s>
    where
        'a: 's,
    {
        for_operand!(self.dtype(), T => T::read(&self).map_or(Chunk::NONE, T::chunk), else Chunk::NONE)
    }

    /// The elements as a vector of their own.
    pub fn to_vector(self) -> Tensor {
        for_operand!(self.dtype(), T => Tensor::vector(T::read(&self).unwrap_or_default().to_vec()),
            else Tensor::vector(Vec::<bool>::new()))
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        for_operand!(self.dtype(), T => T::read(self).map_or(0, <[T]>::len), else 0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the elements, as they lie in memory.
    pub fn bytes(&self) -> &'a [u8] {
        for_operand!(self.dtype(), T => T::read(self).map_or(&[], bytemuck::cast_slice), else &[])
    }

    /// Where the first element is, for prefetching.
    pub fn address(&self) -> *const u8 {
        for_operand!(self.dtype(), T => T::read(self).map_or(std::ptr::null(), |all| all.as_ptr().cast()),
            else std::ptr::null())
    }
}

/// An accumulator of a fold: it must come through 64 bits unharmed.
pub trait Lane: Element + Copy {
    /// The bits.
    fn to_bits64(self) -> u64;
    /// The value with these bits.
    fn from_bits64(bits: u64) -> Self;
}

/// An element type that kernels work on.
pub trait Operand: Lane + NoUninit + Zeroable + PartialOrd {
    /// What its elements are summed in: floats in double precision, integers in 64 bits, wrapping.
    type Sum: Operand;
    /// The element as something that can be summed.
    fn widen(self) -> Self::Sum;
    /// The sum of two sums.
    fn add(a: Self::Sum, b: Self::Sum) -> Self::Sum;
    /// The sum of nothing.
    fn zero() -> Self::Sum {
        Self::default().widen()
    }
    /// What is not less than any element.
    const GREATEST: Self;
    /// What is not greater than any element.
    const LEAST: Self;
    /// The element as a float64, for statistics.
    fn as_f64(self) -> f64;

    /// The elements, if the chunk is of this type.
    fn read<'a>(chunk: &Chunk<'a>) -> Option<&'a [Self]> {
        Self::peel::<Stretches<'a>>(chunk).copied()
    }

    /// The elements, if the chunk is of this type.
    fn write(chunk: ChunkMut<'_>) -> Option<&mut [Self]> {
        Self::peel_off(chunk)
    }

    /// A chunk of these elements.
    fn chunk(elements: &[Self]) -> Chunk<'_> {
        Self::wrap(elements)
    }

    /// A chunk of these elements.
    fn chunk_mut(elements: &mut [Self]) -> ChunkMut<'_> {
        Self::wrap(elements)
    }
}

macro_rules! lane {
    (float $variant:ident $t:ty) => { lane!(# $t, |v| v.to_bits() as u64, |bits| <$t>::from_bits(bits as _)); };
    (narrow $variant:ident $t:ty) => { lane!(# $t, |v| v.to_bits() as u64, |bits| <$t>::from_bits(bits as _)); };
    (bool $variant:ident $t:ty) => { lane!(# $t, |v| v as u64, |bits| bits != 0); };
    (text $variant:ident $t:ty) => {};
    ($whole:ident $variant:ident $t:ty) => { lane!(# $t, |v| v as u64, |bits| bits as $t); };
    (# $t:ty, |$value:ident| $to:expr, |$bits:ident| $from:expr) => {
        impl Lane for $t {
            #[inline]
            fn to_bits64(self) -> u64 {
                let $value = self;
                $to
            }

            #[inline]
            fn from_bits64($bits: u64) -> Self {
                $from
            }
        }
    };
}

each_data_type!(lane);

macro_rules! operand {
    (float $variant:ident $t:ty) => {
        operand!(# $t, |v| v as f64, f64, |a, b| a + b, (<$t>::NEG_INFINITY, <$t>::INFINITY), |v| v as f64);
    };
    (narrow $variant:ident $t:ty) => {
        operand!(# $t, |v| f64::from(v.wide()), f64, |a, b| a + b, (<$t>::NEG_INFINITY, <$t>::INFINITY),
            |v| f64::from(v.wide()));
    };
    (int $variant:ident $t:ty) => {
        operand!(# $t, |v| v as i64, i64, |a, b| a.wrapping_add(b), (<$t>::MIN, <$t>::MAX), |v| v as f64);
    };
    (uint $variant:ident $t:ty) => {
        operand!(# $t, |v| v as u64, u64, |a, b| a.wrapping_add(b), (<$t>::MIN, <$t>::MAX), |v| v as f64);
    };
    (bool $variant:ident $t:ty) => {
        operand!(# $t, |v| i64::from(v), i64, |a, b| a.wrapping_add(b), (false, true), |v| f64::from(u8::from(v)));
    };
    (text $variant:ident $t:ty) => {};
    (# $t:ty, |$value:ident| $widen:expr, $sum:ty, |$a:ident, $b:ident| $add:expr, ($least:expr, $greatest:expr),
        |$element:ident| $as_f64:expr) => {
        impl Operand for $t {
            type Sum = $sum;
            const GREATEST: Self = $greatest;
            const LEAST: Self = $least;

            #[inline]
            fn widen(self) -> $sum {
                let $value = self;
                $widen
            }

            #[inline]
            fn add($a: $sum, $b: $sum) -> $sum {
                $add
            }

            #[inline]
            fn as_f64(self) -> f64 {
                let $element = self;
                $as_f64
            }
        }
    };
}

each_data_type!(operand);

/// The data type that the elements of `dtype` are summed in.
pub fn sum_dtype(dtype: DType) -> DType {
    for_operand!(dtype, T => <T as Operand>::Sum::DTYPE, else dtype)
}
