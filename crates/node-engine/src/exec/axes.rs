//! Folds over some axes: threads take results, and blocks of the elements of a result, so that few results of many
//! elements and many of few are both shared out. The order in which a result's elements are joined is always the same.

mod layout;
mod totals;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use node_core::kernel::fold::{greater, join, lesser, start};
use node_core::kernel::{BLOCK, Chunk, ChunkMut, Fold, LANES, Operand, Reduction};
use node_core::{DType, Shape, Tensor, for_operand};

use self::layout::{Layout, Run};
use self::totals::{FEW, How, WIDE, WIDTH};
use super::crew::{Crew, Panic};
use super::frame::Scratch;
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

/// A fold over some axes, ready to be carried out again and again.
pub struct AxesFold {
    reduction: Reduction,
    dtype: DType,
    layout: Layout,
    /// How many results there are, and elements in each.
    results: usize,
    count: usize,
    /// How many results that lie side by side are walked together.
    width: usize,
    /// How many results, and blocks of their elements, are taken at a time.
    results_at_once: usize,
    blocks_at_once: usize,
    /// How many blocks of results are kept, where a thread does not take all blocks of a result.
    split: usize,
    /// What each block of each result came to, by block.
    blocks: Vec<AtomicU64>,
    frames: Vec<Mutex<Frame>>,
}

/// Working memory of one thread.
struct Frame {
    lanes: Scratch,
    totals: Scratch,
    gathered: Scratch,
    bits: Vec<u64>,
}

impl AxesFold {
    /// A fold of tensors of this type and shape.
    pub fn new(reduction: Reduction, dtype: DType, shape: &Shape) -> AxesFold {
        let layout = Layout::new(shape, reduction.axes());
        let (results, count) = (layout.kept.len(), layout.folded.len());
        let blocks = count.div_ceil(BLOCK).max(1);
        let width = if count <= FEW { WIDE } else { WIDTH };
        let side_by_side = !layout.folds_neighbours() && count > LANES;
        let results_at_once = match side_by_side {
            true => layout.kept.innermost().clamp(1, width),
            false => (SHARE / count.max(1)).max(1),
        };
        let blocks_at_once = (SHARE / (results_at_once * BLOCK)).clamp(1, blocks);
        let split = if blocks_at_once < blocks { blocks.saturating_mul(results) } else { 0 };
        AxesFold {
            reduction,
            dtype,
            layout,
            results,
            count,
            width,
            results_at_once,
            blocks_at_once,
            split,
            blocks: Vec::new(),
            frames: Vec::new(),
        }
    }

    /// The bytes that blocks of results take.
    pub fn scratch(&self) -> u64 {
        (self.split as u64).saturating_mul(size_of::<AtomicU64>() as u64)
    }

    /// How it folds.
    pub fn reduction(&self) -> &Reduction {
        &self.reduction
    }

    /// Folds `input`; `out` is the memory of the result.
    pub fn run(&mut self, crew: &mut Crew, input: &Tensor, out: Span, cancelled: &(dyn Fn() -> bool + Sync)) -> Folded {
        let fits = |elements: &Chunk<'_>| elements.dtype() == self.dtype && elements.len() == self.results * self.count;
        let Some(elements) = Chunk::of(input).filter(fits).filter(|_| out.len() == self.results) else {
            return Folded::Unfit;
        };
        self.blocks.resize_with(self.split, AtomicU64::default);
        if self.frames.len() != crew.threads() {
            let frame = || Mutex::new(Frame::new(self.reduction.fold(), self.dtype));
            self.frames = std::iter::repeat_with(frame).take(crew.threads()).collect();
        }
        let (stopped, unfit) = (AtomicBool::new(false), AtomicBool::new(false));
        let part = |thread: usize, piece: usize| {
            if stopped.load(Ordering::Relaxed) || cancelled() {
                stopped.store(true, Ordering::Relaxed);
            } else if self.piece(thread, piece, &elements, out).is_none() {
                unfit.store(true, Ordering::Relaxed);
            }
        };
        let pieces = self.results.div_ceil(self.results_at_once) * self.parts();
        if let Err(panic) = crew.run(pieces, &part) {
            return Folded::Panicked(panic);
        }
        if !stopped.load(Ordering::Relaxed) && self.split > 0 {
            let ends = |thread: usize, piece: usize| {
                let results = self.share(piece, WIDTH);
                if self.put_together(thread, results, out).is_none() {
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
    fn piece(&self, thread: usize, piece: usize, elements: &Chunk<'_>, out: Span) -> Option<()> {
        let results = self.share(piece / self.parts(), self.results_at_once);
        let first = piece % self.parts() * self.blocks_at_once;
        let last = (first + self.blocks_at_once).min(self.count.div_ceil(BLOCK).max(1));
        let mut frame = self.frames.get(thread)?.lock().unwrap_or_else(PoisonError::into_inner);
        for_operand!(self.dtype, T => {
            let values = T::read(elements)?;
            match self.reduction.fold() {
                Fold::Sum => self.fold(How { start: T::zero(), widen: T::widen, join: T::add }, values, results, first..last, &mut frame, out),
                Fold::Min => self.fold(How { start: T::GREATEST, widen: |v: T| v, join: lesser }, values, results, first..last, &mut frame, out),
                Fold::Max => self.fold(How { start: T::LEAST, widen: |v: T| v, join: greater }, values, results, first..last, &mut frame, out),
            }
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
        let Frame { lanes, totals, gathered, bits } = frame;
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
        if self.count <= LANES {
            return how.few(values, results, folded, totals);
        }
        let part = (folded, block * BLOCK, self.count.min((block + 1) * BLOCK));
        match self.layout.folds_neighbours() {
            true => how.neighbours(values, results, part, gathered, totals),
            false => how.columns(values, results, part, lanes, totals),
        }
    }

    /// Joins what the blocks of some results came to, in their order.
    fn put_together(&self, thread: usize, results: Range<usize>, out: Span) -> Option<()> {
        let (fold, dtype) = (self.reduction.fold(), self.dtype);
        let mut frame = self.frames.get(thread)?.lock().unwrap_or_else(PoisonError::into_inner);
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

impl Frame {
    fn new(fold: Fold, dtype: DType) -> Frame {
        let total = for_operand!(dtype, T => match fold {
            Fold::Sum => <<T as Operand>::Sum as node_core::Element>::DTYPE,
            Fold::Min | Fold::Max => dtype,
        }, else dtype);
        Frame {
            lanes: Scratch::new(total, LANES * WIDTH),
            totals: Scratch::new(total, WIDE),
            gathered: Scratch::new(dtype, BLOCK),
            bits: Vec::with_capacity(WIDE),
        }
    }
}
