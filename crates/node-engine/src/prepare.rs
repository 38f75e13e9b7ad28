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

use node_core::check::guarded;
use node_core::{Block, BlockId, Fault, InferCx, KnownType, Problem, Quantization, Tensor, Warning};

pub use memory::{Largest, Peak, bytes};
pub use region::{Dest, Instruction, Loc, Made, Region, Subject, Work};

use crate::analysis::Shares;
use crate::demand::Demand;
use crate::exec::axes::AxesFold;
use crate::plan::{Plan, ValueId};
use crate::results::Preview;
use crate::run::RunOptions;
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
    /// How many times a walk has failed that each step was part of. From the second time on it runs apart from others.
    pub failures: Vec<u32>,
    /// Whether the value that is handed on has been.
    pub handed_on: bool,
    /// The statistics of each value that is watched.
    pub stats: Vec<Option<Arc<Stats>>>,
    /// The first elements of each value that is previewed, where its tensor is not there.
    pub previews: Vec<Option<Arc<Preview>>>,
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
    /// For each of its inputs the values that are really there.
    pub inputs: Vec<Vec<ValueId>>,
    /// The types that its outputs have.
    pub outputs: Vec<KnownType>,
}

/// Part of a run: what can be prepared with what is known.
pub struct Phase {
    /// The work, in order.
    pub units: Vec<Unit>,
    /// The types of values, those of the phase's own included, where they are known.
    pub types: Vec<Option<KnownType>>,
    /// Values that are other values, by the unit after which those are there.
    pub same: Vec<Vec<(ValueId, ValueId)>>,
    /// For each unit the steps that pass on what it makes.
    pub followers: Vec<Vec<usize>>,
    /// For each unit the values that nobody needs after it.
    pub dying: Vec<Vec<ValueId>>,
    /// The steps that are over after it, by the unit after which they are.
    pub finished: Vec<Vec<usize>>,
    /// Values that it took for granted when it was prepared, because kernels or shapes depend on them.
    pub premises: Vec<(ValueId, Tensor)>,
    /// What there is to say of steps that it runs.
    pub remarks: Vec<(usize, Arc<Remarks>)>,
    /// The most that the run takes at one time, earlier phases included.
    pub peak: Peak,
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

    /// The values that it reads.
    pub fn inputs(&self) -> impl Iterator<Item = ValueId> {
        let (many, one, ports): (&[ValueId], Option<ValueId>, &[Vec<ValueId>]) = match self {
            Unit::Region(region) => (&region.inputs, None, &[]),
            Unit::Axes(fold) => (&[], Some(fold.input), &[]),
            Unit::Compute(compute) => (&[], None, &compute.inputs),
        };
        many.iter().copied().chain(one).chain(ports.iter().flatten().copied())
    }

    /// The bytes beside tensors that it needs while it is carried out: what blocks of elements come to.
    pub fn scratch(&self) -> u64 {
        match self {
            Unit::Region(region) => region.scratch(),
            Unit::Axes(fold) => fold.fold.scratch(),
            Unit::Compute(_) => 0,
        }
    }
}

/// How many units beyond the memory limit are refused one by one, so that what comes after each is looked at anew
/// without it. Further ones are refused all at once.
const ONE_BY_ONE: usize = 16;

/// Prepares what can be prepared; `None` if it is cancelled. Steps that cannot run get their verdict; so do those that
/// would take more memory than there may be.
pub fn prepare(plan: &Plan, demand: &Demand, progress: &mut Progress, options: &RunOptions<'_>) -> Option<Phase> {
    let limit = options.memory_limit;
    for round in 0.. {
        let operations = operations::list(plan, demand, progress, options)?;
        let phase = regions::build(plan, demand, progress, operations, options.cancelled)?;
        let most = if round < ONE_BY_ONE { 1 } else { usize::MAX };
        if phase.peak.bytes <= limit || !memory::refuse(plan, &phase, progress, limit, most) {
            return Some(phase);
        }
    }
    None
}
