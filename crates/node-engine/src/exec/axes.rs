//! Folds over some axes: threads take results, and blocks of the elements of a result, so that few results of many
//! elements and many of few are both shared out. The order in which a result's elements are joined is always the same.

mod frames;
mod layout;
mod totals;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use node_core::kernel::fold::{join, start, total_dtype};
use node_core::kernel::{BLOCK, Chunk, ChunkMut, LANES, Operand, Reduction};
use node_core::{DType, Shape, Tensor, for_fold, for_operand};

use self::frames::Frame;
pub use self::frames::Frames;
use self::layout::{Layout, Run};
use self::totals::{FEW, How, WIDE, WIDTH};
use super::crew::{Crew, Panic};
use super::span::Span;

/// How many elements a thread takes at a time, about.
const SHARE: usize = 1 << 16;

/// How a fold went.
pub enum Folded {
    /// To its end.
    Whole,
    /// It was cancelled.
    Cancelled,
    /// Its types do not fit.
    Unfit,
    /// The block's own code panicked.
    Panicked(Panic),
}

/// How the elements of a result lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// They are as few as there are lanes, or fewer: their order is that of the lanes.
    InOrder,
    /// Neighbours go into one result.
    Neighbours,
    /// Neighbours go into different results.
    SideBySide,
    /// So they do, and rows are so few that lanes need no memory.
    FewRows,
}

/// The bytes that blocks of results take.
pub fn scratch(reduction: &Reduction, shape: &Shape) -> u64 {
    let split = AxesFold::new(reduction.clone(), DType::Float32, shape).split;
    (split as u64).saturating_mul(size_of::<AtomicU64>() as u64)
}

/// A fold over some axes, ready to be carried out again and again.
pub struct AxesFold {
    reduction: Reduction,
    dtype: DType,
    layout: Layout,
    /// How many results there are, and elements in each.
    results: usize,
    count: usize,
    way: Way,
    /// How many results are walked together.
    width: usize,
    /// How many results, and blocks of their elements, are taken at a time.
    results_at_once: usize,
    blocks_at_once: usize,
    /// How many blocks of results are kept, where a thread does not take all blocks of a result.
    split: usize,
    /// What each block of each result came to, by block.
    blocks: Vec<AtomicU64>,
}

impl AxesFold {
    /// A fold of tensors of this type and shape.
    pub fn new(reduction: Reduction, dtype: DType, shape: &Shape) -> AxesFold {
        let layout = Layout::new(shape, reduction.axes());
        let (results, count) = (layout.kept.len(), layout.folded.len());
        let blocks = count.div_ceil(BLOCK).max(1);
        let way = match layout.folds_neighbours() {
            false if count > FEW => Way::SideBySide,
            false if count > LANES => Way::FewRows,
            true if count > LANES => Way::Neighbours,
            _ => Way::InOrder,
        };
        let width = if way == Way::SideBySide { WIDTH } else { WIDE };
        let results_at_once = match way {
            Way::SideBySide | Way::FewRows => layout.kept.innermost().clamp(1, width),
            Way::Neighbours | Way::InOrder => (SHARE / count.max(1)).max(1),
        };
        let blocks_at_once = (SHARE / (results_at_once * BLOCK)).clamp(1, blocks);
        let split = if blocks_at_once < blocks { blocks.saturating_mul(results) } else { 0 };
        AxesFold {
            reduction,
            dtype,
            layout,
            results,
            count,
            way,
            width,
            results_at_once,
            blocks_at_once,
            split,
            blocks: Vec::new(),
        }
    }

