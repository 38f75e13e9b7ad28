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
pub fn among<'w>(wires: &'w [Wire], mut blocks: Vec<&'w BlockId>) -> impl Iterator<Item = (&'w BlockId, Links)> {
    blocks.sort_unstable();
    blocks.dedup();
    let number: HashMap<&BlockId, usize> = blocks.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let ends: Vec<(Option<usize>, Option<usize>)> =
        wires.iter().map(|wire| (number.get(&wire.from.block).copied(), number.get(&wire.to.block).copied())).collect();
    let mut counts = vec![(0, 0); blocks.len()];
    for (from, to) in &ends {
        from.iter().for_each(|from| counts[*from].0 += 1);
        to.iter().for_each(|to| counts[*to].1 += 1);
    }
    let none =
        |(outgoing, incoming)| Links { incoming: Vec::with_capacity(incoming), outgoing: Vec::with_capacity(outgoing) };
    let mut links: Vec<Links> = counts.into_iter().map(none).collect();
    for (wire, (from, to)) in wires.iter().zip(ends) {
        from.into_iter().for_each(|from| links[from].outgoing.push(wire.clone()));
        to.into_iter().for_each(|to| links[to].incoming.push(wire.clone()));
    }
    blocks.into_iter().zip(links)
}
