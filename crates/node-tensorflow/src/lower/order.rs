//! In which order blocks are lowered: each after those that it needs.

use std::collections::{BTreeMap, BTreeSet};

use node_core::BlockId;
use node_core::check::CheckedBlock;

use super::Subject;
use crate::described;

/// The operation that begins the next turn of a loop: what comes of it is wired backwards.
pub const NEXT_ITERATION: &str = "NextIteration";

/// Whether a block is that operation.
pub fn is_next_iteration(block: &CheckedBlock) -> bool {
    let name = block.spec().map(|spec| &*spec.name).unwrap_or_default();
    described::op_of(name).is_some_and(|op| op.name == NEXT_ITERATION)
}

/// The blocks that count, in order: that of the checked page, where that has them all and knows all their ports.
pub fn of(subject: &Subject<'_>) -> Vec<BlockId> {
    let known: Vec<BlockId> = subject.checked.order.iter().filter(|id| subject.needed.contains(*id)).cloned().collect();
    let is_known = |id: &BlockId| subject.checked.blocks.get(id).is_some_and(|block| block.setup.is_some());
    if known.len() == subject.needed.len() && known.iter().all(is_known) { known } else { by_wires(subject) }
}

/// An order that begins anew where loops are closed.
fn by_wires(subject: &Subject<'_>) -> Vec<BlockId> {
    let blocks = &subject.checked.blocks;
    let mut missing: BTreeMap<&BlockId, usize> = BTreeMap::new();
    let mut readers: BTreeMap<&BlockId, Vec<&BlockId>> = BTreeMap::new();
    for id in subject.needed {
        let Some(block) = blocks.get(id) else { continue };
        let closes = |id: &BlockId| blocks.get(id).is_some_and(|block| is_next_iteration(block));
        let sources: BTreeSet<&BlockId> =
            block.links.incoming.iter().map(|wire| &wire.from.block).filter(|id| !closes(id)).collect();
        let sources: Vec<&BlockId> = sources.into_iter().filter(|id| subject.needed.contains(*id)).collect();
        missing.insert(id, sources.len());
        sources.into_iter().for_each(|source| readers.entry(source).or_default().push(id));
    }
    let mut ready: BTreeSet<&BlockId> = missing.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    let mut order = Vec::with_capacity(missing.len());
    while let Some(next) = ready.pop_first() {
        order.push(next.clone());
        for reader in readers.get(next).into_iter().flatten() {
            if let Some(count) = missing.get_mut(reader) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(reader);
                }
            }
        }
    }
    // Those of a loop that nothing closes: each tells for itself what it lacks.
    let placed: BTreeSet<&BlockId> = order.iter().collect();
    let rest: Vec<BlockId> = missing.keys().filter(|id| !placed.contains(**id)).map(|id| (*id).clone()).collect();
    order.extend(rest);
    order
}
