//! Running a plan, once or again and again.

mod budget;
mod host;
mod keep;
mod phase;
mod unit;

use std::sync::Arc;

use self::budget::Budget;
use self::phase::{Phased, Staged};
use self::unit::Operands;

use node_core::kernel::Chunk;
use node_core::{BlockId, Problem, Tensor};

use crate::demand::Demand;
use crate::engine::Engine;
use crate::fingerprint::Fingerprint;
pub use crate::options::RunOptions;
use crate::plan::{Plan, Provenance, ValueId};
use crate::prepare::prepare;
use crate::program::{Largest, Phase, Unit};
use crate::progress::{Progress, Verdict};
use crate::results::{BlockResult, Outcome, Preview, Results};

/// A plan that is run, as often as one likes: what it has prepared and its memory stay.
pub struct Session {
    plan: Plan,
    progress: Progress,
    demand: Demand,
    next_demand: Demand,
    phases: Vec<Staged>,
    budget: Budget,
    kept: Fingerprints,
    operands: Operands,
    turn: Turn,
}

/// How a run goes: begun anew with each.
struct Turn {
    /// Steps of whose end somebody was told.
    told: Vec<bool>,
    /// Steps whose work in the phase under way is not done: a unit of theirs has failed or was left out.
    undone: Vec<bool>,
    /// How many failures were known when a phase was last done in part.
    known: usize,
    cancelled: bool,
    /// What was not handed on, and why.
    handing_on: Option<String>,
    /// Nanoseconds that each step took, where somebody measured.
    times: Vec<u64>,
}

impl Turn {
    /// Of a run that has not begun.
    fn new(steps: usize) -> Turn {
        let flags = vec![false; steps];
        let times = vec![0; steps];
        Turn { told: flags.clone(), undone: flags, known: 0, cancelled: false, handing_on: None, times }
    }

    /// The next run begins.
    fn begin(&mut self) {
        self.told.fill(false);
        self.times.fill(0);
        (self.cancelled, self.handing_on, self.known) = (false, None, 0);
    }
}

/// Under which fingerprints things were made that are still there.
struct Fingerprints {
    /// Each slot, and what is known of it.
    made: Vec<Option<Fingerprint>>,
    /// Each value in the last run, where results are kept.
    last: Vec<Option<Fingerprint>>,
    /// What there is to say of each step.
    said: Vec<Option<Fingerprint>>,
}

/// Why a run does not go on.
enum Broken {
    Cancelled,
    HandingOn(String),
}

/// A unit did not end well.
enum Ended {
    /// A step of it failed.
    Failed(usize, Box<Problem>),
    /// The run does not go on.
    Run(Broken),
}

