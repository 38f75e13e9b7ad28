//! Putting a block between the two ends of a wire.

use node_core::check::CheckedPage;
use node_core::page::Wire;
use node_core::{BlockId, BlockSpec, Direction, Edit, PortKind, PortSpec};

use super::fit::Fit;
use super::free::{dtype, ends};
use crate::state::view::PortEnd;

/// The edits that put a block which has no tensor wires into `wire`: its first free input takes what the wire carries,
/// its first output feeds where the wire went. Nothing if it does not fit.
pub fn into(checked: &CheckedPage, id: &BlockId, wire: &Wire) -> Option<Vec<Edit>> {
    let block = checked.blocks.get(id)?;
    let is_tensor = |wire: &Wire| &*wire.to.port != node_core::port::ATTRS_PORT;
    let is_loose = !block.links.incoming.iter().chain(&block.links.outgoing).any(is_tensor);
    let has_literal =
        |port: &PortSpec| checked.page.block(id.as_str()).is_some_and(|node| node.literal(port).is_some());
    if is_loose { with(checked, id, block.spec()?, wire, has_literal) } else { None }
}

/// The same for a block that is not on the page yet.
pub fn new_into(checked: &CheckedPage, id: &BlockId, spec: &BlockSpec, wire: &Wire) -> Option<Vec<Edit>> {
    with(checked, id, spec, wire, |_| false)
}

fn with(
    checked: &CheckedPage,
    id: &BlockId,
    spec: &BlockSpec,
    wire: &Wire,
    has_literal: impl Fn(&PortSpec) -> bool,
) -> Option<Vec<Edit>> {
    let kind = PortKind::Tensor;
    let at = checked.page.wires.iter().position(|other| other == wire)?;
    let from = PortEnd { port: wire.from.clone(), direction: Direction::Out, kind };
    let carried = dtype(checked, &from)?;
    let fit = Fit::new(checked, &from, Some(wire));
    let inputs = ends(id, spec, Direction::In, kind).filter(|(_, port)| port.types.allows(carried));
    let mut inputs: Vec<_> = inputs.filter_map(|(end, port)| Some((has_literal(port), fit.wire(&end).ok()?))).collect();
    inputs.sort_by_key(|(has_literal, _)| *has_literal);
    let (_, input) = inputs.into_iter().next()?;
    let to = PortEnd { port: wire.to.clone(), direction: Direction::In, kind };
    let fit = Fit::new(checked, &to, Some(wire));
    let output = ends(id, spec, Direction::Out, kind).find_map(|(end, _)| fit.wire(&end).ok())?;
    Some(vec![
        Edit::TakeOff { wire: wire.clone(), at },
        // Its place in a list stays.
        Edit::PutBack { wire: output, at },
        Edit::Connect { wire: input },
    ])
}
