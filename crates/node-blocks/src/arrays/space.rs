//! The axes of space that SpaceToBatchND cuts into blocks, and BatchToSpaceND weaves together again.

use node_core::type_rule::Index;
use node_core::{Fault, In, InferCx};

use crate::given;

/// The sides of a block.
pub const BLOCK_SHAPE: In<Index> =
    In::new("block_shape", "How long a block is along each axis of space; a vector, at least 1 each.")
        .of("Tblock_shape")
        .parameter();
/// What is added.
pub const PADDINGS: In<Index> =
    In::new("paddings", "How many zeros to add before and behind each axis of space; shape [axes, 2].")
        .of("Tpaddings")
        .parameter();
/// What is taken off.
pub const CROPS: In<Index> =
    In::new("crops", "How many to take off before and behind each axis of space; shape [axes, 2].")
        .of("Tcrops")
        .parameter();

/// Blocks, and what is added or taken off at the ends, for each axis of space.
pub struct Space {
    blocks: Vec<usize>,
    ends: Vec<(usize, usize)>,
}

impl Space {
    /// What is given, as far as it is known.
    pub fn given(cx: &InferCx<'_>, ends: In<Index>) -> Result<Option<Space>, Vec<Fault>> {
        let blocks = given::vector(cx, BLOCK_SHAPE)?;
        let sides = given::dims(cx, ends, 2)?;
        let (Some(blocks), Some(numbers)) = (blocks, cx.find_tensor(ends).and_then(|ends| ends.integers())) else {
            return Ok(None);
        };
        let block = |block: &i64| {
            let wrong = || vec![Fault::at("block_shape", format!("{block} is no side of a block; it is at least 1"))];
            usize::try_from(*block).ok().filter(|block| *block > 0).ok_or_else(wrong)
        };
        let blocks = blocks.iter().map(block).collect::<Result<Vec<_>, _>>()?;
        if sides != Some(&[Some(blocks.len()), Some(2)]) {
            let message = format!("must have shape [{}, 2], as block_shape has {} numbers", blocks.len(), blocks.len());
            return Err(vec![Fault::at(ends.name(), message)]);
        }
        let len = |number: i64| given::len(number, ends.name());
        let ends = numbers.chunks_exact(2).map(|ends| Ok((len(ends[0])?, len(ends[1])?)));
        Ok(Some(Space { blocks, ends: ends.collect::<Result<_, Vec<Fault>>>()? }))
    }

    /// Refuses a tensor without room for the batch and all axes of space, and blocks beyond what can be counted.
    pub fn fits(&self, rank: usize) -> Result<(), Vec<Fault>> {
        if rank <= self.blocks.len() {
            let message =
                format!("has {rank} dimensions, but block_shape is for {} beside the batch", self.blocks.len());
            return Err(vec![Fault::at("input", message)]);
        }
        let all = self.blocks.iter().try_fold(1usize, |all, block| all.checked_mul(*block));
        all.map(drop).ok_or_else(|| vec![Fault::at("block_shape", "makes a shape that overflows")])
    }

    /// How many places a block has.
    pub fn all(&self) -> usize {
        self.blocks.iter().product()
    }

    /// For each axis of space the side of a block, and what is added or taken off.
    pub fn axes(&self) -> impl Iterator<Item = (usize, (usize, usize))> {
        self.blocks.iter().copied().zip(self.ends.iter().copied())
    }
}
