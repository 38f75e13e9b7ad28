//! One unit's turn.

use std::sync::{Arc, PoisonError};

use node_core::access::no_memory;
use node_core::check::{guarded, panicked};
use node_core::kernel::Chunk;
use node_core::{BlockId, Fault, InferCx, InputType, KnownType, Problem, RunCx, Tensor};
use smallvec::SmallVec;

use super::host::Lent;
use super::{Broken, Ended, RunOptions, Session};
use crate::analysis::{Health, Met};
use crate::engine::Engine;
use crate::exec::axes::{AxesFold, Folded};
use crate::exec::region::{self, Walk, piece, walk};
use crate::exec::room::{Room, UnitRoom};
use crate::exec::span::Span;
use crate::exec::watch::{Watcher, stats};
use crate::plan::ValueId;
use crate::program::{AxisFold, Compute, Phase, Region, Subject, Unit};
use crate::results::Preview;

/// What the walk under way reads and writes.
#[derive(Default)]
pub(super) struct Operands {
    /// The tensors that are read, so that they stay.
    bound: Vec<Tensor>,
    inputs: Vec<Span>,
    outputs: Vec<Option<Span>>,
}

impl Operands {
    /// No walk is under way; its room stays for the next.
    fn clear(&mut self) {
        self.bound.clear();
        self.inputs.clear();
        self.outputs.clear();
    }
}

/// Of tensors of more bytes the system may have too little, so that it is asked before a block is.
const LARGE: u64 = 1 << 24;

/// A tensor, with the way to write to it.
fn with_span(mut tensor: Tensor) -> Option<(Tensor, Span)> {
    let span = Span::of(tensor.data_mut())?;
    Some((tensor, span))
}

impl Session {
    /// Runs unit number `number` of a phase.
    pub(super) fn unit(
        &mut self,
        engine: &mut Engine,
        (phase, rooms): (&Phase, &mut [UnitRoom]),
        number: usize,
        options: &RunOptions<'_>,
    ) -> Result<(), Ended> {
        let before = options.clock.map(|clock| clock());
        match (&phase.units[number], &mut rooms[number]) {
            (Unit::Region(region), UnitRoom::Walk(room)) => {
                self.region(engine, (region, room), &phase.types, options)?;
            }
            (Unit::Axes(axes), UnitRoom::Fold(fold)) => {
                let ty = phase.types[axes.out].clone();
                self.axes(engine, (axes, fold), ty, options)?;
            }
            (Unit::Compute(compute), _) => self.compute(engine, compute, options)?,
            (Unit::Region(_) | Unit::Axes(_), _) => unreachable!("a unit's room is made for it"),
        }
        if let (Some(before), Some(clock)) = (before, options.clock) {
            self.take_times(&phase.units[number], &rooms[number], clock().saturating_sub(before));
        }
        Ok(())
    }

    /// Shares out the time that a unit took.
    fn take_times(&mut self, unit: &Unit, room: &UnitRoom, nanoseconds: u64) {
        match (unit, room) {
            (Unit::Region(_), UnitRoom::Fold(_) | UnitRoom::None) => {}
            (Unit::Axes(fold), _) => self.turn.times[fold.step] += nanoseconds,
            (Unit::Compute(compute), _) => self.turn.times[compute.step] += nanoseconds,
            (Unit::Region(region), UnitRoom::Walk(room)) => {
                let mut each = vec![0u64; region.instructions.len()];
                for frame in &room.frames {
                    let mut frame = frame.lock().unwrap_or_else(PoisonError::into_inner);
                    each.iter_mut().zip(&frame.nanoseconds).for_each(|(sum, n)| *sum += n);
                    frame.nanoseconds.fill(0);
                }
                let all = u128::from(each.iter().sum::<u64>().max(1));
                for (instruction, own) in region.instructions.iter().zip(each) {
                    let share = (u128::from(nanoseconds) * u128::from(own) / all) as u64;
                    let also = instruction.also.unwrap_or(instruction.step);
                    self.turn.times[instruction.step] += share / 2;
                    self.turn.times[also] += share - share / 2;
                }
            }
        }
    }

