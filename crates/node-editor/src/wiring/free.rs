//! Free ports: where a wire goes that is let go on a block, not on a port of it.

use node_core::check::CheckedPage;
use node_core::name::of_item;
use node_core::page::Wire;
use node_core::{BlockId, BlockSpec, DType, Direction, PortKind, PortRef, PortSpec};

use super::fit::Fit;
use crate::state::view::PortEnd;

/// The ports of a block in one direction that carry `kind`, in order: of a list of outputs the first, of one of inputs
/// the list itself.
pub fn ends<'s>(
    id: &'s BlockId,
    spec: &'s BlockSpec,
    direction: Direction,
    kind: PortKind,
) -> impl Iterator<Item = (PortEnd, &'s PortSpec)> {
    let name = |port: &PortSpec| match port.direction == Direction::Out && port.is_list() {
        true => of_item(&port.name, 0),
        false => port.name.to_string(),
    };
    let wanted = spec.ports.iter().filter(move |port| port.direction == direction && port.kind == kind);
    wanted.map(move |port| (PortEnd { port: PortRef::new(id, &name(port)), direction, kind }, &**port))
}

/// The wire from or to the first port of a new block that takes it.
pub fn of_new(checked: &CheckedPage, id: &BlockId, spec: &BlockSpec, end: &PortEnd) -> Option<Wire> {
    let fit = Fit::new(checked, end, None);
    let carried = dtype(checked, end);
    let allows = |port: &PortSpec| match end.direction {
        Direction::Out => carried.is_none_or(|dtype| port.types.allows(dtype)),
        Direction::In => true,
    };
    let ends = ends(id, spec, opposite(end.direction), end.kind);
    ends.filter(|(_, port)| allows(port)).find_map(|(to, _)| fit.wire(&to).ok())
}

/// The wire from `end` to the first free port of a block that takes it: one that has neither wire nor literal, else one
/// whose literal gives way. An output is always free. Says what to do where there is none.
pub fn of_block(checked: &CheckedPage, id: &BlockId, end: &PortEnd, detached: Option<&Wire>) -> Result<Wire, String> {
    let unknown = || format!("The type of {id} is unknown, and so are its ports.");
    let block = checked.blocks.get(id).ok_or_else(unknown)?;
    let spec = block.spec().ok_or_else(unknown)?;
    let fit = Fit::new(checked, end, detached);
    let node = checked.page.block(id.as_str());
    let is_wired = |port: &PortSpec| {
        let mut incoming = block.links.incoming.iter().filter(|wire| Some(*wire) != detached);
        incoming.any(|wire| port.answers_to(&wire.to.port))
    };
    let takes_more =
        |port: &PortSpec| port.direction == Direction::Out || port.is_list() || port.kind == PortKind::Attrs;
    let has_literal = |port: &PortSpec| node.is_some_and(|node| node.literal(port).is_some());
    let mut fits: Vec<(bool, Wire)> = Vec::new();
    let mut why = None;
    for (to, port) in ends(id, spec, opposite(end.direction), end.kind) {
        if !takes_more(port) && is_wired(port) {
            continue;
        }
        match fit.wire(&to) {
            Ok(wire) => fits.push((has_literal(port), wire)),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    fits.sort_by_key(|(has_literal, _)| *has_literal);
    let none = || format!("{id} has no free port for it; let go on a port to put this wire in another's place.");
    fits.into_iter().next().map(|(_, wire)| wire).ok_or_else(|| why.unwrap_or_else(none))
}

/// The other way.
pub fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::In => Direction::Out,
        Direction::Out => Direction::In,
    }
}

/// The type of what comes out at an output, where it is known.
pub fn dtype(checked: &CheckedPage, end: &PortEnd) -> Option<DType> {
    let block = checked.blocks.get(&end.port.block).filter(|_| end.direction == Direction::Out)?;
    block.outputs.get(block.output_index(&end.port.port)?).map(|ty| ty.dtype)
}
