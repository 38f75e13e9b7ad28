//! Walking a region: pieces handed to threads, stretches through all kernels, folds and watchers at their sides.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use node_core::check::panicked;
use node_core::for_operand;
use node_core::kernel::{BLOCK, Chunk, ChunkMut, Lanes, MAX_OPERANDS, Operand};

use smallvec::SmallVec;

use super::crew::Crew;
use super::frame::Frame;
use super::place::{Bound, Place};
use super::prefetch;
use super::room::Room;
use super::span::Span;
use crate::program::{Dest, Instruction, Loc, Region, Work};
use node_core::access::Sink;

/// The most elements that a thread takes at a time.
const PIECE: usize = 16 * BLOCK;

/// Walks of fewer elements are not worth waking a thread for.
const ALONE: usize = 4 * BLOCK;

/// From this many elements on, what is walked is not in the near caches, and is asked for ahead.
const FAR: usize = 1 << 18;

/// From this many instructions on: fewer are over before the memory is, which then asks ahead by itself, and asking for
/// the whole next stretch at once only holds it up.
const BUSY: usize = 4;

/// What a walk works on.
pub struct Walk<'w> {
    /// The region.
    pub region: &'w Region,
    /// Working memory, made ready for the crew.
    pub room: &'w Room,
    /// Its inputs. They are alive as long as the walk, and nobody writes to them, but for one that an output takes over.
    pub inputs: &'w [Span],
    /// The memory of its outputs, nobody else's; `None` for those that are handed on.
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

/// How many elements a thread takes at a time; all, if waking another is not worth it.
pub fn piece(len: usize, threads: usize) -> usize {
    if len <= ALONE {
        return len.max(1);
    }
    let share = len.div_ceil(threads * 8).next_multiple_of(BLOCK);
    share.clamp(BLOCK, PIECE)
}