impl Session {
    /// A session that has not run yet.
    pub fn new(plan: Plan) -> Session {
        let (values, steps) = (plan.values.len(), plan.steps.len());
        Session {
            plan,
            progress: Progress {
                slots: vec![None; values],
                verdicts: vec![Verdict::Open; steps],
                own: vec![false; values],
                remarks: vec![None; steps],
                failures: vec![0; steps],
                handed_on: false,
                stats: vec![None; values],
                health: vec![None; values],
                previews: vec![None; values],
                shares: vec![None; steps],
            },
            demand: Demand::default(),
            next_demand: Demand::default(),
            phases: Vec::new(),
            budget: Budget::with_capacity(values),
            kept: Fingerprints { made: vec![None; values], last: vec![None; values], said: vec![None; steps] },
            operands: Operands::default(),
            turn: Turn::new(steps),
        }
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Changes the plan by `change`, which says whether it did; what was prepared for the old one is dropped.
    pub fn change(&mut self, change: impl FnOnce(&mut Plan) -> bool) -> bool {
        let changed = change(&mut self.plan);
        if changed {
            self.phases.clear();
        }
        changed
    }

    /// Feeds the next run; what was prepared stays, as far as it still holds. For engines that keep no results.
    pub(crate) fn feed_next(&mut self, step: usize, tensor: Tensor) {
        self.plan.feed_next(step, tensor);
    }

    /// Takes an output that the last run made, and that was fetched, as given from now on.
    pub(crate) fn hold(&mut self, block: &str, index: usize) {
        let Some(value) = self.plan.output(block, index) else { return };
        if let Some(tensor) = self.progress.slots[value].clone() {
            self.plan.values[value].origin = Provenance::Given(tensor);
            self.phases.clear();
        }
    }

    /// What went wrong in the last run.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let failed = self.progress.verdicts.iter().filter_map(|verdict| match verdict {
            Verdict::Failed(problem) => Some(problem.clone()),
            _ => None,
        });
        failed.collect()
    }

    /// Runs the plan. `observe` sees each block as its turn ends. A failing block stops only what needs it.
    pub fn run(&mut self, engine: &mut Engine, options: &RunOptions<'_>, observe: &mut dyn FnMut(&Session, usize)) {
        self.begin(engine, options.memory_limit);
        self.preview_what_is_there();
        let mut number = 0;
        loop {
            if !self.phases.get(number).is_some_and(|staged| self.holds(&staged.phase)) {
                self.phases.truncate(number);
                match self.prepare_phase(options) {
                    Some(phase) => self.phases.push(Staged::new(phase)),
                    None => {
                        self.turn.cancelled = true;
                        break;
                    }
                }
            }
            self.tell_verdicts(observe);
            let mut staged = self.phases.remove(number);
            let result = self.phase(engine, &mut staged, options, observe);
            let more = staged.phase.more;
            self.phases.insert(number, staged);
            match result {
                Ok(Phased::Whole) if more && !self.is_stuck(number) => number += 1,
                Ok(Phased::Whole) => break,
                Ok(Phased::InPart) => self.recover(number),
                Err(Broken::Cancelled) => {
                    self.turn.cancelled = true;
                    break;
                }
                Err(Broken::HandingOn(why)) => {
                    self.turn.handing_on = Some(why);
                    break;
                }
            }
        }
        self.tell_verdicts(observe);
        self.hand_on_whole(options);
        self.keep(engine);
    }

    /// Previews the tensors that are there already: they may be let go of in this run.
    fn preview_what_is_there(&mut self) {
        let Progress { slots, previews, .. } = &mut self.progress;
        for ((value, slot), preview) in self.plan.values.iter().zip(slots).zip(previews) {
            if value.previewed && preview.is_none() {
                *preview = slot.as_ref().map(|tensor| Arc::new(Preview::of(tensor)));
            }
        }
    }

    /// The next phase, from what is there by now; `None` if it is cancelled.
    fn prepare_phase(&mut self, options: &RunOptions<'_>) -> Option<Phase> {
        self.drop_own_values();
        prepare(&self.plan, &self.demand, &mut self.progress, options)
    }

    /// Lets go of values that were a phase's own.
    fn drop_own_values(&mut self) {
        for value in self.plan.values.len()..self.progress.slots.len() {
            self.let_go(value);
        }
        self.progress.slots.truncate(self.plan.values.len());
        self.progress.own.truncate(self.plan.values.len());
    }

    /// Tells of steps that cannot run.
    fn tell_verdicts(&mut self, observe: &mut dyn FnMut(&Session, usize)) {
        for step in 0..self.plan.steps.len() {
            let ended = matches!(self.progress.verdicts[step], Verdict::Failed(_) | Verdict::Waiting(_));
            if ended && !self.turn.told[step] {
                self.turn.told[step] = true;
                observe(self, step);
            }
        }
    }

    /// A value that was to be handed on, but was made as a whole.
    fn hand_on_whole(&mut self, options: &RunOptions<'_>) {
        let (Some(value), Some(sink)) = (self.plan.streamed, options.sink) else { return };
        let Some(tensor) = &self.progress.slots[value] else { return };
        let handed_on = match Chunk::of(tensor) {
            Some(elements) => sink.write(0, &elements, tensor.shape()),
            None => Err("strings cannot be handed on".to_owned()),
        };
        self.turn.handing_on = handed_on.err();
    }

    /// Output number `index` of a block, if it was asked for and the last run made it.
    pub fn tensor(&self, block: &str, index: usize) -> Option<&Tensor> {
        let value = self.plan.output(block, index)?;
        self.progress.slots[value].as_ref().filter(|_| self.plan.values[value].fetched)
    }

    /// Whether the last run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.turn.cancelled
    }

    /// Why the value that is handed on was not, if it was not.
    pub fn handing_on_failed(&self) -> Option<&str> {
        self.turn.handing_on.as_deref()
    }

    /// The most bytes that the last run took at one time, and its largest tensors then. Known before a
    /// run for all of it that can be prepared beforehand.
    pub fn peak(&self) -> (u64, Vec<Largest>) {
        let most = self.phases.iter().map(|staged| &staged.phase.peak).max_by_key(|peak| peak.bytes);
        most.map(|peak| (peak.bytes, peak.largest.clone())).unwrap_or_default()
    }

    /// Prepares a run without running it; returns whether all of it could be prepared.
    pub fn prepare(&mut self, engine: &mut Engine, memory_limit: u64) -> bool {
        self.begin(engine, memory_limit);
        if self.phases.is_empty() {
            let phase = self.prepare_phase(&RunOptions::with_memory_limit(memory_limit));
            self.phases.extend(phase.map(Staged::new));
        }
        self.phases.iter().all(|staged| !staged.phase.more)
    }

    /// Nanoseconds that each step took in the last run, if that had a clock; those of a region are shared out.
    pub fn times(&self) -> impl Iterator<Item = (&BlockId, u64)> {
        self.plan.steps.iter().map(|step| &step.id).zip(self.turn.times.iter().copied())
    }

    /// For each step the walk that it is part of, as the last run was prepared: steps with one number run together.
    /// `None` for those that did not have to run.
    pub fn walks(&self) -> Vec<Option<usize>> {
        let mut walks = vec![None; self.plan.steps.len()];
        for (walk, unit) in self.phases.iter().flat_map(|staged| &staged.phase.units).enumerate() {
            match unit {
                Unit::Region(region) => region.steps.iter().for_each(|step| walks[*step] = Some(walk)),
                Unit::Axes(fold) => walks[fold.step] = Some(walk),
                Unit::Compute(compute) => walks[compute.step] = Some(walk),
            }
        }
        walks
    }

    /// What the last run left of a step.
    pub fn result(&self, step: usize) -> BlockResult {
        let outcome = match &self.progress.verdicts[step] {
            Verdict::Failed(problem) => Outcome::Failed(problem.clone()),
            Verdict::Waiting(block) => Outcome::Waiting(block.clone()),
            Verdict::Open | Verdict::Done => {
                let tensor =
                    |value: ValueId| self.progress.slots[value].clone().filter(|_| self.plan.values[value].fetched);
                Outcome::Done(self.plan.steps[step].outputs.clone().map(tensor).collect())
            }
        };
        let remarks = self.progress.remarks[step].as_deref();
        BlockResult {
            outcome,
            quantization: remarks.and_then(|remarks| remarks.quantization.clone()),
            warnings: remarks.map_or_else(|| self.plan.steps[step].warnings.clone(), |r| r.warnings.clone()),
            shares: self.progress.shares[step].map(|met| met.shares),
            reach: self.progress.shares[step].map(|met| met.reach),
            stats: self.plan.steps[step].outputs.clone().map(|value| self.progress.stats[value].clone()).collect(),
            health: self.plan.steps[step].outputs.clone().map(|value| self.progress.health[value]).collect(),
            previews: self.plan.steps[step].outputs.clone().map(|value| self.preview(value)).collect(),
        }
    }

    /// Type and first elements of a value, if they were asked for and are known.
    fn preview(&self, value: ValueId) -> Option<Arc<Preview>> {
        let own = || self.progress.slots[value].as_ref().map(|tensor| Arc::new(Preview::of(tensor)));
        self.plan.values[value].previewed.then(|| self.progress.previews[value].clone().or_else(own)).flatten()
    }

    /// What the last run left.
    pub fn results(&self) -> Results {
        let mut results = Results { cancelled: self.turn.cancelled, ..Results::default() };
        let waiting = self.plan.stuck.iter().filter(|(id, cause)| id != cause);
        for (id, cause) in waiting {
            results.blocks.insert(id.clone(), BlockResult::ended(Outcome::Waiting(cause.clone())));
        }
        for (id, name) in &self.plan.opaque {
            let message = format!("{name} cannot be computed here: this program knows it by its description alone");
            results.blocks.insert(id.clone(), BlockResult::ended(Outcome::Failed(Problem::block(id, message))));
        }
        for (number, step) in self.plan.steps.iter().enumerate() {
            let open = matches!(self.progress.verdicts[number], Verdict::Open);
            if !(open && self.demand.steps.binary_search(&number).is_ok()) {
                results.blocks.insert(step.id.clone(), self.result(number));
            }
        }
        results
    }
}

impl Engine {
    /// Runs a plan once.
    pub fn run(&mut self, plan: &Plan, options: &RunOptions<'_>) -> Results {
        let mut session = Session::new(plan.clone());
        session.run(self, options, &mut |_, _| {});
        session.results()
    }
}

/// Runs a plan once, on the calling thread alone.
pub fn run_once(plan: &Plan, options: &RunOptions<'_>) -> Results {
    Engine::new(1, 0).run(plan, options)
}
