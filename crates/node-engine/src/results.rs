//! What a run leaves.

use std::collections::BTreeMap;

use node_core::{BlockId, Problem, Quantization, Tensor};

use crate::analysis::Shares;

/// How a block's turn ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The result vector, one tensor for each tensor output; empty once nobody needs it any more.
    Done(Vec<Tensor>),
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
    /// Where the elements lie that it quantizes, else those of its first output.
    pub shares: Option<Shares>,
}

impl BlockResult {
    /// A block that did not get its turn.
    pub fn waiting(on: &BlockId) -> BlockResult {
        BlockResult { outcome: Outcome::Waiting(on.clone()), quantization: None, shares: None }
    }

    /// The result vector, if the block ran.
    pub fn tensors(&self) -> Option<&[Tensor]> {
        match &self.outcome {
            Outcome::Done(tensors) => Some(tensors),
            _ => None,
        }
    }
}

/// What a run leaves, by block.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Every block that was needed.
    pub blocks: BTreeMap<BlockId, BlockResult>,
    /// Whether the run was cancelled before its end.
    pub cancelled: bool,
}

impl Results {
    /// Output number `index` of a block.
    pub fn tensor(&self, block: &str, index: usize) -> Option<&Tensor> {
        self.blocks.get(block)?.tensors()?.get(index)
    }

    /// What went wrong while running, sorted by block.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.blocks.values().filter_map(|result| match &result.outcome {
            Outcome::Failed(problem) => Some(problem),
            _ => None,
        })
    }
}
