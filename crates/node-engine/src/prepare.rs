//! From a plan to units of work: types made whole, kernels made, element-wise blocks fused into regions.
//!
//! What cannot be prepared yet, because a shape or a parameter is only known once others have run, is left for a later
//! phase.

mod lowering;
mod memory;
mod operations;
mod region;
mod regions;
mod registers;

use std::sync::Arc;

use node_core::block::Warning;
use node_core::check::guarded;
use node_core::{Block, BlockId, Fault, InferCx, KnownType, Problem, Quantization, Tensor};

pub use memory::Largest;
pub use region::{Dest, Instruction, Loc, Made, Region, Subject, Work};

use crate::analysis::Shares;
use crate::demand::Demand;
use crate::exec::axes::AxesFold;
use crate::plan::{Plan, ValueId};
use crate::stats::Stats;

/// How far a step has come.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It has not had its turn.
    Open,
    /// What is needed of it is there.
    Done,
    /// It failed.
    Failed(Problem),
    /// It needs a block that failed.
    Waiting(BlockId),
}

/// What there is to say of a step beside its results, by what it has been given.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// The quantization in force.
    pub quantization: Option<Quantization>,
    /// What a person should know although nothing is wrong.
    pub warnings: Vec<Warning>,
}

impl Remarks {
    /// What a block says; its own code runs guarded.
    pub fn of(block: &dyn Block, cx: &InferCx<'_>) -> Result<Remarks, Vec<Fault>> {
        let quantization = guarded(|| Ok(block.quantization(cx)))?;
        let warnings = guarded(|| Ok(block.warnings(cx)))?;
        Ok(Remarks { quantization, warnings })
    }
}

/// Where a run stands.
pub struct Progress {
    /// The tensors that are there, by value; those of a phase's own values come last.
    pub slots: Vec<Option<Tensor>>,
    /// How far each step has come.
    pub verdicts: Vec<Verdict>,
    /// For each value whether this run has made it, so that it counts as memory that the run takes.
    pub own: Vec<bool>,
    /// What there is to say of each step.
    pub remarks: Vec<Option<Arc<Remarks>>>,
    /// Steps that run apart from others, because something has failed in a walk that they were part of.
    pub apart: Vec<bool>,
    /// The statistics of each value that is watched.
    pub stats: Vec<Option<Arc<Stats>>>,
    /// Where the elements of each step lie.
    pub shares: Vec<Option<Shares>>,
}

/// What is done in one go.
pub enum Unit {
    /// Element-wise kernels in one walk, with the folds at their ends.
    Region(Box<Region>),
    /// A fold over some axes.
    Axes(Box<AxisFold>),
    /// A block that computes by itself.
    Compute(Compute),
}

/// A fold over some axes.
pub struct AxisFold {
    /// The step.
    pub step: usize,
    /// What is folded.
    pub input: ValueId,
    /// The result.
    pub out: ValueId,
    /// How.
    pub fold: AxesFold,
}

/// A block that computes by itself.
pub struct Compute {
    /// The step.
    pub step: usize,
    /// The types that its outputs have.
    pub outputs: Vec<KnownType>,
}

/// Part of a run: what can be prepared with what is known.
pub struct Phase {
    /// The work, in order.
    pub units: Vec<Unit>,
    /// The types of values, those of the phase's own included, where they are known.
    pub types: Vec<Option<KnownType>>,
    /// Values that are other values.
    pub same: Vec<(ValueId, ValueId)>,
    /// For each unit the values that nobody needs after it.
    pub dying: Vec<Vec<ValueId>>,
    /// The steps that are over after it, by the unit after which they are.
    pub finished: Vec<Vec<usize>>,
    /// Values that it took for granted when it was prepared, because kernels or shapes depend on them.
    pub premises: Vec<(ValueId, Tensor)>,
    /// What there is to say of steps that it runs.
    pub remarks: Vec<(usize, Arc<Remarks>)>,
    /// The most bytes that tensors which the run makes take at one time, those of earlier phases included.
    pub peak: u64,
    /// The largest of them then.
    pub largest: Vec<Largest>,
    /// Whether something is left for a later phase.
    pub more: bool,
}

/// The bytes of what a unit of a phase makes.
pub fn bytes_made(plan: &Plan, phase: &Phase, unit: usize) -> u64 {
    let made = memory::made(plan, &phase.units[unit]);
    made.iter().map(|(value, _)| phase.types[*value].as_ref().map_or(0, memory::bytes)).sum()
}

impl Unit {
    /// The steps whose work it does.
    pub fn steps(&self) -> &[usize] {
        match self {
            Unit::Region(region) => &region.steps,
            Unit::Axes(fold) => std::slice::from_ref(&fold.step),
            Unit::Compute(compute) => std::slice::from_ref(&compute.step),
        }
    }

    /// Whether all that it reads is there.
    pub fn can_run(&self, plan: &Plan, slots: &[Option<Tensor>]) -> bool {
        let there = |value: &ValueId| slots[*value].is_some();
        match self {
            Unit::Region(region) => region.inputs.iter().all(there),
            Unit::Axes(fold) => there(&fold.input),
            Unit::Compute(compute) => plan.steps[compute.step].inputs.iter().flatten().all(there),
        }
    }
}

/// Prepares what can be prepared; `None` if it is cancelled. Steps that cannot run get their verdict; so do those that
/// would take more memory than `limit`.
pub fn prepare(
    plan: &Plan,
    demand: &Demand,
    progress: &mut Progress,
    limit: u64,
    cancelled: &dyn Fn() -> bool,
) -> Option<Phase> {
    loop {
        let operations = operations::list(plan, demand, progress, cancelled)?;
        let phase = regions::build(plan, demand, progress, operations, cancelled)?;
        if phase.peak <= limit || !memory::refuse(plan, &phase, progress, limit) {
            return Some(phase);
        }
    }
}
