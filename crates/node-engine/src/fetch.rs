//! What a run is asked for, and the blocks that it needs.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use node_core::check::{CheckedBlock, CheckedPage, Source, State};
use node_core::problem::suggestion;
use node_core::{BlockId, Direction, PortKind, PortRef, Role};

/// What is fetched when nobody says: what is wired to fetch blocks, else every tensor output that no wire leaves.
pub fn default_fetch(checked: &CheckedPage) -> Vec<PortRef> {
    let role = |role| move |b: &Arc<CheckedBlock>| b.block.is_some_and(|b| b.spec().role == role);
    let is_fetch = role(Role::Fetch);
    if checked.blocks.values().any(&is_fetch) {
        let wired = checked.blocks.values().filter(|b| is_fetch(b)).flat_map(|b| b.inputs.iter().flatten());
        let mut seen = HashSet::new();
        let ports = wired.filter_map(|source| source_port(checked, source));
        return ports.filter(|port| seen.insert(port.clone())).collect();
    }
    let output = |port: &PortRef| checked.blocks.get(&port.block)?.block?.spec().output_index(&port.port);
    // Every wire counts, also one to a block of an unknown type: what goes on is not the end.
    let used: BTreeSet<(&str, usize)> =
        checked.page.wires.iter().filter_map(|wire| Some((wire.from.block.as_str(), output(&wire.from)?))).collect();
    let mut ports = Vec::new();
    for (id, block) in &checked.blocks {
        let Some(block) = block.block else { continue };
        for (index, port) in block.spec().outputs().enumerate() {
            if !used.contains(&(id.as_str(), index)) {
                ports.push(PortRef::new(id, port.name));
            }
        }
    }
    ports.sort();
    ports
}

fn source_port(checked: &CheckedPage, source: &Source) -> Option<PortRef> {
    let Source::Output { block, index } = source else { return None };
    let spec = checked.blocks.get(block)?.block?.spec();
    Some(PortRef::new(block, spec.outputs().nth(*index)?.name))
}

/// The tensor output that `port` names, by its first name, or what is wrong with it.
pub fn resolve_output(checked: &CheckedPage, port: &PortRef) -> Result<PortRef, String> {
    let Some(checked_block) = checked.blocks.get(&port.block) else {
        let hint = suggestion(port.block.as_str(), checked.blocks.keys().map(BlockId::as_str));
        return Err(format!("there is no block '{}'{hint}", port.block));
    };
    let Some(block) = checked_block.block else {
        return Err(format!("the type of block '{}' is unknown, so its outputs are too", port.block));
    };
    let spec = block.spec();
    match spec.port(Direction::Out, &port.port) {
        Some(found) if found.kind == PortKind::Tensor => Ok(PortRef::new(&port.block, found.name)),
        Some(_) => Err(format!("'{port}' is a set of attributes, not a tensor")),
        None => {
            let hint = suggestion(&port.port, spec.outputs().map(|p| p.name));
            Err(format!("{} has no output '{}'{hint}", spec.name, port.port))
        }
    }
}

/// The blocks that the fetched ports depend on, themselves included.
pub fn needed_blocks(checked: &CheckedPage, fetch: &[PortRef]) -> BTreeSet<BlockId> {
    let mut needed = BTreeSet::new();
    let mut open: Vec<BlockId> = fetch.iter().map(|port| port.block.clone()).collect();
    while let Some(id) = open.pop() {
        let Some(block) = checked.blocks.get(&id) else { continue };
        if !needed.insert(id) {
            continue;
        }
        if let State::Waiting(source) = &block.state {
            open.push(source.clone());
        }
        open.extend(block.inputs.iter().flatten().filter_map(|source| match source {
            Source::Output { block, .. } => Some(block.clone()),
            Source::Literal(_) => None,
        }));
    }
    needed
}
