//! What a run is asked for, and the blocks that it needs.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use node_core::check::{CheckedBlock, CheckedPage, Source, State};
use node_core::problem::suggestion;
use node_core::{BlockId, Direction, PortKind, PortRef, Role};

/// What is fetched when nobody says: what is wired to fetch blocks, else every tensor output that no wire leaves.
pub fn default_fetch(checked: &CheckedPage) -> Vec<PortRef> {
    let is_fetch = |block: &Arc<CheckedBlock>| block.role() == Some(Role::Fetch);
    if checked.blocks.values().any(&is_fetch) {
        let wired = checked.blocks.values().filter(|b| is_fetch(b)).flat_map(|b| b.inputs.iter().flatten());
        let mut seen = HashSet::new();
        let ports = wired.filter_map(|source| source_port(checked, source));
        return ports.filter(|port| seen.insert(port.clone())).collect();
    }
    let output = |port: &PortRef| checked.blocks.get(&port.block)?.output_index(&port.port);
    // Every wire counts, also one to a block of an unknown type: what goes on is not the end.
    let used: BTreeSet<(&str, usize)> =
        checked.page.wires.iter().filter_map(|wire| Some((wire.from.block.as_str(), output(&wire.from)?))).collect();
    let mut ports = Vec::new();
    for (id, block) in &checked.blocks {
        let Some(setup) = &block.setup else { continue };
        for (index, port) in setup.ports.outputs().iter().enumerate() {
            if !used.contains(&(id.as_str(), index)) && !block.is_absent(index) {
                ports.push(PortRef::new(id, &port.name));
            }
        }
    }
    ports.sort();
    ports
}

fn source_port(checked: &CheckedPage, source: &Source) -> Option<PortRef> {
    let Source::Output { block, index } = source else { return None };
    let setup = checked.blocks.get(block)?.setup.as_ref()?;
    Some(PortRef::new(block, setup.ports.output_name(*index)?))
}

/// The tensor outputs that `port` names, by their first names, or what is wrong with it. A list's name stands for all of
/// the list.
pub fn resolve_outputs(checked: &CheckedPage, port: &PortRef) -> Result<Vec<PortRef>, String> {
    let Some(checked_block) = checked.blocks.get(&port.block) else {
        let hint = suggestion(port.block.as_str(), checked.blocks.iter().map(|(id, _)| id.as_str()));
        return Err(format!("there is no block '{}'{hint}", port.block));
    };
    let Some(setup) = &checked_block.setup else {
        return Err(format!("the type of block '{}' is unknown, so its outputs are too", port.block));
    };
    let (spec, ports) = (setup.spec(), &setup.ports);
    let found = ports.output_indices(spec, &port.port);
    if !found.is_empty() && found.iter().all(|index| checked_block.is_absent(*index)) {
        return Err(format!("'{port}' has nothing: '{}' is muted, and no input passes to it", port.block));
    }
    if !found.is_empty() {
        let found = found.into_iter().filter(|index| !checked_block.is_absent(*index));
        let names = found.filter_map(|index| ports.output_name(index));
        return Ok(names.map(|name| PortRef::new(&port.block, name)).collect());
    }
    match spec.port(Direction::Out, &port.port) {
        Some(found) if found.kind != PortKind::Tensor => Err(format!("'{port}' is a set of attributes, not a tensor")),
        _ => Err(ports.no_output(spec, &port.port)),
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
            Source::Literal => None,
        }));
    }
    needed
}
