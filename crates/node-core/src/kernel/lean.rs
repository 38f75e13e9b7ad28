//! Bodies that are compiled to one loop each: an operand of one element is spread over a stretch, and sums are taken of
//! what a stretch gives. Elements come out the same; only the number of loops in the program is smaller.

use std::marker::PhantomData;

use super::body::{Body, sum_by_stretches};
use super::chunk::{Chunk, ChunkMut, Operand};
use super::fold::Lanes;
use super::{Elementwise, Kernel, simd};

/// How many elements are computed together where an operand is spread.
const STRETCH: usize = 256;

/// [`Kernel`]'s makers of element-wise kernels, compiled to fewer loops: for the many types that are seldom in a hurry.
pub struct Lean;

impl Lean {
    /// As [`Kernel::map`].
    pub fn map<A: Operand, O: Operand>(f: impl Fn(A) -> O + Send + Sync + 'static) -> Kernel {
        Elementwise::kernel::<O>(1, LeanMap { f, types: PhantomData })
    }

    /// As [`Kernel::zip`].
    pub fn zip<A: Operand, B: Operand, O: Operand>(f: impl Fn(A, B) -> O + Send + Sync + 'static) -> Kernel {
        Elementwise::kernel::<O>(2, LeanZip { f, types: PhantomData })
    }

    /// As [`Kernel::zip3`].
    pub fn zip3<A: Operand, B: Operand, C: Operand, O: Operand>(
        f: impl Fn(A, B, C) -> O + Send + Sync + 'static,
    ) -> Kernel {
        Elementwise::kernel::<O>(3, LeanZip3 { f, types: PhantomData })
    }
}

/// A function of one operand.
pub struct LeanMap<A, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: PhantomData<fn(A) -> O>,
}

/// A function of two operands.
pub struct LeanZip<A, B, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: PhantomData<fn(A, B) -> O>,
}

/// A function of three operands.
pub struct LeanZip3<A, B, C, O, F> {
    /// The function.
    pub f: F,
    /// Its types.
    pub types: PhantomData<fn(A, B, C) -> O>,
}

/// An operand, stretch by stretch.
struct Spread<'a, T> {
    elements: &'a [T],
    /// The one element that stands for all, as often as a stretch is long.
    held: [T; STRETCH],
    is_one: bool,
}

impl<'a, T: Operand> Spread<'a, T> {
    fn of(chunk: &Chunk<'a>, len: usize) -> Option<Spread<'a, T>> {
        let elements = T::read(chunk)?;
        let is_one = elements.len() == 1 && len != 1;
        let held = [elements.first().copied().filter(|_| is_one).unwrap_or_default(); STRETCH];
        (is_one || elements.len() == len).then_some(Spread { elements, held, is_one })
    }

    fn part(&self, begin: usize, end: usize) -> &[T] {
        if self.is_one { &self.held[..end - begin] } else { &self.elements[begin..end] }
    }
}

impl<A: Operand, O: Operand, F: Fn(A) -> O + Send + Sync> Body for LeanMap<A, O, F> {
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a] = operands else { return None };
        let (a, out) = (A::read(a)?, O::write(out)?);
        match a {
            [a] => out.fill((self.f)(*a)),
            a => simd::each(out, a, &self.f),
        }
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum::<O>(self, operands, start, len, lanes)
    }
}

impl<A: Operand, B: Operand, O: Operand, F: Fn(A, B) -> O + Send + Sync> Body for LeanZip<A, B, O, F> {
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a, b] = operands else { return None };
        let out = O::write(out)?;
        let (a, b) = (Spread::<A>::of(a, out.len())?, Spread::<B>::of(b, out.len())?);
        stretches(out, |begin, end, out| simd::each_pair(out, a.part(begin, end), b.part(begin, end), &self.f));
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum::<O>(self, operands, start, len, lanes)
    }
}

impl<A: Operand, B: Operand, C: Operand, O: Operand, F: Fn(A, B, C) -> O + Send + Sync> Body
    for LeanZip3<A, B, C, O, F>
{
    fn run(&self, operands: &[Chunk<'_>], _: usize, out: ChunkMut<'_>) -> Option<()> {
        let [a, b, c] = operands else { return None };
        let out = O::write(out)?;
        let len = out.len();
        let (a, b, c) = (Spread::<A>::of(a, len)?, Spread::<B>::of(b, len)?, Spread::<C>::of(c, len)?);
        stretches(out, |begin, end, out| {
            simd::each_triple(out, a.part(begin, end), b.part(begin, end), c.part(begin, end), &self.f);
        });
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum::<O>(self, operands, start, len, lanes)
    }
}

fn stretches<O>(out: &mut [O], mut work: impl FnMut(usize, usize, &mut [O])) {
    let mut begin = 0;
    for part in out.chunks_mut(STRETCH) {
        work(begin, begin + part.len(), part);
        begin += part.len();
    }
}

fn sum<O: Operand>(
    body: &impl Body,
    operands: &[Chunk<'_>],
    start: usize,
    len: usize,
    lanes: &mut Lanes,
) -> Option<()> {
    sum_by_stretches(operands, len, lanes, |begin, parts, out: &mut [O]| {
        body.run(parts, start + begin, O::chunk_mut(out))
    })
}
