//! What can be asked for on a page.

use std::collections::BTreeSet;

use super::has_gradient;
use crate::check::{CheckedBlock, CheckedPage, Source};
use crate::page::{BlockId, PortRef};
use crate::spec::Role;

/// The outputs that can be differentiated, in the order of their blocks' ids; scalars first.
pub fn differentiable(checked: &CheckedPage) -> Vec<PortRef> {
    let mut found: Vec<(bool, PortRef)> = Vec::new();
    for (id, block) in &checked.blocks {
        for (index, port) in outputs(id, block) {
            found.push((block.outputs[index].shape.rank() != Some(0), port));
        }
    }
    found.sort_by_key(|(is_no_scalar, _)| *is_no_scalar);
    found.into_iter().map(|(_, port)| port).collect()
}

/// The outputs for which `of` can be differentiated: those of the blocks that it needs, those without inputs first.
pub fn wanted_of(checked: &CheckedPage, of: &PortRef) -> Vec<PortRef> {
    let mut needed = BTreeSet::from([&of.block]);
    for id in checked.order.iter().rev().filter(|id| checked.blocks.contains_key(*id)) {
        if needed.contains(id) && checked.blocks[id].role() != Some(Role::Variable) {
            let sources = checked.blocks[id].inputs.iter().flatten();
            needed.extend(sources.filter_map(|source| match source {
                Source::Output { block, .. } => Some(block),
                Source::Literal => None,
            }));
        }
    }
    let mut found = Vec::new();
    for id in needed.into_iter().filter(|id| **id != of.block) {
        let Some(block) = checked.blocks.get(id) else { continue };
        let is_source = block.role() == Some(Role::Variable) || block.inputs.iter().all(Vec::is_empty);
        found.extend(outputs(id, block).into_iter().map(|(_, port)| (!is_source, port)));
    }
    found.sort_by_key(|(is_no_source, _)| *is_no_source);
    found.into_iter().map(|(_, port)| port).collect()
}

fn outputs(id: &BlockId, block: &CheckedBlock) -> Vec<(usize, PortRef)> {
    let Some(setup) = block.setup.as_deref() else { return Vec::new() };
    let of = block.outputs.iter().enumerate().filter(|(_, ty)| has_gradient(ty.dtype));
    of.map(|(index, _)| (index, PortRef::new(id, setup.output_name(index)))).collect()
}