    /// A block's turn did not end well.
    fn failed(&self, step: usize, fault: Fault) -> Ended {
        Ended::Failed(step, Box::new(Problem::of(&self.plan.steps[step].id, fault)))
    }

    /// Memory for a tensor: of earlier runs or dead values, else from the pool. `making` are the bytes of what else the
    /// unit makes.
    fn room(&mut self, engine: &Engine, ty: &KnownType, making: u64) -> Option<(Tensor, Span)> {
        if let Some(tensor) = self.budget.reuse(ty) {
            let mut tensor = tensor.reshaped(&ty.shape)?;
            if let Some(span) = Span::of(tensor.data_mut()) {
                return Some((tensor, span));
            }
        }
        self.budget.make_room(making, [ty]);
        if let Some(given) = engine.pool.tensor(ty) {
            return with_span(given);
        }
        // The system has no more: what nobody uses goes back to it.
        self.budget.give_back();
        engine.pool.give_back();
        with_span(engine.pool.tensor(ty)?)
    }

    fn region(
        &mut self,
        engine: &mut Engine,
        (region, room): (&Region, &mut Room),
        types: &[Option<KnownType>],
        options: &RunOptions<'_>,
    ) -> Result<(), Ended> {
        let step = region.instructions.last().map_or(0, |instruction| instruction.step);
        let lost = || Fault::block("an input of it is not there any more; this is a bug in the engine");
        let mut taken: SmallVec<[(usize, Span); 2]> = SmallVec::new();
        let mut made: SmallVec<[(ValueId, Tensor); 4]> = SmallVec::new();
        let mut making = 0;
        self.operands.clear();
        for output in &region.outputs {
            if output.streamed && options.sink.is_some() {
                self.operands.outputs.push(None);
                continue;
            }
            if let Some(input) = output.in_place_of
                && let Some((tensor, span)) = self.take_over(region.inputs[input], &output.shape)
            {
                taken.push((input, span));
                making += tensor.bytes();
                self.operands.outputs.push(Some(span));
                made.push((output.value, tensor));
                continue;
            }
            let ty = KnownType { dtype: output.dtype, shape: output.shape.clone() };
            let room = self.room(engine, &ty, making);
            let (tensor, span) = room.ok_or_else(|| self.failed(output.step, no_memory(&ty)))?;
            making += tensor.bytes();
            self.operands.outputs.push(Some(span));
            made.push((output.value, tensor));
        }
        for (input, value) in region.inputs.iter().enumerate() {
            let taken = taken.iter().find(|(taken, _)| *taken == input).map(|(_, span)| *span);
            let tensor = self.progress.slots[*value].clone();
            let span = tensor.as_ref().and_then(Chunk::of).map(|elements| Span::of_read(&elements));
            self.operands.inputs.push(taken.or(span).ok_or_else(|| self.failed(step, lost()))?);
            self.operands.bound.extend(tensor);
        }
        let threads = engine.crew.threads();
        room.make_ready(region, threads, piece(region.len, threads));
        let ended = self.walk(engine, (region, room), options);
        self.operands.bound.clear();
        ended?;
        self.progress.handed_on |= options.sink.is_some() && region.outputs.iter().any(|made| made.streamed);
        for (value, tensor) in made {
            self.put(value, tensor);
        }
        self.finish_folds(engine, (region, room))?;
        self.finish_watches((region, room), types);
        Ok(())
    }

    /// The memory of a value that nobody needs any more, for another of as many elements; `None` if somebody holds it.
    fn take_over(&mut self, value: ValueId, shape: &node_core::Shape) -> Option<(Tensor, Span)> {
        let slot = &mut self.progress.slots[value];
        // Only what can be written is taken; what cannot stays where it is.
        let span =
            slot.as_mut().filter(|tensor| tensor.len() == shape.elements()).and_then(|t| Span::of(t.data_mut()))?;
        if let Some(made) = self.kept.made.get_mut(value) {
            *made = None;
        }
        let tensor = self.take(value)?.reshaped(shape)?;
        Some((tensor, span))
    }

