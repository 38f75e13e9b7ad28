//! A plan: the steps of a run in order, every name already looked up.

use std::collections::{BTreeMap, BTreeSet};

use node_core::check::{CheckedPage, Feeds, Source, State};
use node_core::{Attrs, Block, BlockId, PortRef, Tensor};

use crate::fetch::needed_blocks;

/// Where a step's input comes from.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A tensor known beforehand.
    Value(Tensor),
    /// An output of an earlier step.
    Output {
        /// Which step.
        step: usize,
        /// Which of its tensor outputs.
        index: usize,
    },
}

/// One block's turn.
pub struct Step {
    /// The block.
    pub id: BlockId,
    /// Its type.
    pub block: &'static dyn Block,
    /// Its attributes.
    pub attrs: Attrs,
    /// For each tensor input in order, its operands.
    pub inputs: Vec<Vec<Operand>>,
    /// The tensor that feeds it from outside.
    pub fed: Option<Tensor>,
    /// Whether its result is asked for, and so kept after its last use.
    pub fetched: bool,
    /// How many times later steps read one of its outputs.
    pub uses: usize,
}

/// The steps of a run.
pub struct Plan {
    /// In an order in which each comes after those that it reads.
    pub steps: Vec<Step>,
    /// Blocks that are needed but cannot run, with the block that stands in the way (themselves, if they are at fault).
    pub stuck: BTreeMap<BlockId, BlockId>,
}

/// Plans a run of `checked` that fetches `fetch`, with `feeds` given from outside.
pub fn plan(checked: &CheckedPage, fetch: &[PortRef], feeds: &Feeds) -> Plan {
    let needed = needed_blocks(checked, fetch);
    let fetched: BTreeSet<&BlockId> = fetch.iter().map(|port| &port.block).collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut at: BTreeMap<&BlockId, usize> = BTreeMap::new();
    for id in checked.order.iter().filter(|id| needed.contains(*id)) {
        let Some(checked_block) = checked.blocks.get(id) else { continue };
        let (Some(block), State::Ready) = (checked_block.block, &checked_block.state) else { continue };
        let operand = |source: &Source| match source {
            Source::Literal(tensor) => Some(Operand::Value(tensor.clone())),
            Source::Output { block, index } => Some(Operand::Output { step: *at.get(block)?, index: *index }),
        };
        let inputs = checked_block.inputs.iter().map(|sources| sources.iter().map(operand).collect::<Option<Vec<_>>>());
        let Some(inputs) = inputs.collect::<Option<Vec<_>>>() else { continue };
        for operand in inputs.iter().flatten() {
            if let Operand::Output { step, .. } = operand {
                steps[*step].uses += 1;
            }
        }
        at.insert(id, steps.len());
        steps.push(Step {
            id: id.clone(),
            block,
            attrs: checked_block.attrs.clone(),
            inputs,
            fed: node_core::check::fed(id, block, feeds).cloned(),
            fetched: fetched.contains(id),
            uses: 0,
        });
    }
    let stuck = needed.iter().filter(|id| !at.contains_key(id)).filter_map(|id| {
        let cause = match &checked.blocks.get(id)?.state {
            State::Waiting(source) => source.clone(),
            _ => id.clone(),
        };
        Some((id.clone(), cause))
    });
    Plan { stuck: stuck.collect(), steps }
}
