//! What is different in two states of a page.

use std::sync::Arc;

use imbl::ordmap::DiffItem;

use crate::page::{BlockId, Page, PortRef, Wire};

/// What is different.
#[derive(Debug, Default)]
pub struct Changes<'p> {
    /// Blocks that were not there.
    pub added: Vec<&'p BlockId>,
    /// Blocks that are not there any more.
    pub removed: Vec<&'p BlockId>,
    /// Blocks that are there, and not the same.
    pub altered: Vec<&'p BlockId>,
    /// Places that were not there, are not there any more, or are others.
    pub places: Vec<&'p BlockId>,
    /// Wires that are not there any more, at least those.
    pub off: Vec<&'p Wire>,
    /// Wires that were not there, at least those.
    pub on: Vec<&'p Wire>,
    /// Whether nothing comes behind the wires that are on but others of them.
    pub at_end: bool,
}

impl<'p> Changes<'p> {
    /// What is different in `new`, compared with `old`.
    pub fn between(old: &'p Page, new: &'p Page) -> Changes<'p> {
        let mut changes = Changes::default();
        for item in old.blocks.diff(&new.blocks) {
            match item {
                DiffItem::Add(id, _) => changes.added.push(id),
                DiffItem::Remove(id, _) => changes.removed.push(id),
                DiffItem::Update { new: (id, _), .. } => changes.altered.push(id),
            }
        }
        for item in old.layout.diff(&new.layout) {
            match item {
                DiffItem::Add(id, _) | DiffItem::Remove(id, _) | DiffItem::Update { new: (id, _), .. } => {
                    changes.places.push(id);
                }
            }
        }
        if !Arc::ptr_eq(&old.wires, &new.wires) {
            changes.wires(&old.wires, &new.wires);
        }
        changes
    }
}

impl<'p> Changes<'p> {
    /// What is different in two lists of wires. One edit takes wires off here and there and puts others on; where that is
    /// not what has happened, all between the first and the last difference count as off and on.
    fn wires(&mut self, mut old: &'p [Wire], mut new: &'p [Wire]) {
        let is_next = |list: &[Wire], at: usize, wire: Option<&Wire>| match (list.get(at), wire) {
            (Some(a), Some(b)) => same_wire(a, b),
            (None, None) => true,
            _ => false,
        };
        self.at_end = true;
        loop {
            let same = old.iter().zip(new).take_while(|(a, b)| same_wire(a, b)).count();
            self.at_end &= same == 0 || self.on.is_empty();
            (old, new) = (&old[same..], &new[same..]);
            match (old, new) {
                ([], []) => return,
                ([gone, rest @ ..], _) if is_next(rest, 0, new.first()) => {
                    self.off.push(gone);
                    old = rest;
                }
                (_, [added, rest @ ..]) if is_next(rest, 0, old.first()) => {
                    self.on.push(added);
                    new = rest;
                }
                ([gone, old_rest @ ..], [added, new_rest @ ..]) if is_next(old_rest, 0, new_rest.first()) => {
                    self.off.push(gone);
                    self.on.push(added);
                    (old, new) = (old_rest, new_rest);
                }
                _ => break,
            }
        }
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| same_wire(a, b)).count();
        self.at_end &= end == 0;
        self.off.extend(&old[..old.len() - end]);
        self.on.extend(&new[..new.len() - end]);
    }
}

/// Whether two wires are one; most that are compared are copies.
fn same_wire(a: &Wire, b: &Wire) -> bool {
    let same = |a: &PortRef, b: &PortRef| a.block == b.block && (Arc::ptr_eq(&a.port, &b.port) || a.port == b.port);
    same(&a.from, &b.from) && same(&a.to, &b.to)
}
