//! The panels and where they are docked: canvases, inspectors, the palette, the list of problems.

mod kept;
mod pane;

use std::collections::BTreeMap;

use egui::{Id, Pos2, Rect};
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tiles, Tree};
use node_core::{BlockId, PortRef};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tab::TabId;
use crate::size;
use kept::Kept;
pub use pane::Pane;

/// What an inspector shows, whatever is selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The page.
    pub page: TabId,
    /// The port; without a name the whole block.
    pub port: PortRef,
}

/// Where panels are.
#[derive(Clone, PartialEq)]
pub struct Layout(Tree<Pane>);

impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", kept::of(&self.0))
    }
}

impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        kept::of(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Layout {
    /// What is no layout, or one without a canvas, is the first one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Layout, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Kept(Kept),
            Other(IgnoredAny),
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Kept(kept) => Layout(kept::tree(&kept, Id::unique("dock"))).mended(),
            Stored::Other(_) => Layout::default(),
        })
    }
}

impl Default for Layout {
    fn default() -> Layout {
        let mut tiles = Tiles::default();
        let panes = [Pane::Palette, Pane::Canvas(0), Pane::Inspector(0)].map(|pane| tiles.insert_pane(pane));
        let mut row = Linear::new(LinearDir::Horizontal, panes.to_vec());
        for (tile, width) in panes.into_iter().zip([size::PALETTE, FIRST_CANVAS, size::INSPECTOR]) {
            row.shares.set_share(tile, width);
        }
        let root = tiles.insert_container(row);
        Layout(Tree::new(Id::unique("dock"), root, tiles))
    }
}

/// The first canvas's width in a window as large as a new one.
const FIRST_CANVAS: f32 = 892.0;
/// A canvas is at least so wide, as long as something else can give way.
const LEAST_CANVAS: f32 = 300.0;
/// A panel beside it is at least so wide.
const LEAST_SIDE: f32 = 150.0;

impl Layout {
    /// The first one, unless there is exactly the first canvas, and each other panel once; only what another session can
    /// show stays: pins, and pages of other canvases, are this one's.
    fn mended(mut self) -> Layout {
        let stays = |pane: &Pane| {
            matches!(pane, Pane::Palette | Pane::Canvas(0) | Pane::Inspector(0) | Pane::Problems | Pane::Analysis)
        };
        let gone: Vec<TileId> = panes(&self.0).into_iter().filter(|(_, pane)| !stays(pane)).map(|(id, _)| id).collect();
        for tile in gone {
            self.0.remove_recursively(tile);
        }
        let mut left: Vec<Pane> = panes(&self.0).into_iter().map(|(_, pane)| pane).collect();
        left.sort();
        let all = left.len();
        left.dedup();
        let needed = [Pane::Palette, Pane::Canvas(0), Pane::Inspector(0)];
        let is_whole = needed.iter().all(|pane| left.contains(pane)) && left.len() == all;
        if is_whole { self } else { Layout::default() }
    }
}

/// All panels that hang on the tree's root.
fn panes(tree: &Tree<Pane>) -> Vec<(TileId, Pane)> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<TileId> = tree.root.into_iter().collect();
    while let Some(tile) = open.pop().filter(|_| seen.len() < 10_000) {
        if !seen.insert(tile.0) {
            continue;
        }
        match tree.tiles.get(tile) {
            Some(Tile::Pane(pane)) => found.push((tile, *pane)),
            Some(Tile::Container(container)) => open.extend(container.children()),
            None => {}
        }
    }
    found
}

/// The panels, and what canvases and inspectors among them show.
pub struct Dock {
    /// Where they are; the shell lends it to those who draw it.
    pub(crate) layout: Layout,
    /// Which page a canvas shows.
    canvases: BTreeMap<u32, TabId>,
    /// What an inspector is pinned to.
    pins: BTreeMap<u32, Pin>,
    /// The canvas that has the keys: its page is the one that is shown.
    pub(crate) focus: u32,
    /// How wide it was.
    width: Option<f32>,
    last: u32,
}

impl Dock {
    /// As it was remembered.
    pub(crate) fn new(layout: Layout) -> Dock {
        Dock { layout, canvases: BTreeMap::new(), pins: BTreeMap::new(), focus: 0, width: None, last: 0 }
    }

    /// The panels that there are.
    pub(crate) fn panes(&self) -> Vec<Pane> {
        panes(&self.layout.0).into_iter().map(|(_, pane)| pane).collect()
    }

    /// Whether a panel is there and not behind another.
    pub(crate) fn is_seen(&self, pane: Pane) -> bool {
        self.tile(pane).is_some_and(|tile| self.layout.0.active_tiles().contains(&tile))
    }

