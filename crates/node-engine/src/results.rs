//! What a run leaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::check::{CheckedPage, Source};
use node_core::kernel::Chunk;
use node_core::tensor::preview;
use node_core::{BlockId, KnownType, PortRef, Problem, Quantization, Scalar, Tensor, Warning};

use crate::analysis::{Health, Reach, Shares};
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

/// What comes to an input of a block: its literal, or what `given` finds of an output.
pub fn at_input(
    checked: &CheckedPage,
    id: &BlockId,
    input: &str,
    given: impl FnOnce(&BlockId, usize) -> Option<Tensor>,
) -> Option<Tensor> {
    let block = checked.blocks.get(id)?;
    match block.source(input)? {
        Source::Output { block, index } => given(block, *index),
        Source::Literal => Some(block.literals.get(block.spec()?.input_index(input)?)?.as_ref()?.tensor.clone()),
    }
}

/// So many elements of an output are previewed.
pub const PREVIEWED: usize = 24;

/// What is known of an output without its tensor: its type and its first elements.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Its type.
    pub ty: KnownType,
    /// Its first elements, [`PREVIEWED`] at most, as a vector.
    pub first: Tensor,
}

impl Preview {
    /// That of a tensor.
    pub fn of(tensor: &Tensor) -> Preview {
        let ty = KnownType { dtype: tensor.dtype(), shape: tensor.shape().clone() };
        let first = match Chunk::of(tensor) {
            Some(elements) => elements.part(0, elements.len().min(PREVIEWED)).to_vector(),
            None => {
                let texts = (0..tensor.len().min(PREVIEWED)).filter_map(|i| match tensor.element(i) {
                    Some(Scalar::String(text)) => Some(text),
                    _ => None,
                });
                Tensor::vector(texts.collect())
            }
        };
        Preview { ty, first }
    }

    /// The first `limit` elements, as [`Tensor::preview`] shows them.
    pub fn text(&self, limit: usize) -> String {
        preview(&self.ty.shape, limit.min(PREVIEWED), |number| self.first.element(number))
    }
}

/// What a run leaves of one block.
#[derive(Clone, Debug)]
pub struct BlockResult {
    /// How it ended.
    pub outcome: Outcome,
    /// The quantization in force.
    pub quantization: Option<Arc<Quantization>>,
    /// What a person should know although nothing is wrong, with the values that the run had.
    pub warnings: Vec<Warning>,
    /// Where the elements lie that it quantizes, where that was asked for.
    pub shares: Option<Shares>,
    /// How far these elements reach.
    pub reach: Option<Reach>,
    /// For each tensor output its statistics, where they were asked for.
    pub stats: Vec<Option<Arc<Stats>>>,
    /// For each tensor output what of it is no finite number, where that was asked for and can be in doubt.
    pub health: Vec<Option<Health>>,
    /// For each tensor output its type and first elements, where they were asked for.
    pub previews: Vec<Option<Arc<Preview>>>,
}

impl BlockResult {
    /// A block that has nothing but an outcome.
    pub fn ended(outcome: Outcome) -> BlockResult {
        BlockResult {
            outcome,
            quantization: None,
            warnings: Vec::new(),
            shares: None,
            reach: None,
            stats: Vec::new(),
            health: Vec::new(),
            previews: Vec::new(),
        }
    }

    /// The result vector, if the block ran.
    pub fn tensors(&self) -> Option<&[Option<Tensor>]> {
        match &self.outcome {
            Outcome::Done(tensors) => Some(tensors),
            _ => None,
        }
    }

    /// Type and first elements of output number `index`, if the block ran and they were asked for.
    pub fn preview(&self, index: usize) -> Option<&Preview> {
        self.previews.get(index)?.as_deref()
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

    /// The bytes of all tensors; of those that share their storage each counts.
    pub fn bytes(&self) -> u64 {
        let tensors = self.blocks.values().filter_map(|result| result.tensors()).flatten().flatten();
        tensors.map(|tensor| (tensor.len() as u64).saturating_mul(tensor.dtype().size() as u64)).sum()
    }

    /// What comes to an input of a block: of an output that another gives, or its literal.
    pub fn at_input(&self, checked: &CheckedPage, id: &BlockId, input: &str) -> Option<Tensor> {
        at_input(checked, id, input, |block, index| self.tensor(block.as_str(), index).cloned())
    }

    /// The statistics of an output, if the run was asked for them.
    pub fn stats(&self, checked: &CheckedPage, port: &PortRef) -> Option<&Stats> {
        let index = checked.blocks.get(&port.block)?.output_index(&port.port)?;
        self.blocks.get(&port.block)?.stats.get(index)?.as_deref()
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
