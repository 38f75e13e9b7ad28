//! One phase's turn: its units one after the other, and what becomes of the rest where one fails.

use node_core::{Problem, Tensor};

use super::{Broken, Ended, RunOptions, Session};
use crate::engine::Engine;
use crate::exec::room::UnitRoom;
use crate::plan::{Provenance, ValueId};
use crate::prepare::bytes_made;
use crate::program::{Phase, Unit};
use crate::progress::Verdict;

/// A phase, with what its units need while they are carried out.
pub(super) struct Staged {
    pub(super) phase: Phase,
    pub(super) rooms: Vec<UnitRoom>,
}

impl Staged {
    /// A phase that has not run yet.
    pub(super) fn new(phase: Phase) -> Staged {
        let rooms = phase.units.iter().map(UnitRoom::of).collect();
        Staged { phase, rooms }
    }
}

/// How a phase went.
pub(super) enum Phased {
    /// All of it is done.
    Whole,
    /// Something failed, and what needs it was left out.
    InPart,
}

impl Session {
    /// Whether what a phase took for granted still holds.
    pub(super) fn holds(&self, phase: &Phase) -> bool {
        let same = |(value, before): &(ValueId, Tensor)| {
            let now = self.progress.slots[*value].as_ref();
            now.is_some_and(|now| now.same_storage(before) || now.len() < 1 << 12 && now.same_bits(before))
        };
        let open = |step: &usize| matches!(self.progress.verdicts[*step], Verdict::Open);
        phase.premises.iter().all(same) && phase.finished.iter().flatten().all(open)
    }

    /// Whether a phase did nothing although steps are left, which then fail: that would be a mistake of the engine.
    pub(super) fn is_stuck(&mut self, number: usize) -> bool {
        let phase = &self.phases[number].phase;
        let stuck = phase.units.is_empty() && phase.finished.iter().all(Vec::is_empty);
        for step in self.demand.steps.iter().filter(|_| stuck) {
            if matches!(self.progress.verdicts[*step], Verdict::Open) {
                let message = "what it needs does not become known; this is a bug in the engine";
                self.progress.verdicts[*step] = Verdict::Failed(Problem::block(&self.plan.steps[*step].id, message));
            }
        }
        stuck
    }

    /// Blocks have failed: what needs them waits, what does not goes on, and what is lost is made again.
    pub(super) fn recover(&mut self, number: usize) {
        self.phases.truncate(number);
        self.drop_own_values();
        self.give_up_what_gets_nowhere();
        self.let_followers_wait();
        self.demand.go_back(&self.plan, &mut self.progress, |_, _, _| {});
        for step in &self.demand.steps {
            if matches!(self.progress.verdicts[*step], Verdict::Done) {
                self.progress.verdicts[*step] = Verdict::Open;
                self.turn.told[*step] = false;
            }
        }
        let unneeded = |value: &ValueId| {
            self.progress.own[*value] && !self.demand.needed[*value] && !self.demand.frontier.contains(value)
        };
        let unneeded: Vec<ValueId> = (0..self.plan.values.len()).filter(unneeded).collect();
        unneeded.into_iter().for_each(|value| self.let_go(value));
    }

