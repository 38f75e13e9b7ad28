//! What a kernel does to a stretch of elements: closures over one element, turned into loops.

use super::chunk::{Chunk, ChunkMut, Operand};
use super::fold::Lanes;
use super::{MAX_OPERANDS, simd};

/// An element-wise function over stretches of operands.
pub trait Body: Send + Sync {
    /// `out` from the operands, each as long as `out` or one element long. `start` is the place of the first element in
    /// the whole. `None` if the types are not the function's.
    fn run(&self, operands: &[Chunk<'_>], start: usize, out: ChunkMut<'_>) -> Option<()>;

    /// Adds what [`run`](Body::run) would give to sums, without writing it down. `None` if the types are not the
    /// function's, or an operand that should be `len` long is not.
    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()>;
}

/// A function of one operand.
pub struct Map<A, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: std::marker::PhantomData<fn(A) -> O>,
}

impl<A: Operand, O: Operand, F: Fn(A) -> O + Send + Sync> Body for Map<A, O, F> {
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a] = operands else { return None };
        let (a, out) = (A::read(a)?, O::write(out)?);
        if let [a] = a {
            out.fill((self.f)(*a));
        } else {
            simd::each(out, a, &self.f);
        }
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], _: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        let [a] = operands else { return None };
        let a = A::read(a).filter(|a| a.len() == len)?;
        lanes.with(|lanes| simd::fold(lanes, a, |a| (self.f)(a).widen(), O::add));
        Some(())
    }
}

/// A function of two operands.
pub struct Zip<A, B, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: std::marker::PhantomData<fn(A, B) -> O>,
}

impl<A: Operand, B: Operand, O: Operand, F: Fn(A, B) -> O + Send + Sync> Body for Zip<A, B, O, F> {
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a, b] = operands else { return None };
        let (a, b, out, f) = (A::read(a)?, B::read(b)?, O::write(out)?, &self.f);
        match (a, b) {
            ([a], [b]) => out.fill(f(*a, *b)),
            ([a], b) => simd::each(out, b, |b| f(*a, b)),
            (a, [b]) => simd::each(out, a, |a| f(a, *b)),
            (a, b) => simd::each_pair(out, a, b, f),
        }
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], _: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        let [a, b] = operands else { return None };
        let (a, b, f) = (A::read(a)?, B::read(b)?, &self.f);
        match (a, b) {
            (a, b) if a.len() == len && b.len() == len => {
                lanes.with(|lanes| simd::fold_pair(lanes, a, b, |a, b| f(a, b).widen(), O::add));
            }
            ([a], b) if b.len() == len => lanes.with(|lanes| simd::fold(lanes, b, |b| f(*a, b).widen(), O::add)),
            (a, [b]) if a.len() == len => lanes.with(|lanes| simd::fold(lanes, a, |a| f(a, *b).widen(), O::add)),
            _ => return None,
        }
        Some(())
    }
}

/// A function of three operands.
pub struct Zip3<A, B, C, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: std::marker::PhantomData<fn(A, B, C) -> O>,
}

impl<A: Operand, B: Operand, C: Operand, O: Operand, F: Fn(A, B, C) -> O + Send + Sync> Body for Zip3<A, B, C, O, F> {
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a, b, c] = operands else { return None };
        let (a, b, c, out, f) = (A::read(a)?, B::read(b)?, C::read(c)?, O::write(out)?, &self.f);
        match (a, b, c) {
            ([a], [b], [c]) => out.fill(f(*a, *b, *c)),
            ([a], [b], c) => simd::each(out, c, |c| f(*a, *b, c)),
            ([a], b, [c]) => simd::each(out, b, |b| f(*a, b, *c)),
            (a, [b], [c]) => simd::each(out, a, |a| f(a, *b, *c)),
            ([a], b, c) => simd::each_pair(out, b, c, |b, c| f(*a, b, c)),
            (a, [b], c) => simd::each_pair(out, a, c, |a, c| f(a, *b, c)),
            (a, b, [c]) => simd::each_pair(out, a, b, |a, b| f(a, b, *c)),
            (a, b, c) => simd::each_triple(out, a, b, c, f),
        }
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum_by_stretches(operands, len, lanes, |begin, parts, out: &mut [O]| {
            self.run(parts, start + begin, O::chunk_mut(out))
        })
    }
}

/// Sums what `run` gives for stretches of the operands, one after the other.
pub(super) fn sum_by_stretches<O: Operand>(
    operands: &[Chunk<'_>],
    len: usize,
    lanes: &mut Lanes,
    run: impl Fn(usize, &[Chunk<'_>], &mut [O]) -> Option<()>,
) -> Option<()> {
    const STRETCH: usize = 512; // a multiple of LANES
    if !operands.iter().any(|operand| operand.len() == len) {
        return None;
    }
    let mut held = [O::default(); STRETCH];
    for begin in (0..len).step_by(STRETCH) {
        let end = len.min(begin + STRETCH);
        let mut parts = [Chunk::NONE; MAX_OPERANDS];
        for (part, operand) in parts.iter_mut().zip(operands) {
            *part = if operand.len() == len { operand.part(begin, end) } else { *operand };
        }
        let out = &mut held[..end - begin];
        run(begin, parts.get(..operands.len())?, out)?;
        lanes.with(|lanes| simd::fold(lanes, out, O::widen, O::add));
    }
    Some(())
}

/// A function of one or two operands and of the channel: the place along the last dimension.
pub struct Channels<P, O, F> {
    /// Something for each channel; not empty.
    pub channels: std::sync::Arc<[P]>,
    /// Runs over a stretch: channels, place of the first element, operands, result.
    pub f: F,
    /// The type of the result.
    pub output: std::marker::PhantomData<fn() -> O>,
}

impl<P: Send + Sync, O: Operand, F> Body for Channels<P, O, F>
where
    F: Fn(&[P], usize, &[Chunk<'_>], &mut [O]) -> Option<()> + Send + Sync,
{
    fn run(&self, operands: &[Chunk<'_>], start: usize, out: ChunkMut<'_>) -> Option<()> {
        (self.f)(&self.channels, start, operands, O::write(out)?)
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum_by_stretches(operands, len, lanes, |begin, parts, out| (self.f)(&self.channels, start + begin, parts, out))
    }
}
