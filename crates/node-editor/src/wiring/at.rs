//! The wires at a port.

use node_core::Wire;
use node_core::check::CheckedPage;
use node_core::name::split_item;
use node_core::{Direction, PortRef};

use crate::state::view::PortEnd;

/// The wire that ends at an input; in a list that of its row.
pub fn wire_at(checked: &CheckedPage, end: &PortEnd) -> Option<Wire> {
    let links = checked.links(&end.port.block).filter(|_| end.direction == Direction::In);
    let mut wires = links.into_iter().flat_map(|links| &links.incoming).filter(|wire| answers(checked, &wire.to, end));
    let is_list = is_list(checked, end);
    let wired = match split_item(&end.port.port).1 {
        Some(nth) if is_list => wires.nth(nth),
        // The free row of a list.
        None if is_list => None,
        _ => wires.next_back(),
    };
    wired.cloned()
}

/// Where the wire that ends at an input stands among the page's: one output may feed several rows of a list.
pub fn place_at(checked: &CheckedPage, end: &PortEnd) -> Option<(Wire, usize)> {
    let wire = wire_at(checked, end)?;
    let all = checked.page.wires.iter().enumerate();
    let mut ending =
        all.filter(|(_, wire)| wire.to.block == end.port.block && answers(checked, &wire.to, end)).map(|(at, _)| at);
    let at = match split_item(&end.port.port).1 {
        Some(nth) if is_list(checked, end) => ending.nth(nth),
        _ => ending.next_back(),
    };
    at.map(|at| (wire, at))
}

/// All wires at a port; at an input of a list that of its row, at an input of sets all of them.
pub fn wires_at(checked: &CheckedPage, end: &PortEnd) -> Vec<Wire> {
    let Some(links) = checked.links(&end.port.block) else { return Vec::new() };
    match end.direction {
        Direction::In if is_list(checked, end) => wire_at(checked, end).into_iter().collect(),
        Direction::In => links.incoming.iter().filter(|wire| answers(checked, &wire.to, end)).cloned().collect(),
        Direction::Out => {
            let index = |port: &PortRef| checked.blocks.get(&port.block).and_then(|b| b.output_index(&port.port));
            let own = index(&end.port);
            let is_same = |wire: &&Wire| wire.from == end.port || own.is_some() && index(&wire.from) == own;
            links.outgoing.iter().filter(is_same).cloned().collect()
        }
    }
}

fn answers(checked: &CheckedPage, port: &PortRef, end: &PortEnd) -> bool {
    let spec = checked.blocks.get(&port.block).and_then(|b| b.spec());
    match spec.and_then(|s| s.port(end.direction, &port.port)) {
        Some(spec) => spec.answers_to(split_item(&end.port.port).0),
        None => port.port == end.port.port,
    }
}

/// Whether any number of wires ends at a port, each in a row of its own.
pub fn is_list(checked: &CheckedPage, end: &PortEnd) -> bool {
    let spec = checked.blocks.get(&end.port.block).and_then(|b| b.spec());
    spec.and_then(|spec| spec.port(end.direction, split_item(&end.port.port).0)).is_some_and(|port| port.is_list())
}
