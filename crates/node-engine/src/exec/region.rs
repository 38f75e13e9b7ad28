//! Walking a region: pieces handed to threads, stretches through all kernels, folds and watchers at their sides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use node_core::kernel::{BLOCK, Chunk, ChunkMut, Lanes, MAX_OPERANDS, Operand};
use node_core::{Tensor, for_operand};

use smallvec::SmallVec;

use super::crew::Crew;
use super::frame::{Frame, Scratch};
use super::prefetch;
use super::span::Span;
use crate::prepare::{Dest, Instruction, Loc, Region, Work};
use node_core::access::Sink;

/// The most elements that a thread takes at a time.
const PIECE: usize = 16 * BLOCK;

/// Walks of fewer elements are not worth waking a thread for.
const ALONE: usize = 4 * BLOCK;

/// From this many bytes on, what is walked does not stay in the caches, and is asked for ahead.
const FAR: usize = 1 << 20;

/// An input of a walk.
pub enum Input {
    /// A tensor, which others may hold too.
    Tensor(Tensor),
    /// The memory of one that an output takes over.
    TakenOver(Span),
}

/// What a walk works on.
pub struct Walk<'w> {
    /// The region.
    pub region: &'w Region,
    /// Its inputs.
    pub inputs: &'w [Input],
    /// The memory of its outputs; `None` for those that are handed on.
    pub outputs: &'w [Option<Span>],
    /// Who takes what is handed on.
    pub sink: Option<&'w dyn Sink>,
    /// Asked between pieces: whether to stop.
    pub cancelled: &'w (dyn Fn() -> bool + Sync),
    /// A clock in nanoseconds, if each kernel's time is to be taken.
    pub clock: Option<&'w (dyn Fn() -> u64 + Sync)>,
    /// Told by the calling thread how many of all elements have been walked.
    pub progress: &'w (dyn Fn(usize, usize) + Sync),
}

/// How a walk ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// At its end.
    Whole,
    /// It was cancelled.
    Cancelled,
    /// The instruction of this number failed, and why; without a number, handing on failed.
    Failed(Option<usize>, String),
}

/// How many elements a thread takes at a time.
pub fn piece(len: usize, threads: usize) -> usize {
    let share = len.div_ceil(threads * 8).next_multiple_of(BLOCK);
    share.clamp(BLOCK, PIECE)
}