    fn walk(
        &self,
        engine: &mut Engine,
        (region, room): (&Region, &Room),
        options: &RunOptions<'_>,
    ) -> Result<(), Ended> {
        let steps = &self.plan.steps;
        let first: Option<&BlockId> = region.instructions.first().map(|i| &steps[i.step].id);
        let turns = region.instructions.windows(2).filter(|pair| pair[0].step != pair[1].step).count() + 1;
        let progress = |done: usize, all: usize| {
            if let Some(first) = first {
                (options.progress)(first, turns, done, all);
            }
        };
        let job = Walk {
            region,
            room,
            inputs: &self.operands.inputs,
            outputs: &self.operands.outputs,
            sink: options.sink,
            cancelled: options.cancelled,
            clock: options.clock,
            progress: &progress,
        };
        match walk(&mut engine.crew, &job) {
            region::Ended::Whole => Ok(()),
            region::Ended::Cancelled => Err(Ended::Run(Broken::Cancelled)),
            region::Ended::Failed(Some(at), why) => {
                // A kernel that is summed at once is another step's.
                let instruction = region.instructions.get(at);
                let step = instruction.map_or(region.steps.first().copied().unwrap_or(0), |i| i.also.unwrap_or(i.step));
                Err(self.failed(step, Fault::block(why)))
            }
            region::Ended::Failed(None, why) => Err(Ended::Run(Broken::HandingOn(why))),
        }
    }

    /// Makes the results of a region's folds from what the blocks of elements came to, in their order.
    fn finish_folds(&mut self, engine: &Engine, (region, room): (&Region, &Room)) -> Result<(), Ended> {
        for (number, fold) in region.folds.iter().enumerate() {
            let ty = KnownType { dtype: fold.reduction.output(), shape: fold.shape.clone() };
            let misfit = || Fault::block("its kernel does not give what it infers; this is a bug in the block");
            let wrong = |session: &Session| session.failed(fold.step, misfit());
            if ty.shape.elements() != 1 {
                return Err(wrong(self));
            }
            let (tensor, span) = self.room(engine, &ty, 0).ok_or_else(|| self.failed(fold.step, no_memory(&ty)))?;
            #[expect(unsafe_code, reason = "the tensor is this function's alone")]
            // SAFETY: it is alive, and nobody else has it.
            let out = unsafe { span.part_mut(0, 1) };
            // The block's own code.
            let made = guarded(|| {
                fold.reduction.finish(&[room.total(number, fold)], region.len, out).ok_or_else(|| vec![misfit()])
            });
            made.map_err(|mut faults| self.failed(fold.step, faults.pop().unwrap_or_else(misfit)))?;
            self.put(fold.out, tensor);
        }
        Ok(())
    }

    /// Puts together what the threads have seen.
    fn finish_watches(&mut self, (region, room): (&Region, &Room), types: &[Option<KnownType>]) {
        let watch_type = |value: &ValueId| types[*value].clone();
        for (number, watch) in region.watches.iter().enumerate() {
            let frames: Vec<_> =
                room.frames.iter().map(|frame| frame.lock().unwrap_or_else(PoisonError::into_inner)).collect();
            let watchers = frames.iter().map(|frame| &frame.watchers[number]);
            match &watch.subject {
                Subject::Stats(value) => {
                    let seen = watchers.filter_map(|watcher| match watcher {
                        Watcher::Stats(seen) => Some(&**seen),
                        _ => None,
                    });
                    self.progress.stats[*value] = Some(Arc::new(stats(region.len, seen, &room.watches[number])));
                }
                Subject::First(value) => {
                    let mut first = watchers.filter_map(|watcher| match watcher {
                        Watcher::First(first) => first.clone(),
                        _ => None,
                    });
                    // Of no elements none has been seen.
                    if let Some(ty) = watch_type(value) {
                        let none = || Tensor::vector(Vec::<f32>::new());
                        let first = first.next().unwrap_or_else(none);
                        self.progress.previews[*value] = Some(Arc::new(Preview { ty, first }));
                    }
                }
                Subject::Health(value) => {
                    let mut all = Health::default();
                    watchers.for_each(|watcher| {
                        if let Watcher::Health(health) = watcher {
                            all.merge(health);
                        }
                    });
                    self.progress.health[*value] = Some(all);
                }
                Subject::Shares(step, _) => {
                    let mut all = Met::default();
                    watchers.for_each(|watcher| {
                        if let Watcher::Shares(met, _) = watcher {
                            all.merge(met);
                        }
                    });
                    self.progress.shares[*step] = Some(all);
                }
            }
        }
    }

