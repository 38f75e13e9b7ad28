//! Where a run stands: what is there by now, how far each step has come, and what there is to say of it.

use std::sync::Arc;

use node_core::check::guarded;
use node_core::{Block, BlockId, Fault, InferCx, Problem, Quantization, Tensor, Warning};

use crate::analysis::{Health, Met};
use crate::results::Preview;
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
    pub quantization: Option<Arc<Quantization>>,
    /// What a person should know although nothing is wrong.
    pub warnings: Vec<Warning>,
}

impl Remarks {
    /// What a block says; its own code runs guarded.
    pub fn of(block: &dyn Block, cx: &InferCx<'_>) -> Result<Remarks, Vec<Fault>> {
        let quantization = guarded(|| Ok(block.quantization(cx)))?.map(Arc::new);
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
    /// What of each value is no finite number, where that is asked for.
    pub health: Vec<Option<Health>>,
    /// Where the elements lie that each step quantizes.
    pub shares: Vec<Option<Met>>,
}