/// Walks a region that has been made ready for the crew.
pub fn walk(crew: &Crew, walk: &Walk<'_>) -> Ended {
    let len = walk.region.len;
    let piece = if len <= ALONE { len.max(1) } else { piece(len, crew.threads()) };
    let stop = AtomicBool::new(false);
    let done = AtomicUsize::new(0);
    let ended = Mutex::new(Ended::Whole);
    let end = |how: Ended| {
        stop.store(true, Ordering::Relaxed);
        let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        if *ended == Ended::Whole {
            *ended = how;
        }
    };
    let work = |thread: usize, number: usize| {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        if (walk.cancelled)() {
            return end(Ended::Cancelled);
        }
        let mut frame = walk.region.frames[thread].lock().unwrap_or_else(PoisonError::into_inner);
        let (begin, finish) = (number * piece, len.min((number + 1) * piece));
        let result = catch_unwind(AssertUnwindSafe(|| walk.piece(&mut frame, begin, finish)));
        let at = frame.at;
        match result {
            Ok(Ok(())) => {
                let walked = done.fetch_add(finish - begin, Ordering::Relaxed) + finish - begin;
                if thread == 0 {
                    (walk.progress)(walked, len);
                }
            }
            Ok(Err(Broken::Kernel)) => {
                end(Ended::Failed(
                    Some(at),
                    "its kernel does not fit its inputs; this is a bug in the block".to_owned(),
                ));
            }
            Ok(Err(Broken::Sink(why))) => end(Ended::Failed(None, why)),
            Err(panic) => {
                let what = node_core::check::panic_text(&*panic);
                end(Ended::Failed(
                    Some(at),
                    format!("the block's own code panicked ({what}); this is a bug in the block"),
                ));
            }
        }
    };
    crew.run(len.div_ceil(piece), &work);
    ended.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Why a piece was not finished.
enum Broken {
    /// A kernel was given what it does not take.
    Kernel,
    /// What was handed on was not taken.
    Sink(String),
}

impl Walk<'_> {
    fn piece(&self, frame: &mut Frame, begin: usize, finish: usize) -> Result<(), Broken> {
        let region = self.region;
        for block in (begin..finish).step_by(BLOCK) {
            let block_end = finish.min(block + BLOCK);
            for start in (block..block_end).step_by(region.stretch) {
                let end = block_end.min(start + region.stretch);
                self.stretch(frame, begin, start, end).ok_or(Broken::Kernel)?;
            }
            for (fold, lanes) in region.folds.iter().zip(&mut frame.lanes) {
                let total = lanes.total(fold.fold(), fold.dtype);
                fold.blocks[block / BLOCK].store(total, Ordering::Relaxed);
                *lanes = Lanes::new(fold.fold(), fold.dtype);
            }
            for (watch, watcher) in region.watches.iter().zip(&mut frame.watchers) {
                watcher.end_block(&watch.blocks[block / BLOCK]);
            }
        }
        for (made, stream) in region.outputs.iter().zip(&frame.streams).filter(|(made, _)| made.streamed) {
            if let Some(sink) = self.sink {
                sink.write(begin, &stream.part(0, finish - begin), &made.shape).map_err(Broken::Sink)?;
            }
        }
        Ok(())
    }

    /// Takes the elements from `start` to `end` through all instructions.
    fn stretch(&self, frame: &mut Frame, piece: usize, start: usize, end: usize) -> Option<()> {
        let region = self.region;
        let count = region.instructions.len();
        let mut watches = region.watches.iter().enumerate().peekable();
        for (number, instruction) in region.instructions.iter().enumerate() {
            while let Some((which, watch)) = watches.next_if(|(_, watch)| watch.after <= number) {
                self.watch(frame, which, watch.at, piece, start, end);
            }
            self.ask_ahead(number, count, start, end);
            frame.at = number;
            match self.clock {
                None => self.instruct(frame, instruction, piece, start, end)?,
                Some(clock) => {
                    let before = clock();
                    self.instruct(frame, instruction, piece, start, end)?;
                    frame.nanoseconds[number] += clock().saturating_sub(before);
                }
            }
        }
        for (which, watch) in watches {
            self.watch(frame, which, watch.at, piece, start, end);
        }
        for (register, output) in &region.copies {
            let from = frame.registers[*register].part(0, end - start);
            let to = self.output(*output, start, end)?;
            copy(&from, to)?;
        }
        Some(())
    }

    fn instruct(
        &self,
        frame: &mut Frame,
        instruction: &Instruction,
        piece: usize,
        start: usize,
        end: usize,
    ) -> Option<()> {
        let len = end - start;
        match instruction.dest {
            Dest::Register(register) => {
                let mut held = std::mem::take(&mut frame.registers[register]);
                let done = self.fill(frame, instruction, piece, start, end, held.part_mut(0, len));
                frame.registers[register] = held;
                done
            }
            Dest::Output(output) => match &mut frame.streams[output] {
                Scratch::Empty => {
                    let out = self.output(output, start, end)?;
                    self.fill(frame, instruction, piece, start, end, out)
                }
                stream => {
                    let mut held = std::mem::take(stream);
                    let out = held.part_mut(start - piece, end - piece);
                    let done = self.fill(frame, instruction, piece, start, end, out);
                    frame.streams[output] = held;
                    done
                }
            },
            Dest::Fold(fold) => {
                let mut lanes = frame.lanes[fold];
                let how = self.region.folds[fold].fold();
                let mut operands = [Chunk::Bool(&[]); MAX_OPERANDS];
                let operands = self.operands(frame, instruction, piece, start, end, &mut operands)?;
                match &instruction.work {
                    Work::Sum(kernel) => kernel.sum(operands, start, len, &mut lanes)?,
                    _ => lanes.take(how, operands.first()?),
                }
                frame.lanes[fold] = lanes;
                Some(())
            }
        }
    }

    fn fill(
        &self,
        frame: &Frame,
        instruction: &Instruction,
        piece: usize,
        start: usize,
        end: usize,
        out: ChunkMut<'_>,
    ) -> Option<()> {
        match &instruction.work {
            Work::Map(kernel) => {
                let mut operands = [Chunk::Bool(&[]); MAX_OPERANDS];
                let operands = self.operands(frame, instruction, piece, start, end, &mut operands)?;
                kernel.run(operands, start, out)
            }
            Work::Spread { input, dims, strides } => spread(&self.whole(*input)?, dims, strides, start, out),
            Work::Sum(_) | Work::Fold => None,
        }
    }

    fn operands<'f, 'o>(
        &'f self,
        frame: &'f Frame,
        instruction: &Instruction,
        piece: usize,
        start: usize,
        end: usize,
        operands: &'o mut [Chunk<'f>; MAX_OPERANDS],
    ) -> Option<&'o [Chunk<'f>]> {
        for (operand, at) in operands.iter_mut().zip(&instruction.operands) {
            *operand = self.find(frame, *at, piece, start, end)?;
        }
        operands.get(..instruction.operands.len())
    }

    fn find<'f>(&'f self, frame: &'f Frame, at: Loc, piece: usize, start: usize, end: usize) -> Option<Chunk<'f>> {
        Some(match at {
            Loc::Input(input) => match self.inputs.get(input)? {
                Input::Tensor(tensor) => Chunk::of(tensor)?.part(start, end),
                #[expect(unsafe_code, reason = "these elements are this thread's alone")]
                // SAFETY: pieces are disjoint, each is one thread's, the tensor outlives the walk, and elements are
                // copied over these only when all instructions have read them.
                Input::TakenOver(span) => unsafe { span.part(start, end) },
            },
            Loc::Scalar(input) => self.whole(input)?,
            Loc::Register(register) => frame.registers[register].part(0, end - start),
            Loc::Output(output) => match &frame.streams[output] {
                Scratch::Empty => {
                    let span = self.outputs.get(output).copied().flatten()?;
                    #[expect(unsafe_code, reason = "this thread has written these elements, and no other touches them")]
                    // SAFETY: pieces are disjoint, each is one thread's, and the tensor outlives the walk.
                    unsafe {
                        span.part(start, end)
                    }
                }
                stream => stream.part(start - piece, end - piece),
            },
        })
    }

    fn whole(&self, input: usize) -> Option<Chunk<'_>> {
        match self.inputs.get(input)? {
            Input::Tensor(tensor) => Chunk::of(tensor),
            Input::TakenOver(_) => None,
        }
    }

    fn output<'o>(&self, output: usize, start: usize, end: usize) -> Option<ChunkMut<'o>> {
        let span = self.outputs.get(output).copied().flatten()?;
        #[expect(unsafe_code, reason = "these elements are this thread's alone")]
        // SAFETY: pieces are disjoint, each is one thread's, and the tensor outlives the walk. No operand of the
        // instruction that writes here is in the same memory: an output that takes over an input's is copied to last.
        Some(unsafe { span.part_mut(start, end) })
    }

    fn watch(&self, frame: &mut Frame, which: usize, at: Loc, piece: usize, start: usize, end: usize) {
        let mut watcher = std::mem::take(&mut frame.watchers[which]);
        if let Some(elements) = self.find(frame, at, piece, start, end) {
            watcher.see(&elements, start);
        }
        frame.watchers[which] = watcher;
    }

    /// Asks for a share of the next stretch, so that the memory works while kernels do.
    #[inline]
    fn ask_ahead(&self, number: usize, count: usize, start: usize, end: usize) {
        let len = end - start;
        if self.region.len * size_of::<f32>() < FAR {
            return;
        }
        let (from, to) = (end + len * number / count, end + len * (number + 1) / count);
        if to >= self.region.len {
            return;
        }
        for input in &self.region.whole_inputs {
            let Some(elements) = self.whole(*input) else { continue };
            let (start, size) = (elements.address(), elements.dtype().size());
            let (mut at, stop) = (from * size, to * size);
            while at < stop {
                prefetch::read(start.wrapping_add(at));
                at += prefetch::LINE;
            }
        }
        for span in self.outputs.iter().flatten() {
            let (mut at, stop) = (span.address(from), span.address(to));
            while at < stop {
                prefetch::write(at);
                at = at.wrapping_add(prefetch::LINE);
            }
        }
    }
}

