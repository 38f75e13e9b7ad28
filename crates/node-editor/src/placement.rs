//! Places for blocks that have none: columns by depth, so that wires run from left to right.

use std::collections::{BTreeMap, BTreeSet};

use node_core::check::{CheckedPage, Source};
use node_core::{BlockId, Placement};

const COLUMN: f64 = 300.0;
const GAP: f64 = 40.0;

/// The place of every block: its own, or the one that it was given `earlier`, or one below all blocks that have one.
pub fn places(
    checked: &CheckedPage,
    earlier: &BTreeMap<BlockId, Placement>,
    height: impl Fn(&BlockId) -> f64,
) -> BTreeMap<BlockId, Placement> {
    let mut places: BTreeMap<BlockId, Placement> = BTreeMap::new();
    let (mut left, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
    for id in checked.page.blocks.keys() {
        let own = checked.page.layout.get(id).filter(|place| place.is_within());
        if let Some(place) = own.or_else(|| earlier.get(id)) {
            left = left.min(place.x);
            bottom = bottom.max(place.y + height(id));
            places.insert(id.clone(), *place);
        }
    }
    let (left, top) = if places.is_empty() { (60.0, 60.0) } else { (left, bottom + 2.0 * GAP) };
    let mut next: BTreeMap<usize, f64> = BTreeMap::new();
    for (id, depth) in depths(checked) {
        if !places.contains_key(&id) {
            let y = next.entry(depth).or_insert(top);
            places.insert(id.clone(), Placement::at(left + COLUMN * depth as f64, *y));
            *y += height(&id) + GAP;
        }
    }
    places
}

/// For each block the length of the longest path that leads to it; blocks of loops at 0.
fn depths(checked: &CheckedPage) -> BTreeMap<BlockId, usize> {
    let given: BTreeSet<&BlockId> = checked
        .page
        .wires
        .iter()
        .filter(|wire| &*wire.to.port == node_core::port::ATTRS_PORT)
        .map(|wire| &wire.to.block)
        .collect();
    let mut depths: BTreeMap<BlockId, usize> = checked.page.blocks.keys().map(|id| (id.clone(), 0)).collect();
    for id in checked.order.iter() {
        let sources = checked.blocks.get(id).map(|b| b.inputs.iter().flatten()).into_iter().flatten();
        let depth = sources
            .filter_map(|source| match source {
                Source::Output { block, .. } => depths.get(block).map(|d| d + 1),
                Source::Literal(_) => None,
            })
            .max();
        if let Some(slot) = depths.get_mut(id) {
            *slot = depth.unwrap_or(0).max(usize::from(given.contains(id)));
        }
    }
    depths
}
