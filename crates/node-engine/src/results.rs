//! What a run leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::block::Warning;
use node_core::{BlockId, Problem, Quantization, Tensor};

use crate::analysis::Shares;
use crate::stats::Stats;

/// How a block's turn ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The result vector: for each tensor output its tensor, if it was asked for.
    Done(Vec<Option<Tensor>>),
    /// It failed.
    Failed(Problem),
    /// It needs a block that cannot run or failed.
    Waiting(BlockId),
}

/// What a run leaves of one block.
#[derive(Clone, Debug)]
pub struct BlockResult {
    /// How it ended.
    pub outcome: Outcome,
    /// The quantization in force.
    pub quantization: Option<Quantization>,
    /// What a person should know although nothing is wrong, with the values that the run had.
    pub warnings: Vec<Warning>,
    /// Where the elements lie that it quantizes, else those of its first output; where that was asked for.
    pub shares: Option<Shares>,
    /// For each tensor output its statistics, where they were asked for.
    pub stats: Vec<Option<Arc<Stats>>>,
}

impl BlockResult {
    /// A block that has nothing but an outcome.
    pub fn ended(outcome: Outcome) -> BlockResult {
        BlockResult { outcome, quantization: None, warnings: Vec::new(), shares: None, stats: Vec::new() }
    }

    /// The result vector, if the block ran.
    pub fn tensors(&self) -> Option<&[Option<Tensor>]> {
        match &self.outcome {
            Outcome::Done(tensors) => Some(tensors),
            _ => None,
        }
    }

    /// Output number `index`, if the block ran and it was asked for.
    pub fn tensor(&self, index: usize) -> Option<&Tensor> {
        self.tensors()?.get(index)?.as_ref()
    }
}

/// What a run leaves, by block.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Every block that had a turn or would have needed one.
    pub blocks: BTreeMap<BlockId, BlockResult>,
    /// Whether the run was cancelled before its end.
    pub cancelled: bool,
}

impl Results {
    /// Output number `index` of a block.
    pub fn tensor(&self, block: &str, index: usize) -> Option<&Tensor> {
        self.blocks.get(block)?.tensor(index)
    }

    /// What a person should know of the blocks that ran, by block.
    pub fn warnings(&self) -> impl Iterator<Item = (&BlockId, &Warning)> {
        self.blocks.iter().flat_map(|(id, result)| result.warnings.iter().map(move |warning| (id, warning)))
    }

    /// What went wrong while running, sorted by block.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.blocks.values().filter_map(|result| match &result.outcome {
            Outcome::Failed(problem) => Some(problem),
            _ => None,
        })
    }
}