    /// Folds `input`; `out` is the memory of the result.
    pub fn run(
        &mut self,
        (crew, frames): (&mut Crew, &Frames),
        input: &Tensor,
        out: Span,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Folded {
        let fits = |elements: &Chunk<'_>| elements.dtype() == self.dtype && elements.len() == self.results * self.count;
        let Some(elements) = Chunk::of(input).filter(fits).filter(|_| out.len() == self.results) else {
            return Folded::Unfit;
        };
        self.blocks.resize_with(self.split, AtomicU64::default);
        let types = (total_dtype(self.reduction.fold(), self.dtype), self.dtype);
        let (stopped, unfit) = (AtomicBool::new(false), AtomicBool::new(false));
        let part = |thread: usize, piece: usize| {
            if stopped.load(Ordering::Relaxed) || cancelled() {
                stopped.store(true, Ordering::Relaxed);
            } else if frames.with(thread, types, |frame| self.piece(frame, piece, &elements, out)).is_none() {
                unfit.store(true, Ordering::Relaxed);
            }
        };
        let pieces = self.results.div_ceil(self.results_at_once) * self.parts();
        frames.make_ready(types, if pieces > 1 { crew.threads() } else { 1 });
        if let Err(panic) = crew.run(pieces, &part) {
            return Folded::Panicked(panic);
        }
        if !stopped.load(Ordering::Relaxed) && self.split > 0 {
            let ends = |thread: usize, piece: usize| {
                let results = self.share(piece, WIDTH);
                if frames.with(thread, types, |frame| self.put_together(frame, results, out)).is_none() {
                    unfit.store(true, Ordering::Relaxed);
                }
            };
            if let Err(panic) = crew.run(self.results.div_ceil(WIDTH), &ends) {
                return Folded::Panicked(panic);
            }
        }
        match (stopped.into_inner(), unfit.into_inner()) {
            (_, true) => Folded::Unfit,
            (true, _) => Folded::Cancelled,
            (false, false) => Folded::Whole,
        }
    }

    /// In how many parts the elements of a result are taken.
    fn parts(&self) -> usize {
        self.count.div_ceil(BLOCK).max(1).div_ceil(self.blocks_at_once)
    }

    fn share(&self, number: usize, at_once: usize) -> Range<usize> {
        number * at_once..self.results.min((number + 1) * at_once)
    }

    /// One piece of the work: some results, and of their elements some blocks.
    fn piece(&self, frame: &mut Frame, piece: usize, elements: &Chunk<'_>, out: Span) -> Option<()> {
        let results = self.share(piece / self.parts(), self.results_at_once);
        let first = piece % self.parts() * self.blocks_at_once;
        let last = (first + self.blocks_at_once).min(self.count.div_ceil(BLOCK).max(1));
        for_operand!(self.dtype, T => {
            let values = T::read(elements)?;
            for_fold!(self.reduction.fold(), T => |start, widen, join| {
                self.fold(How { start, widen, join }, values, results, first..last, frame, out)
            })
        }, else None)
    }

    fn fold<T: Operand, L: Operand, F: Fn(T) -> L, J: Fn(L, L) -> L>(
        &self,
        how: How<L, F, J>,
        values: &[T],
        results: Range<usize>,
        blocks: Range<usize>,
        frame: &mut Frame,
        out: Span,
    ) -> Option<()> {
        let Frame { lanes, totals, gathered, bits, .. } = frame;
        let totals = L::write(totals.whole_mut())?;
        let (lanes, gathered) = (L::write(lanes.whole_mut())?, T::write(gathered.whole_mut())?);
        let mut number = results.start;
        let mut fits = Some(());
        self.layout.kept.runs(results.start, results.end, |along| {
            for begin in (0..along.len).step_by(self.width) {
                let len = self.width.min(along.len - begin);
                let run = Run { at: along.at + begin * along.stride, len, stride: along.stride };
                let end = number + len;
                for block in blocks.clone() {
                    let totals = &mut totals[..len];
                    self.block(&how, values, run, block, (&mut *lanes, &mut *gathered), totals);
                    if !self.blocks.is_empty() {
                        let slots = &self.blocks[block * self.results + number..][..len];
                        slots.iter().zip(totals).for_each(|(slot, t)| slot.store(t.to_bits64(), Ordering::Relaxed));
                        continue;
                    }
                    bits.resize(len.max(bits.len()), 0);
                    for (bits, total) in bits.iter_mut().zip(totals) {
                        let before = if block == 0 { how.start } else { L::from_bits64(*bits) };
                        *bits = (how.join)(before, *total).to_bits64();
                    }
                }
                if self.blocks.is_empty() {
                    fits = fits.and(self.finish(&bits[..len], number, out));
                }
                number = end;
            }
        });
        fits
    }

    /// What one block of the elements of some results comes to.
    fn block<T: Operand, L: Operand, F: Fn(T) -> L, J: Fn(L, L) -> L>(
        &self,
        how: &How<L, F, J>,
        values: &[T],
        results: Run,
        block: usize,
        (lanes, gathered): (&mut [L], &mut [T]),
        totals: &mut [L],
    ) {
        let folded = &self.layout.folded;
        let part = (folded, block * BLOCK, self.count.min((block + 1) * BLOCK));
        match self.way {
            Way::InOrder => how.in_order(values, results, folded, totals),
            Way::FewRows => how.few_rows(values, results, folded, totals),
            Way::SideBySide => how.columns(values, results, part, lanes, totals),
            Way::Neighbours => how.neighbours(values, results, part, gathered, totals),
        }
    }

    /// Joins what the blocks of some results came to, in their order.
    fn put_together(&self, frame: &mut Frame, results: Range<usize>, out: Span) -> Option<()> {
        let (fold, dtype) = (self.reduction.fold(), self.dtype);
        frame.bits.clear();
        frame.bits.extend(results.clone().map(|result| {
            let blocks = self.blocks.iter().skip(result).step_by(self.results);
            blocks.fold(start(fold, dtype), |total, b| join(fold, dtype, total, b.load(Ordering::Relaxed)))
        }));
        self.finish(&frame.bits, results.start, out)
    }

    /// Makes results from totals.
    fn finish(&self, totals: &[u64], first: usize, out: Span) -> Option<()> {
        #[expect(unsafe_code, reason = "these results are this thread's alone")]
        // SAFETY: no two pieces have the same results, and the caller of `run` holds the tensor.
        let out: ChunkMut<'_> = unsafe { out.part_mut(first, first + totals.len()) };
        self.reduction.finish(totals, self.count, out)
    }
}
