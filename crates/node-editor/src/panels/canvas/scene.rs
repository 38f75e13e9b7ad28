//! Everything on the canvas of a page, in the page's own coordinates. It is kept, and made anew only where a checked
//! block, its place or its result has changed.

mod follow;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2};
use imbl::OrdMap;
use node_core::check::CheckedPage;
use node_core::decor::Decor;
use node_core::{BlockId, DType, Name, Placement, PortKind, Wire};

use super::course::{Course, Place};
use super::grid::Grid;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;

/// A wire on the canvas.
#[derive(Clone, Debug)]
pub struct WireShape {
    /// The wire.
    pub wire: Wire,
    /// The way that it takes.
    pub course: Course,
    /// What it carries.
    pub kind: PortKind,
    /// The type of its tensor, where it is known.
    pub dtype: Option<DType>,
    /// Whether it is one to look at: at a selected block, or where none is selected.
    pub stands_out: bool,
    /// Where the block stands from which it comes.
    source: u32,
}

/// A block on the canvas, with the wires that end at it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The block.
    pub block: BlockShape,
    /// The wires that end at it.
    pub wires: Vec<WireShape>,
    /// The category of its type, where that is known.
    pub category: Option<Name>,
    /// Whether it is selected.
    pub selected: bool,
    /// Counts up when it is made anew.
    pub version: u64,
    /// Around the wires.
    around: Rect,
}

/// Everything on the canvas.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    items: Vec<Option<Item>>,
    free: Vec<u32>,
    index: HashMap<BlockId, u32>,
    blocks: Grid,
    wires: Grid,
    bounds: Option<Rect>,
    version: u64,
    seen: Option<Seen>,
    selection: Option<Arc<BTreeSet<BlockId>>>,
}

/// What the scene was made from.
#[derive(Clone)]
struct Seen {
    checked: Arc<CheckedPage>,
    places: OrdMap<BlockId, Placement>,
    generation: u64,
    failing: BTreeSet<BlockId>,
    decor: Arc<Decor>,
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} blocks", self.places.len())
    }
}

impl Scene {
    /// Counts up when anything is another.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The block called `id`.
    pub fn block(&self, id: &BlockId) -> Option<&BlockShape> {
        self.item(id).map(|item| &item.block)
    }

    /// The block called `id`, with its wires.
    pub fn item(&self, id: &BlockId) -> Option<&Item> {
        self.index.get(id).and_then(|slot| self.items[*slot as usize].as_ref())
    }

    /// Whether there are no blocks.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// All blocks.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().flatten()
    }

    /// A wire, if it is there.
    pub fn wire(&self, wire: &Wire) -> Option<&WireShape> {
        self.item(&wire.to.block)?.wires.iter().find(|shape| shape.wire == *wire)
    }

    /// The blocks that touch a rectangle.
    pub fn blocks_in(&self, rect: Rect) -> impl Iterator<Item = &Item> {
        let near = self.blocks.near(rect).into_iter().filter_map(|slot| self.items[slot as usize].as_ref());
        near.filter(move |item| item.block.rect.intersects(rect))
    }

    /// The wires that may touch a rectangle.
    pub fn wires_in(&self, rect: Rect) -> impl Iterator<Item = &WireShape> {
        let near = self.wires.near(rect).into_iter().filter_map(|slot| self.items[slot as usize].as_ref());
        let touches = move |wire: &&WireShape| wire.course.bounds().expand(1.0).intersects(rect);
        near.flat_map(|item| &item.wires).filter(touches)
    }

    /// All wires as they are while the selected blocks are moved.
    pub fn moved_wires(&self, by: Vec2) -> impl Iterator<Item = (&WireShape, Course)> {
        let shift = move |selected: bool| if selected { by } else { Vec2::ZERO };
        let wires = self.items().flat_map(move |item| item.wires.iter().map(move |wire| (wire, shift(item.selected))));
        wires.map(move |(wire, to)| {
            let from = shift(self.items[wire.source as usize].as_ref().is_some_and(|item| item.selected));
            (wire, wire.course.moved(from, to))
        })
    }

    /// The frontmost block at a point.
    pub fn block_at(&self, tab: &Tab, at: Pos2) -> Option<&BlockShape> {
        let here = self.blocks_in(Rect::from_pos(at)).filter(|item| item.block.rect.contains(at));
        here.max_by(|a, b| depth(tab, a).cmp(&depth(tab, b))).map(|item| &item.block)
    }

    /// The port whose pin is nearest to a point, within `reach`.
    pub fn port_at(&self, at: Pos2, reach: f32) -> Option<&PortShape> {
        let near = self.blocks_in(Rect::from_pos(at).expand(reach));
        let ports = near.flat_map(|item| &item.block.ports).map(|p| (p.pin.distance(at), p));
        ports.filter(|(d, _)| *d <= reach).min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, port)| port)
    }

    /// The wire nearest to a point within `reach`, and which place of it is nearest.
    pub fn wire_at(&self, at: Pos2, reach: f32) -> Option<(&WireShape, Place)> {
        let near = self.wires_in(Rect::from_pos(at).expand(reach));
        let wires = near.map(|wire| (wire, wire.course.nearest(at))).filter(|(_, place)| place.distance <= reach);
        wires.min_by(|(_, a), (_, b)| a.distance.total_cmp(&b.distance))
    }

    /// The rectangle around all blocks.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds
    }
}

/// How far in front a block is: selected ones are in front of all.
pub fn depth<'i>(tab: &Tab, item: &'i Item) -> (bool, u64, &'i BlockId) {
    (item.selected, tab.view.front(&item.block.id), &item.block.id)
}