    fn tile(&self, pane: Pane) -> Option<TileId> {
        panes(&self.layout.0).into_iter().find(|(_, other)| *other == pane).map(|(tile, _)| tile)
    }

    /// Where a panel was drawn last, if it was.
    pub(crate) fn rect(&self, pane: Pane) -> Option<Rect> {
        self.tile(pane).filter(|_| self.is_seen(pane)).and_then(|tile| self.layout.0.tiles.rect(tile))
    }

    /// The canvases that are there.
    pub(crate) fn canvases(&self) -> Vec<u32> {
        let number = |pane: Pane| if let Pane::Canvas(number) = pane { Some(number) } else { None };
        let mut numbers: Vec<u32> = self.panes().into_iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The canvas at a point of the screen.
    pub(crate) fn canvas_at(&self, at: Pos2) -> Option<u32> {
        self.canvases()
            .into_iter()
            .find(|number| self.rect(Pane::Canvas(*number)).is_some_and(|rect| rect.contains(at)))
    }

    /// The page that a canvas shows, if it has been told.
    pub(crate) fn page_of(&self, canvas: u32) -> Option<TabId> {
        self.canvases.get(&canvas).copied()
    }

    /// A canvas shows a page.
    pub(crate) fn show(&mut self, canvas: u32, page: TabId) {
        self.canvases.insert(canvas, page);
    }

    /// What an inspector is pinned to.
    pub(crate) fn pin(&self, inspector: u32) -> Option<&Pin> {
        self.pins.get(&inspector)
    }

    /// The blocks of a page that inspectors are pinned to.
    pub(crate) fn pinned(&self, page: TabId) -> impl Iterator<Item = &BlockId> {
        self.pins.values().filter(move |pin| pin.page == page).map(|pin| &pin.port.block)
    }

    /// Blocks of a page have other ids.
    pub(crate) fn follow(&mut self, page: TabId, gone: &[(BlockId, Option<BlockId>)]) {
        for pin in self.pins.values_mut().filter(|pin| pin.page == page) {
            if let Some((_, Some(to))) = gone.iter().find(|(from, _)| *from == pin.port.block) {
                pin.port.block = to.clone();
            }
        }
    }

    /// Another canvas, to the right of the one that has the keys; it shows the same page.
    pub(crate) fn add_canvas(&mut self, page: TabId) {
        self.last += 1;
        let (number, beside) = (self.last, Pane::Canvas(self.focus));
        self.split(beside, Pane::Canvas(number), LinearDir::Horizontal, 0.5);
        self.canvases.insert(number, page);
        self.focus = number;
    }

    /// Another inspector, below the first, pinned.
    pub(crate) fn add_inspector(&mut self, pin: Pin) {
        self.last += 1;
        let number = self.last;
        let beside = if self.is_seen(Pane::Inspector(0)) { Pane::Inspector(0) } else { Pane::Canvas(self.focus) };
        self.split(beside, Pane::Inspector(number), LinearDir::Vertical, 0.5);
        self.pins.insert(number, pin);
    }

    /// A panel comes, below the canvas that has the keys, or goes.
    pub(crate) fn toggle(&mut self, pane: Pane) {
        match self.tile(pane) {
            Some(_) => self.close(pane),
            None => self.open(pane),
        }
    }

    /// A panel is there and in front: below the canvas that has the keys, where it was not.
    pub(crate) fn open(&mut self, pane: Pane) {
        match self.tile(pane) {
            Some(tile) => drop(self.layout.0.make_active(|other, _| other == tile)),
            None => self.split(Pane::Canvas(self.focus), pane, LinearDir::Vertical, 0.64),
        }
    }

    /// Closes a panel that is not needed: never the last canvas.
    pub(crate) fn close(&mut self, pane: Pane) {
        let is_last = matches!(pane, Pane::Canvas(_)) && self.canvases().len() < 2;
        if let Some(tile) = self.tile(pane).filter(|_| !is_last) {
            self.layout.0.remove_recursively(tile);
        }
        if let Pane::Inspector(number) = pane {
            self.pins.remove(&number);
        }
        self.settle();
    }

    /// All panels where they were first.
    pub(crate) fn reset(&mut self) {
        *self = Dock { last: self.last, ..Dock::new(Layout::default()) };
    }

    /// Puts a panel beside or below another, which keeps a part of its room.
    fn split(&mut self, beside: Pane, new: Pane, dir: LinearDir, part: f32) {
        let Some(old) = self.tile(beside) else { return };
        let tree = &mut self.layout.0;
        let parent = tree.tiles.parent_of(old);
        // A tab is split with all that is in its bar.
        let tabs = parent.filter(|parent| matches!(tree.tiles.get_container(*parent), Some(Container::Tabs(_))));
        let (old, parent) = match tabs {
            Some(tabs) => (tabs, tree.tiles.parent_of(tabs)),
            None => (old, parent),
        };
        let added = tree.tiles.insert_pane(new);
        let both = tree.tiles.insert_container(Linear::new_binary(dir, [old, added], part));
        match parent.and_then(|parent| tree.tiles.get_mut(parent)) {
            Some(Tile::Container(container)) => replace(container, old, both),
            _ => tree.root = Some(both),
        }
    }

    /// The canvas that has the keys is there, and so is the first one's number.
    pub(crate) fn settle(&mut self) {
        let canvases = self.canvases();
        match canvases.first() {
            None => self.reset(),
            Some(first) if !canvases.contains(&self.focus) => self.focus = *first,
            Some(_) => {}
        }
        self.canvases.retain(|number, _| canvases.contains(number));
    }

    /// Shows or hides a panel, which keeps its place.
    pub(crate) fn set_shown(&mut self, pane: Pane, shown: bool) {
        if let Some(tile) = self.tile(pane) {
            self.layout.0.set_visible(tile, shown);
        }
    }

    /// Whether a panel is to be seen at all.
    pub(crate) fn is_shown(&self, pane: Pane) -> bool {
        self.tile(pane).is_some_and(|tile| self.layout.0.is_visible(tile))
    }

    /// The window is another size: palette and inspectors stay as wide as they are, as far as the canvases have room.
    pub(crate) fn keep_widths(&mut self, width: f32) {
        let was = self.width.replace(width);
        if was == Some(width) {
            return;
        }
        let tree = &mut self.layout.0;
        let Some(root) = tree.root else { return };
        let Some(Container::Linear(row)) = tree.tiles.get_container(root) else { return };
        if row.dir != LinearDir::Horizontal {
            return;
        }
        let children: Vec<TileId> =
            row.children.iter().copied().filter(|child| tree.tiles.is_visible_in_layout(*child)).collect();
        let is_side = |tile: &TileId| below(&tree.tiles, *tile).iter().all(|pane| pane.keeps_width());
        let (sides, others): (Vec<TileId>, Vec<TileId>) = children.into_iter().partition(|tile| is_side(tile));
        if others.is_empty() {
            return;
        }
        // What was never drawn is as wide as its share says.
        let wanted = |tile: &TileId| match was.and(tree.tiles.rect(*tile)) {
            Some(rect) => rect.width(),
            None => row.shares[*tile],
        };
        let mut widths: Vec<f32> = sides.iter().map(wanted).collect();
        let room = (width - LEAST_CANVAS).max(LEAST_SIDE * sides.len() as f32);
        let taken: f32 = widths.iter().sum();
        if taken > room {
            widths.iter_mut().for_each(|width| *width *= room / taken);
        }
        let left = (width - widths.iter().sum::<f32>()).max(1.0);
        let shares: f32 = others.iter().map(|tile| row.shares[*tile]).sum::<f32>().max(1e-3);
        let new: Vec<(TileId, f32)> = sides
            .into_iter()
            .zip(widths)
            .chain(others.iter().map(|tile| (*tile, left * row.shares[*tile] / shares)))
            .collect();
        if let Some(Tile::Container(Container::Linear(row))) = tree.tiles.get_mut(root) {
            new.into_iter().for_each(|(tile, width)| row.shares.set_share(tile, width));
        }
    }

    /// The only canvas, if there is but one.
    pub(crate) fn lone_canvas(&self) -> Option<TileId> {
        let canvases = self.canvases();
        let [only] = canvases.as_slice() else { return None };
        self.tile(Pane::Canvas(*only))
    }

    /// Something has come or gone: widths are to be looked at again.
    pub(crate) fn resize(&mut self) {
        self.width = None;
    }

    /// Lends the tree, to be drawn; give it back.
    pub(crate) fn lend(&mut self) -> Tree<Pane> {
        std::mem::replace(&mut self.layout.0, Tree::empty(Id::unique("lent")))
    }

    /// Takes the tree back.
    pub(crate) fn take_back(&mut self, tree: Tree<Pane>) {
        self.layout.0 = tree;
    }
}

fn replace(container: &mut Container, old: TileId, new: TileId) {
    if let Container::Linear(row) = &mut *container {
        row.shares.replace_with(old, new);
    }
    let _ = container.replace_child(old, new);
}

/// The panels in a tile.
fn below(tiles: &Tiles<Pane>, tile: TileId) -> Vec<Pane> {
    match tiles.get(tile) {
        Some(Tile::Pane(pane)) => vec![*pane],
        Some(Tile::Container(container)) => container.children().flat_map(|child| below(tiles, *child)).collect(),
        None => Vec::new(),
    }
}