/// Walks a region that has been made ready for the crew.
pub fn walk(crew: &mut Crew, walk: &Walk<'_>) -> Ended {
    let len = walk.region.len;
    let piece = piece(len, crew.threads());
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
        let mut frame = walk.room.frames[thread].lock().unwrap_or_else(PoisonError::into_inner);
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
            Err(panic) => end(Ended::Failed(Some(at), panicked(&*panic).message)),
        }
    };
    if let Err(panic) = crew.run(len.div_ceil(piece).max(1), &work) {
        // Not a block's: all of theirs runs within the catch above.
        resume_unwind(panic);
    }
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
        self.bind(frame, begin);
        for block in (begin..finish).step_by(BLOCK) {
            let block_end = finish.min(block + BLOCK);
            for start in (block..block_end).step_by(region.stretch) {
                let end = block_end.min(start + region.stretch);
                self.stretch(frame, start, end).ok_or(Broken::Kernel)?;
            }
            for ((fold, lanes), blocks) in region.folds.iter().zip(&mut frame.lanes).zip(&self.room.folds) {
                let total = lanes.total(fold.fold(), fold.dtype);
                blocks[block / BLOCK].store(total, Ordering::Relaxed);
                *lanes = Lanes::new(fold.fold(), fold.dtype);
            }
            for (watcher, blocks) in frame.watchers.iter_mut().zip(&self.room.watches) {
                watcher.end_block(blocks.get(block / BLOCK));
            }
        }
        for (made, stream) in region.outputs.iter().zip(&frame.streams).filter(|(made, _)| made.streamed) {
            if let Some(sink) = self.sink {
                sink.write(begin, &stream.part(0, finish - begin), &made.shape).map_err(Broken::Sink)?;
            }
        }
        Ok(())
    }

    /// Looks up where everything is for a piece that begins at `begin`.
    fn bind(&self, frame: &mut Frame, begin: usize) {
        let region = self.region;
        let Frame { registers, streams, register_spans, output_spans, bound, .. } = frame;
        register_spans.clear();
        register_spans.extend(registers.iter_mut().map(|r| Span::of_mut(r.part_mut(0, region.stretch), 0)));
        output_spans.clear();
        for (span, stream) in self.outputs.iter().zip(streams) {
            output_spans.push(span.unwrap_or_else(|| Span::of_mut(stream.whole_mut(), begin)));
        }
        let find = |at: &Loc| match *at {
            Loc::Input(input) => Place { span: self.inputs[input], moves: false },
            Loc::Scalar(input) => Place { span: self.inputs[input].single(), moves: false },
            Loc::Register(register) => Place { span: register_spans[register], moves: true },
            Loc::Output(output) => Place { span: output_spans[output], moves: false },
        };
        let count = region.instructions.len();
        bound.clear();
        for (number, instruction) in region.instructions.iter().enumerate() {
            let mut operands = [Place::nowhere(); MAX_OPERANDS];
            for (slot, at) in operands.iter_mut().zip(&instruction.operands) {
                *slot = find(at);
            }
            let (out, fold) = match instruction.dest {
                Dest::Register(register) => (find(&Loc::Register(register)), 0),
                Dest::Output(output) => (find(&Loc::Output(output)), 0),
                Dest::Fold(fold) => (Place::nowhere(), fold),
            };
            let ahead = |number: usize| region.stretch * number / count;
            let ahead = (ahead(number), ahead(number + 1));
            bound.push(Bound { operands, count: instruction.operands.len(), out, fold, ahead });
        }
    }

    /// Takes the elements from `start` to `end` through all instructions.
    fn stretch(&self, frame: &mut Frame, start: usize, end: usize) -> Option<()> {
        let region = self.region;
        let asks = region.len >= FAR && region.instructions.len() >= BUSY;
        let far = asks && end + region.stretch <= region.len;
        let mut watches = region.watches.iter().enumerate().peekable();
        for (number, instruction) in region.instructions.iter().enumerate() {
            while let Some((which, watch)) = watches.next_if(|(_, watch)| watch.after <= number) {
                self.watch(frame, which, watch.at, start, end);
            }
            frame.at = number;
            if far {
                let (from, to) = frame.bound[number].ahead;
                self.ask_ahead(end + from, end + to);
            }
            match self.clock {
                None => self.instruct(frame, instruction, number, start, end)?,
                Some(clock) => {
                    let before = clock();
                    self.instruct(frame, instruction, number, start, end)?;
                    frame.nanoseconds[number] += clock().saturating_sub(before);
                }
            }
        }
        for (which, watch) in watches {
            self.watch(frame, which, watch.at, start, end);
        }
        for (register, output) in &region.copies {
            let from = Place { span: frame.register_spans[*register], moves: true };
            let to = Place { span: frame.output_spans[*output], moves: false };
            copy(&from.read(start, end), to.write(start, end))?;
        }
        Some(())
    }

    #[inline]
    fn instruct(
        &self,
        frame: &mut Frame,
        instruction: &Instruction,
        number: usize,
        start: usize,
        end: usize,
    ) -> Option<()> {
        let Frame { bound, lanes, .. } = frame;
        let bound = &bound[number];
        let mut operands = [Chunk::NONE; MAX_OPERANDS];
        for (operand, place) in operands.iter_mut().zip(&bound.operands[..bound.count]) {
            *operand = place.read(start, end);
        }
        let operands = &operands[..bound.count];
        match &instruction.work {
            Work::Map(kernel) => kernel.run(operands, start, bound.out.write(start, end)),
            Work::Sum(kernel) => kernel.sum(operands, start, end - start, &mut lanes[bound.fold]),
            Work::Fold => {
                lanes[bound.fold].take(self.region.folds[bound.fold].fold(), operands.first()?);
                Some(())
            }
            Work::Spread { input, dims, strides } => {
                #[expect(unsafe_code, reason = "an input")]
                // SAFETY: inputs are alive as long as the walk, and what is spread is taken over by no output.
                let from = unsafe { self.inputs[*input].whole() };
                spread(&from, dims, strides, start, bound.out.write(start, end))
            }
        }
    }

    fn watch(&self, frame: &mut Frame, which: usize, at: Loc, start: usize, end: usize) {
        let place = match at {
            Loc::Input(input) | Loc::Scalar(input) => Place { span: self.inputs[input], moves: false },
            Loc::Register(register) => Place { span: frame.register_spans[register], moves: true },
            Loc::Output(output) => Place { span: frame.output_spans[output], moves: false },
        };
        frame.watchers[which].see(&place.read(start, end), start);
    }

    /// Asks for elements of inputs and outputs, so that the memory works while kernels do.
    #[inline]
    fn ask_ahead(&self, from: usize, to: usize) {
        for input in &self.region.whole_inputs {
            let span = self.inputs[*input];
            let (mut at, stop) = (span.address(from), span.address(to));
            while at < stop {
                prefetch::read(at);
                at = at.wrapping_add(prefetch::LINE);
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
        let (Some(&last), Some(&along)) = (dims.last(), strides.last()) else {
            return out.fill(from[at]);
        };
        let mut rest = out;
        while !rest.is_empty() {
            // Along the last axis an element is repeated, or neighbours are neighbours.
            let place = index.last().copied().unwrap_or_default();
            let (run, others) = rest.split_at_mut((last - place).min(rest.len()));
            match along {
                0 => run.fill(from[at]),
                _ => run.iter_mut().zip(from[at..].iter().step_by(along)).for_each(|(o, v)| *o = *v),
            }
            at -= place * along;
            index.iter_mut().rev().take(1).for_each(|place| *place = 0);
            for axis in (0..dims.len() - 1).rev() {
                index[axis] += 1;
                at += strides[axis];
                if index[axis] < dims[axis] {
                    break;
                }
                at -= strides[axis] * dims[axis];
                index[axis] = 0;
            }
            rest = others;
        }
    }
    for_operand!(from.dtype(), T => each(T::read(from)?, dims, strides, start, T::write(out)?), else {});
    Some(())
}
