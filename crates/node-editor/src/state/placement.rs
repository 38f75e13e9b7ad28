//! Places for blocks that have none: beside those that they are wired to; where no block has a place, columns by depth,
//! so that wires run from left to right.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Rect, pos2, vec2};
use node_core::check::{CheckedPage, Source};
use node_core::{BlockId, Placement};

const COLUMN: f64 = 300.0;
const GAP: f64 = 40.0;
/// A column of blocks that want one place is no taller than this.
const TALLEST: f64 = 8_000.0;
/// Blocks farther than this from most others do not count as their neighbourhood.
const FAR: f64 = 10_000.0;

/// The place of every block: its own, or the one that it was given `earlier`, or one beside the blocks that it is wired
/// to, else below the others. `size` is a block's width and height.
pub fn places(
    checked: &CheckedPage,
    earlier: &BTreeMap<BlockId, Placement>,
    size: impl Fn(&BlockId) -> (f64, f64),
) -> BTreeMap<BlockId, Placement> {
    let mut places: BTreeMap<BlockId, Placement> = BTreeMap::new();
    for id in checked.page.blocks.keys() {
        let own = checked.page.layout.get(id).filter(|place| place.is_within());
        if let Some(place) = own.or_else(|| earlier.get(id)) {
            places.insert(id.clone(), *place);
        }
    }
    if places.len() == checked.page.blocks.len() {
        return places;
    }
    if places.is_empty() {
        return columns(checked, size);
    }
    let mut taken = Taken::default();
    places.iter().for_each(|(id, place)| taken.insert(place, size(id)));
    let wired = neighbours(checked);
    let loose = below(&places, &size);
    let mut next: BTreeMap<(i64, i64), Placement> = BTreeMap::new();
    let mut unplaced: Vec<_> = depths(checked).into_iter().filter(|(id, _)| !places.contains_key(id)).collect();
    unplaced.sort_by_key(|(_, depth)| *depth);
    for (id, _) in unplaced {
        let (before, after) = wired.get(&id).cloned().unwrap_or_default();
        let beside = |ids: &[&BlockId], dx: f64| {
            ids.iter().find_map(|id| places.get(*id)).map(|place| Placement::at(place.x + dx, place.y))
        };
        let wanted = beside(&before, COLUMN).or_else(|| beside(&after, -COLUMN));
        // Many may want the same place: the search goes on where the last one ended.
        let wanted = wanted.unwrap_or(loose);
        let from = next.entry((wanted.x as i64, wanted.y as i64)).or_insert(wanted);
        let mut place = taken.free_from(*from, size(&id));
        while place.y > wanted.y + TALLEST {
            place = taken.free_from(Placement::at(place.x + COLUMN, wanted.y), size(&id));
        }
        *from = place;
        place = place.kept_within();
        taken.insert(&place, size(&id));
        places.insert(id, place);
    }
    places
}

/// Columns by depth.
fn columns(checked: &CheckedPage, size: impl Fn(&BlockId) -> (f64, f64)) -> BTreeMap<BlockId, Placement> {
    let mut next: BTreeMap<usize, f64> = BTreeMap::new();
    let place = |(id, depth): (BlockId, usize)| {
        let y = next.entry(depth).or_insert(60.0);
        let place = Placement::at(60.0 + COLUMN * depth as f64, *y);
        *y += size(&id).1 + GAP;
        (id, place)
    };
    depths(checked).into_iter().map(place).collect()
}

/// The blocks before and after each block.
fn neighbours(checked: &CheckedPage) -> BTreeMap<BlockId, (Vec<&BlockId>, Vec<&BlockId>)> {
    let mut wired: BTreeMap<BlockId, (Vec<&BlockId>, Vec<&BlockId>)> = BTreeMap::new();
    for wire in checked.page.wires.iter() {
        wired.entry(wire.to.block.clone()).or_default().0.push(&wire.from.block);
        wired.entry(wire.from.block.clone()).or_default().1.push(&wire.to.block);
    }
    wired
}

/// Below the blocks, but for those that stand far away from most.
fn below(places: &BTreeMap<BlockId, Placement>, size: impl Fn(&BlockId) -> (f64, f64)) -> Placement {
    let median = |of: fn(&Placement) -> f64| {
        let mut values: Vec<f64> = places.values().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[(values.len() - 1) / 2]
    };
    let (x, y) = (median(|place| place.x), median(|place| place.y));
    let near = places.iter().filter(|(_, place)| (place.x - x).abs() < FAR && (place.y - y).abs() < FAR);
    let (mut left, mut bottom) = (f64::INFINITY, f64::NEG_INFINITY);
    for (id, place) in near {
        left = left.min(place.x);
        bottom = bottom.max(place.y + size(id).1);
    }
    Placement::at(left, bottom + 2.0 * GAP)
}

/// Where blocks stand, to be asked quickly.
#[derive(Default)]
struct Taken(BTreeMap<(i64, i64), Vec<Rect>>);

impl Taken {
    fn cells(rect: Rect) -> impl Iterator<Item = (i64, i64)> {
        let cell = |v: f32| (f64::from(v) / COLUMN).floor() as i64;
        let (columns, rows) = (cell(rect.left())..=cell(rect.right()), cell(rect.top())..=cell(rect.bottom()));
        columns.flat_map(move |x| rows.clone().map(move |y| (x, y)))
    }

    fn insert(&mut self, place: &Placement, size: (f64, f64)) {
        let rect = rect(place, size);
        Self::cells(rect).for_each(|cell| self.0.entry(cell).or_default().push(rect));
    }

    /// The first free place from `place` downwards.
    fn free_from(&self, mut place: Placement, size: (f64, f64)) -> Placement {
        loop {
            let wanted = rect(&place, size);
            let mut in_the_way = Self::cells(wanted).filter_map(|cell| self.0.get(&cell)).flatten();
            match in_the_way.find(|taken| taken.intersects(wanted)) {
                Some(taken) => place.y = (f64::from(taken.bottom()) + GAP / 2.0 + 1.0).ceil(),
                None => return place,
            }
        }
    }
}

/// A block with the gap around it.
fn rect(place: &Placement, size: (f64, f64)) -> Rect {
    let half = GAP as f32 / 2.0;
    Rect::from_min_size(pos2(place.x as f32, place.y as f32), vec2(size.0 as f32, size.1 as f32)).expand(half)
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
                Source::Literal => None,
            })
            .max();
        if let Some(slot) = depths.get_mut(id) {
            *slot = depth.unwrap_or(0).max(usize::from(given.contains(id)));
        }
    }
    depths
}