fn copy(from: &Chunk<'_>, to: ChunkMut<'_>) -> Option<()> {
    for_operand!(from.dtype(), T => T::write(to)?.copy_from_slice(T::read(from)?), else {});
    Some(())
}

/// The elements of a smaller tensor that stand for those from `start` on of a larger one.
fn spread(from: &Chunk<'_>, dims: &[usize], strides: &[usize], start: usize, out: ChunkMut<'_>) -> Option<()> {
    fn each<T: Operand>(from: &[T], dims: &[usize], strides: &[usize], start: usize, out: &mut [T]) {
        let mut index: SmallVec<[usize; 8]> = SmallVec::from_elem(0, dims.len());
        let (mut rest, mut at) = (start, 0);
        for ((index, dim), stride) in index.iter_mut().zip(dims).zip(strides).rev() {
            *index = rest % dim.max(&1);
            rest /= dim.max(&1);
            at += *index * stride;
        }
        for o in out {
            *o = from[at];
            for axis in (0..dims.len()).rev() {
                index[axis] += 1;
                at += strides[axis];
                if index[axis] < dims[axis] {
                    break;
                }
                at -= strides[axis] * dims[axis];
                index[axis] = 0;
            }
        }
    }
    for_operand!(from.dtype(), T => each(T::read(from)?, dims, strides, start, T::write(out)?), else {});
    Some(())
}