    fn axes(
        &mut self,
        engine: &mut Engine,
        (axes, fold): (&AxisFold, &mut AxesFold),
        ty: Option<KnownType>,
        options: &RunOptions<'_>,
    ) -> Result<(), Ended> {
        let step = axes.step;
        let misfit = || Fault::block("its kernel does not give what it infers; this is a bug in the block");
        let wrong = |session: &Session| session.failed(step, misfit());
        let ty = ty.filter(|ty| ty.dtype == axes.reduction.output()).ok_or_else(|| wrong(self))?;
        let input = self.progress.slots[axes.input].clone().ok_or_else(|| wrong(self))?;
        let (tensor, span) = self.room(engine, &ty, 0).ok_or_else(|| self.failed(step, no_memory(&ty)))?;
        match fold.run((&mut engine.crew, &engine.frames), &input, span, options.cancelled) {
            Folded::Whole => {
                self.put(axes.out, tensor);
                Ok(())
            }
            Folded::Cancelled => Err(Ended::Run(Broken::Cancelled)),
            Folded::Unfit => Err(wrong(self)),
            Folded::Panicked(panic) => Err(self.failed(step, panicked(&*panic))),
        }
    }

    /// A block that computes by itself.
    fn compute(&mut self, engine: &mut Engine, compute: &Compute, options: &RunOptions<'_>) -> Result<(), Ended> {
        let step = &self.plan.steps[compute.step];
        let input = |value: &ValueId| {
            let tensor = self.progress.slots[*value].clone()?;
            Some(InputType { ty: tensor.tensor_type(), value: Some(tensor) })
        };
        let inputs: Option<Vec<Vec<InputType>>> =
            compute.inputs.iter().map(|port| port.iter().map(input).collect()).collect();
        let lost = || Fault::block("an input of it is not there any more; this is a bug in the engine");
        let inputs = inputs.ok_or_else(|| self.failed(compute.step, lost()))?;
        let known = InferCx::new(&step.setup, &inputs).with_fed(step.fed.as_ref()).with_files(options.files);
        let outputs = &compute.outputs;
        let in_memory = if step.stays_in_file() { &[] } else { outputs.as_slice() };
        // What it made in the run before goes to the pool, from which it takes again: or each run would lay more aside.
        in_memory.iter().for_each(|ty| drop(self.budget.reuse(ty)));
        self.budget.make_room(0, in_memory);
        let refused = |ty: &KnownType| ty.bytes() > LARGE && Tensor::zeros(ty.dtype, &ty.shape).is_none();
        if in_memory.iter().any(refused) {
            self.budget.give_back();
            engine.pool.give_back();
        }
        let host = Lent::new((&mut engine.crew, &engine.pool), options, &step.id, self.budget.live());
        let first = |faults: Vec<Fault>| faults.into_iter().next();
        let tensors = guarded(|| step.code.compute(&RunCx::new(known, outputs, &host))).map_err(|faults| {
            let fault = first(faults).unwrap_or_else(|| Fault::block("failed without saying why"));
            if host.was_stopped() { Ended::Run(Broken::Cancelled) } else { self.failed(compute.step, fault) }
        })?;
        let agree = tensors.len() == outputs.len()
            && tensors.iter().zip(outputs).all(|(t, o)| t.dtype() == o.dtype && *t.shape() == o.shape);
        if !agree {
            let message = "the block's result is not of the types that it infers; this is a bug in the block";
            return Err(self.failed(compute.step, Fault::block(message)));
        }
        for (value, tensor) in self.plan.steps[compute.step].outputs.clone().zip(tensors) {
            self.put(value, tensor);
        }
        Ok(())
    }
}
