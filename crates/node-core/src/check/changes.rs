//! What is different in two states of a page.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    pub off: &'p [Wire],
    /// Wires that were not there, at least those.
    pub on: &'p [Wire],
    /// Whether nothing comes behind the wires that are on.
    pub at_end: bool,
}

impl<'p> Changes<'p> {
    /// What is different in `new`, compared with `old`.
    pub fn between(old: &'p Page, new: &'p Page) -> Changes<'p> {
        let mut changes = Changes::default();
        let same = |a: &Arc<_>, b: &Arc<_>| Arc::ptr_eq(a, b) || a == b;
        side_by_side(&old.blocks, &new.blocks, same, |id, was_there, is_there| match (was_there, is_there) {
            (false, _) => changes.added.push(id),
            (_, false) => changes.removed.push(id),
            _ => changes.altered.push(id),
        });
        if !Arc::ptr_eq(&old.layout, &new.layout) {
            side_by_side(&old.layout, &new.layout, PartialEq::eq, |id, _, _| changes.places.push(id));
        }
        if !Arc::ptr_eq(&old.wires, &new.wires) {
            let (a, b) = (&old.wires[..], &new.wires[..]);
            let begin = a.iter().zip(b).take_while(|(a, b)| same_wire(a, b)).count();
            let (a, b) = (&a[begin..], &b[begin..]);
            let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| same_wire(a, b)).count();
            (changes.off, changes.on, changes.at_end) = (&a[..a.len() - end], &b[..b.len() - end], end == 0);
        }
        changes
    }
}

/// Whether two wires are one; most that are compared are copies.
fn same_wire(a: &Wire, b: &Wire) -> bool {
    let same = |a: &PortRef, b: &PortRef| a.block == b.block && (Arc::ptr_eq(&a.port, &b.port) || a.port == b.port);
    same(&a.from, &b.from) && same(&a.to, &b.to)
}

/// Goes through two maps at once, and tells of every key that is in one of them or has not the same value in both.
fn side_by_side<'p, V>(
    old: &'p BTreeMap<BlockId, V>,
    new: &'p BTreeMap<BlockId, V>,
    same: impl Fn(&V, &V) -> bool,
    mut tell: impl FnMut(&'p BlockId, bool, bool),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) if a == b => Ordering::Equal,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let was = old.next_if(|_| order.is_le());
        let is = new.next_if(|_| order.is_ge());
        match (was, is) {
            (Some((id, a)), Some((_, b))) if !same(a, b) => tell(id, true, true),
            (Some((id, _)), None) => tell(id, true, false),
            (None, Some((id, _))) => tell(id, false, true),
            _ => {}
        }
    }
}
