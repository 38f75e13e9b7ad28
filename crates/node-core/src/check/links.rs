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
pub fn among<'w>(wires: &'w [Wire], mut blocks: Vec<&'w BlockId>) -> Vec<(&'w BlockId, Links)> {
    const FEW: usize = 8;
    blocks.sort_unstable();
    blocks.dedup();
    if blocks.len() > FEW {
        return among_many(wires, &blocks).into_iter().collect();
    }
    let mut links: Vec<(&BlockId, Links)> = blocks.into_iter().map(|id| (id, Links::default())).collect();
    for wire in wires {
        for (id, links) in &mut links {
            if wire.to.block == **id {
                links.incoming.push(wire.clone());
            }
            if wire.from.block == **id {
                links.outgoing.push(wire.clone());
            }
        }
    }
    links
}

fn among_many<'w>(wires: &'w [Wire], blocks: &[&'w BlockId]) -> HashMap<&'w BlockId, Links> {
    let mut links: HashMap<&BlockId, Links> = blocks.iter().map(|id| (*id, Links::default())).collect();
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
