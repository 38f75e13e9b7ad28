//! The wires at each block, so that nobody has to look through all of them.

use std::collections::HashMap;

use crate::page::{BlockId, Wire};

/// The wires at one block, in the page's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Those that end at it.
    pub incoming: Vec<Wire>,
    /// Those that begin at it.
    pub outgoing: Vec<Wire>,
}

impl Links {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.incoming.is_empty() && self.outgoing.is_empty()
    }
}

/// The wires at these blocks, from all of a page's.
pub fn among<'w>(wires: &'w [Wire], blocks: impl Iterator<Item = &'w BlockId>) -> HashMap<&'w BlockId, Links> {
    let mut links: HashMap<&BlockId, Links> = blocks.map(|id| (id, Links::default())).collect();
    for wire in wires {
        if let Some(to) = links.get_mut(&wire.to.block) {
            to.incoming.push(wire.clone());
        }
        if let Some(from) = links.get_mut(&wire.from.block) {
            from.outgoing.push(wire.clone());
        }
    }
    links
}
