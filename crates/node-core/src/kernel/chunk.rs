//! Stretches of operands and results, by element type.

use super::fold::{LANES, Lanes};
use crate::dtype::{DType, Element};
use crate::tensor::{Data, Tensor};

/// An accumulator of a fold: it must come through 64 bits unharmed.
pub trait Lane: Copy + Send + Sync + 'static {
    /// The bits.
    fn to_bits64(self) -> u64;
    /// The value with these bits.
    fn from_bits64(bits: u64) -> Self;
    /// Lanes of these.
    fn wrap(lanes: [Self; LANES]) -> Lanes;
    /// The lanes, if they hold these.
    fn peel(lanes: &mut Lanes) -> Option<&mut [Self; LANES]>;
}

macro_rules! lanes {
    ($($rust:ty => $variant:ident: $to:expr, $from:expr;)*) => {$(
        impl Lane for $rust {
            fn wrap(lanes: [Self; LANES]) -> Lanes {
                Lanes::$variant(lanes)
            }

            #[inline]
            fn peel(lanes: &mut Lanes) -> Option<&mut [Self; LANES]> {
                match lanes {
                    Lanes::$variant(lanes) => Some(lanes),
                    _ => None,
                }
            }

            fn to_bits64(self) -> u64 {
                $to(self)
            }

            fn from_bits64(bits: u64) -> Self {
                $from(bits)
            }
        }
    )*};
}

lanes! {
    f64 => Float64: f64::to_bits, f64::from_bits;
    f32 => Float32: |v: f32| u64::from(v.to_bits()), |bits| f32::from_bits(bits as u32);
    i64 => Int64: |v: i64| v as u64, |bits| bits as i64;
    i32 => Int32: |v: i32| u64::from(v as u32), |bits| bits as u32 as i32;
    bool => Bool: u64::from, |bits| bits != 0;
}

macro_rules! operands {
    ($($rust:ty => $variant:ident, sum $sum:ty: $widen:expr, $add:expr; least $least:expr, greatest $greatest:expr;)*) => {
        /// A part of an operand: a stretch of elements, or one element that stands for all.
        #[derive(Clone, Copy, Debug)]
        pub enum Chunk<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($rust), "`.")] $variant(&'a [$rust]),)*
        }

        /// The part of the result that corresponds to the operands' chunks.
        #[derive(Debug)]
        pub enum ChunkMut<'a> {
            $(#[doc = concat!("Elements of type `", stringify!($rust), "`.")] $variant(&'a mut [$rust]),)*
        }

        impl<'a> Chunk<'a> {
            /// All elements of a tensor; `None` for strings.
            pub fn of(tensor: &'a Tensor) -> Option<Chunk<'a>> {
                match tensor.data() {
                    $(Data::$variant(buffer) => Some(Chunk::$variant(buffer.as_slice())),)*
                    Data::String(_) => None,
                }
            }

            /// The elements from `start` to `end`, both within the chunk.
            pub fn part(self, start: usize, end: usize) -> Chunk<'a> {
                match self {
                    $(Chunk::$variant(elements) => Chunk::$variant(&elements[start..end]),)*
                }
            }

            /// The elements as a vector of their own.
            pub fn to_vector(self) -> Tensor {
                match self {
                    $(Chunk::$variant(elements) => Tensor::vector(elements.to_vec()),)*
                }
            }

            /// The number of elements.
            pub fn len(&self) -> usize {
                match self {
                    $(Chunk::$variant(elements) => elements.len(),)*
                }
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Where the first element is, for prefetching.
            pub fn address(&self) -> *const u8 {
                match self {
                    $(Chunk::$variant(elements) => elements.as_ptr().cast(),)*
                }
            }

            /// The data type of the elements.
            pub fn dtype(&self) -> DType {
                match self {
                    $(Chunk::$variant(_) => DType::$variant,)*
                }
            }
        }

        /// An element type that kernels work on.
        pub trait Operand: Element + Lane {
            /// What its elements are summed in.
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
            /// The elements, if the chunk is of this type.
            fn read<'a>(chunk: &Chunk<'a>) -> Option<&'a [Self]>;
            /// The elements, if the chunk is of this type.
            fn write(chunk: ChunkMut<'_>) -> Option<&mut [Self]>;
            /// A chunk of these elements.
            fn chunk(elements: &[Self]) -> Chunk<'_>;
            /// A chunk of these elements.
            fn chunk_mut(elements: &mut [Self]) -> ChunkMut<'_>;
        }

        $(impl Operand for $rust {
            type Sum = $sum;
            const GREATEST: Self = $greatest;
            const LEAST: Self = $least;

            #[inline]
            fn widen(self) -> $sum {
                $widen(self)
            }

            #[inline]
            fn add(a: $sum, b: $sum) -> $sum {
                $add(a, b)
            }

            fn read<'a>(chunk: &Chunk<'a>) -> Option<&'a [Self]> {
                match chunk {
                    Chunk::$variant(elements) => Some(elements),
                    _ => None,
                }
            }

            fn write(chunk: ChunkMut<'_>) -> Option<&mut [Self]> {
                match chunk {
                    ChunkMut::$variant(elements) => Some(elements),
                    _ => None,
                }
            }

            fn chunk(elements: &[Self]) -> Chunk<'_> {
                Chunk::$variant(elements)
            }

            fn chunk_mut(elements: &mut [Self]) -> ChunkMut<'_> {
                ChunkMut::$variant(elements)
            }
        })*
    };
}

operands! {
    f32 => Float32, sum f64: f64::from, |a, b| a + b; least f32::NEG_INFINITY, greatest f32::INFINITY;
    f64 => Float64, sum f64: |v| v, |a, b| a + b; least f64::NEG_INFINITY, greatest f64::INFINITY;
    i32 => Int32, sum i64: i64::from, i64::wrapping_add; least i32::MIN, greatest i32::MAX;
    i64 => Int64, sum i64: |v| v, i64::wrapping_add; least i64::MIN, greatest i64::MAX;
    bool => Bool, sum i64: i64::from, i64::wrapping_add; least false, greatest true;
}

/// Code for the element type that a data type stands for: `for_operand!(dtype, T => f::<T>(), else …)`; `else` is for
/// strings, which kernels do not work on.
#[macro_export]
macro_rules! for_operand {
    ($dtype:expr, $t:ident => $body:expr, else $other:expr) => {
        match $dtype {
            $crate::DType::Float32 => {
                type $t = f32;
                $body
            }
            $crate::DType::Float64 => {
                type $t = f64;
                $body
            }
            $crate::DType::Int32 => {
                type $t = i32;
                $body
            }
            $crate::DType::Int64 => {
                type $t = i64;
                $body
            }
            $crate::DType::Bool => {
                type $t = bool;
                $body
            }
            $crate::DType::String => $other,
        }
    };
}
