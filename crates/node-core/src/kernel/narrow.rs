//! Kernels over narrow floats: widened to float32, computed, and rounded, stretch by stretch. For sums, differences,
//! products, quotients and square roots these are the bits of the narrow type's own arithmetic.

use std::marker::PhantomData;
use std::sync::Arc;

use super::MAX_OPERANDS;
use super::body::{Body, sum_by_stretches};
use super::chunk::{Chunk, ChunkMut, Operand};
use super::fold::Lanes;
use crate::dtype::{DType, Narrow};
use crate::for_operand;

/// How many elements are widened together.
const STRETCH: usize = 256;

/// A function over float32 for operands and results of a narrow type.
pub struct Narrowed<N> {
    /// The function.
    pub body: Arc<dyn Body>,
    /// The narrow type.
    pub types: PhantomData<fn() -> N>,
}

/// A function over float32 for operands of a narrow type, with results of another.
pub struct Widened<N> {
    /// The function.
    pub body: Arc<dyn Body>,
    /// The type of what it gives.
    pub output: DType,
    /// The narrow type.
    pub types: PhantomData<fn() -> N>,
}

/// Operands widened for a stretch; those that are not narrow stay as they are.
struct Wide([[f32; STRETCH]; MAX_OPERANDS]);

impl Wide {
    fn new() -> Wide {
        Wide([[0.0; STRETCH]; MAX_OPERANDS])
    }

    /// Calls `work` with the operands from `begin` to `end`.
    fn with<N: Narrow + Operand>(
        &mut self,
        operands: &[Chunk<'_>],
        (begin, end): (usize, usize),
        work: impl FnOnce(&[Chunk<'_>]) -> Option<()>,
    ) -> Option<()> {
        let mut parts = [Chunk::NONE; MAX_OPERANDS];
        for ((part, operand), wide) in parts.iter_mut().zip(operands).zip(&mut self.0) {
            // One element stands for all.
            let cut = if operand.len() == 1 { *operand } else { operand.part(begin, end) };
            *part = match N::read(&cut) {
                Some(narrow) => {
                    let wide = &mut wide[..narrow.len()];
                    N::widen_all(narrow, wide);
                    f32::chunk(wide)
                }
                None => cut.shortened(),
            };
        }
        work(parts.get(..operands.len())?)
    }
}

impl<N: Narrow + Operand> Body for Narrowed<N> {
    fn run(&self, operands: &[Chunk<'_>], start: usize, out: ChunkMut<'_>) -> Option<()> {
        let out = N::write(out)?;
        let (mut wide, mut results) = (Wide::new(), [0f32; STRETCH]);
        let len = out.len();
        for begin in (0..len).step_by(STRETCH) {
            let end = len.min(begin + STRETCH);
            let results = &mut results[..end - begin];
            wide.with::<N>(operands, (begin, end), |parts| {
                self.body.run(parts, start + begin, f32::chunk_mut(results))
            })?;
            N::narrow_all(results, &mut out[begin..end]);
        }
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        sum_by_stretches(operands, len, lanes, |begin, parts, out: &mut [N]| {
            self.run(parts, start + begin, N::chunk_mut(out))
        })
    }
}

impl<N: Narrow + Operand> Body for Widened<N> {
    fn run(&self, operands: &[Chunk<'_>], start: usize, out: ChunkMut<'_>) -> Option<()> {
        for_operand!(out.dtype(), T => {
            let out = T::write(out)?;
            let mut wide = Wide::new();
            let len = out.len();
            for begin in (0..len).step_by(STRETCH) {
                let end = len.min(begin + STRETCH);
                let part = &mut out[begin..end];
                wide.with::<N>(operands, (begin, end), |parts| {
                    self.body.run(parts, start + begin, T::chunk_mut(part))
                })?;
            }
        }, else return None);
        Some(())
    }

    fn sum(&self, operands: &[Chunk<'_>], start: usize, len: usize, lanes: &mut Lanes) -> Option<()> {
        for_operand!(self.output, T => sum_by_stretches(operands, len, lanes, |begin, parts, out: &mut [T]| {
            self.run(parts, start + begin, T::chunk_mut(out))
        }), else None)
    }
}
