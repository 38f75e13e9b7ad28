//! Taking blocks out of their chains: who read them reads what they read.

use std::collections::BTreeSet;

use node_core::check::{CheckedBlock, CheckedPage, Source};
use node_core::port::ATTRS_PORT;
use node_core::{BlockId, Direction, Edit, PortRef, TensorType, Wire};

/// The edits that wire past `gone` blocks those that read of them. For each output that is the first input of the same
/// type, else of the same data type, else any that the reader takes; a reader for which there is none loses its wire with
/// the block.
pub fn past(checked: &CheckedPage, gone: &BTreeSet<BlockId>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (at, wire) in checked.page.wires.iter().enumerate() {
        if !gone.contains(&wire.from.block) || gone.contains(&wire.to.block) || is_of_attributes(checked, wire) {
            continue;
        }
        if let Some(from) = source(checked, gone, wire) {
            edits.push(Edit::TakeOff { wire: wire.clone(), at });
            edits.push(Edit::PutBack { wire: Wire { from, to: wire.to.clone() }, at });
        }
    }
    edits
}

/// The edits that pull blocks out: those around are wired past them, and what of their tensor wires goes to others is
/// taken off. They stay, with the wires among them and their sets of attributes.
pub fn extract(checked: &CheckedPage, out: &BTreeSet<BlockId>) -> Vec<Edit> {
    let mut edits = past(checked, out);
    let healed: BTreeSet<usize> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::PutBack { at, .. } => Some(*at),
            _ => None,
        })
        .collect();
    let outer = |wire: &Wire| {
        let crosses = out.contains(&wire.from.block) != out.contains(&wire.to.block);
        crosses && !is_of_attributes(checked, wire)
    };
    let wires = checked.page.wires.iter().enumerate().rev();
    let off: Vec<Edit> = wires
        .filter(|(at, wire)| outer(wire) && !healed.contains(at))
        .map(|(at, wire)| Edit::TakeOff { wire: wire.clone(), at })
        .collect();
    edits.extend(off);
    edits
}

fn is_of_attributes(checked: &CheckedPage, wire: &Wire) -> bool {
    let is_tensor = || checked.blocks.get(&wire.from.block).is_some_and(|b| b.output_index(&wire.from.port).is_some());
    &*wire.to.port == ATTRS_PORT || !is_tensor()
}

/// What the reader at the end of a wire reads instead: an output that stays.
fn source(checked: &CheckedPage, gone: &BTreeSet<BlockId>, wire: &Wire) -> Option<PortRef> {
    let reader = checked.blocks.get(&wire.to.block)?.spec()?.port(Direction::In, &wire.to.port)?;
    let mut open = vec![wire.from.clone()];
    let mut seen = BTreeSet::new();
    while let Some(port) = open.pop() {
        let block = checked.blocks.get(&port.block)?;
        let index = block.output_index(&port.port);
        if !gone.contains(&port.block) {
            let ty = index.and_then(|index| block.outputs.get(index));
            // Not back to itself.
            let fits = port.block != wire.to.block && ty.is_none_or(|ty| reader.types.allows(ty.dtype));
            if fits {
                return Some(port);
            }
        } else if seen.insert(port.block.clone()) {
            open.extend(inputs_like(checked, block, index).into_iter().rev());
        }
    }
    None
}

/// The outputs that a block reads, those first that are most like its own output number `index`.
fn inputs_like(checked: &CheckedPage, block: &CheckedBlock, index: Option<usize>) -> Vec<PortRef> {
    let output = index.and_then(|index| block.outputs.get(index));
    let mut found: Vec<(u8, PortRef)> = Vec::new();
    for wired in block.inputs.iter().flatten() {
        let Source::Output { block, index } = wired else { continue };
        let Some(source) = checked.blocks.get(block) else { continue };
        let Some(name) = source.setup.as_ref().and_then(|setup| setup.ports.output_name(*index)) else { continue };
        found.push((unlike(source.outputs.get(*index), output), PortRef::new(block, name)));
    }
    found.sort_by_key(|(unlike, _)| *unlike);
    found.into_iter().map(|(_, port)| port).collect()
}

fn unlike(a: Option<&TensorType>, b: Option<&TensorType>) -> u8 {
    match (a, b) {
        (Some(a), Some(b)) if a == b => 0,
        (Some(a), Some(b)) if a.dtype == b.dtype => 1,
        _ => 2,
    }
}