    /// Every time that a phase is done in part a block has failed. If none has, what was left out fails: that would be a
    /// mistake of the engine, and must not go on for ever.
    fn give_up_what_gets_nowhere(&mut self) {
        let failed = self.progress.verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Failed(_))).count();
        if failed > self.turn.known {
            self.turn.known = failed;
            return;
        }
        for (step, verdict) in self.progress.verdicts.iter_mut().enumerate() {
            if self.turn.undone[step] && matches!(verdict, Verdict::Open) {
                let message = "its turn does not come; this is a bug in the engine";
                *verdict = Verdict::Failed(Problem::block(&self.plan.steps[step].id, message));
            }
        }
    }

    /// Steps that read of one that failed, or that waits itself, wait.
    fn let_followers_wait(&mut self) {
        for (number, step) in self.plan.steps.iter().enumerate() {
            let ended = |value: &ValueId| match self.plan.values[*value].origin {
                Provenance::Output { step, .. } => {
                    let ended = matches!(self.progress.verdicts[step], Verdict::Failed(_) | Verdict::Waiting(_));
                    ended.then_some(step)
                }
                Provenance::Given(_) => None,
            };
            if matches!(self.progress.verdicts[number], Verdict::Open)
                && let Some(cause) = step.inputs.iter().flatten().find_map(ended)
            {
                self.progress.verdicts[number] = Verdict::Waiting(self.plan.steps[cause].id.clone());
            }
        }
    }

    /// Carries out a phase. Where a unit fails, the units that need nothing of it go on.
    pub(super) fn phase(
        &mut self,
        engine: &mut Engine,
        Staged { phase, rooms }: &mut Staged,
        options: &RunOptions<'_>,
        observe: &mut dyn FnMut(&Session, usize),
    ) -> Result<Phased, Broken> {
        self.drop_own_values();
        self.progress.slots.resize(phase.types.len(), None);
        self.progress.own.resize(phase.types.len(), false);
        self.turn.undone.fill(false);
        for (step, remarks) in &phase.remarks {
            self.progress.remarks[*step] = Some(remarks.clone());
        }
        let mut phased = Phased::Whole;
        self.finish(phase, 0, observe);
        for number in 0..phase.units.len() {
            if (options.cancelled)() {
                return Err(Broken::Cancelled);
            }
            if self.is_possible(&phase.units[number]) {
                // After a failure more may be in memory than was foreseen.
                if matches!(phased, Phased::InPart) && self.budget.would_exceed(bytes_made(&self.plan, phase, number)) {
                    break;
                }
                match self.unit(engine, (phase, rooms), number, options) {
                    Ok(()) => {}
                    Err(Ended::Failed(step, problem)) => {
                        self.progress.verdicts[step] = Verdict::Failed(*problem);
                        phase.units[number].steps().iter().for_each(|step| self.progress.failures[*step] += 1);
                        self.leave_out(phase, number, &mut phased);
                    }
                    Err(Ended::Run(broken)) => return Err(broken),
                }
            } else {
                self.leave_out(phase, number, &mut phased);
            }
            // What a unit that failed has read is still there for what is made of it the next time.
            if !phase.units[number].steps().iter().any(|step| self.turn.undone[*step]) {
                for value in &phase.dying[number] {
                    self.let_go(*value);
                }
            }
            self.finish(phase, number + 1, observe);
        }
        Ok(phased)
    }

    /// Whether a unit has what it needs, and none of its steps has failed in another unit.
    fn is_possible(&self, unit: &Unit) -> bool {
        let failed = |step: &usize| matches!(self.progress.verdicts[*step], Verdict::Failed(_));
        unit.inputs().all(|value| self.progress.slots[value].is_some()) && !unit.steps().iter().any(failed)
    }

    /// A unit has failed, or cannot run: its steps are not done, nor those that pass on what it makes. A unit that only
    /// looks at what others make leaves nothing undone.
    fn leave_out(&mut self, phase: &Phase, unit: usize, phased: &mut Phased) {
        for step in phase.units[unit].steps().iter().chain(&phase.followers[unit]) {
            self.turn.undone[*step] = true;
            *phased = Phased::InPart;
        }
    }

    /// Nobody needs a value any more; its memory may be used again.
    pub(super) fn let_go(&mut self, value: ValueId) {
        if let Some(made) = self.kept.made.get_mut(value) {
            *made = None;
        }
        if let Some(mut tensor) = self.take(value)
            && tensor.can_be_written()
        {
            self.budget.lay_aside(tensor);
        }
    }

    /// This run has made a value.
    pub(super) fn put(&mut self, value: ValueId, tensor: Tensor) {
        // It may be there from before a failure, beside an output that was lost.
        self.take(value);
        self.budget.add(&tensor);
        self.progress.slots[value] = Some(tensor);
        self.progress.own[value] = true;
    }

    /// A value is not there any more.
    pub(super) fn take(&mut self, value: ValueId) -> Option<Tensor> {
        let tensor = self.progress.slots[value].take();
        if std::mem::take(&mut self.progress.own[value]) {
            tensor.iter().for_each(|tensor| self.budget.remove(tensor));
        }
        tensor
    }

    /// The steps are over that end with unit number `after`.
    fn finish(&mut self, phase: &Phase, after: usize, observe: &mut dyn FnMut(&Session, usize)) {
        for (value, root) in &phase.same[after] {
            if self.progress.slots[*value].is_none() {
                self.progress.slots[*value] = self.progress.slots[*root].clone();
            }
        }
        for step in &phase.finished[after] {
            if !self.turn.undone[*step] {
                self.progress.verdicts[*step] = Verdict::Done;
                self.turn.told[*step] = true;
                observe(self, *step);
            }
        }
    }
}
