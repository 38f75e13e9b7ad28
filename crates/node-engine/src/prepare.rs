//! From a plan to units of work: types made whole, kernels made, element-wise blocks fused into regions.
//!
//! What cannot be prepared yet, because a shape or a parameter is only known once others have run, is left for a later
//! phase.

mod lowering;
mod memory;
mod operations;
mod region;
mod regions;

use std::sync::Arc;

use node_core::kernel::Reduction;
use node_core::{BlockId, KnownType, Problem, Quantization, Tensor};

pub use memory::Largest;
pub use region::{Dest, Instruction, Loc, Made, Region, Subject, Work};

use crate::analysis::Shares;
use crate::demand::Demand;
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

/// Where a run stands.
pub struct Progress {
    /// The tensors that are there, by value; those of a phase's own values come last.
    pub slots: Vec<Option<Tensor>>,
    /// How far each step has come.
    pub verdicts: Vec<Verdict>,
    /// The quantization of each step that has been prepared.
    pub quantization: Vec<Option<Quantization>>,
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
    Axes(AxisFold),
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
    pub reduction: Reduction,
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
    /// The most bytes that the tensors which it makes take at one time.
    pub peak: u64,
    /// The largest tensors that it makes, when it takes the most.
    pub largest: Vec<Largest>,
    /// Whether something is left for a later phase.
    pub more: bool,
}

/// Prepares what can be prepared. Steps that cannot run get their verdict; so do those that would take more memory than
/// `limit`.
pub fn prepare(plan: &Plan, demand: &Demand, progress: &mut Progress, limit: u64) -> Phase {
    loop {
        let operations = operations::list(plan, demand, progress);
        let phase = regions::build(plan, demand, progress, operations);
        if phase.peak <= limit || !memory::refuse(plan, &phase, progress, limit) {
            return phase;
        }
    }
}
