//! A layout as it is written down: what is beside what, how wide, and behind what.

use egui::Id;
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tiles, Tree};
use serde::{Deserialize, Serialize};

use super::pane::Pane;

/// A part of a layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kept {
    /// A panel.
    Pane(Pane),
    /// One behind the other, and which is in front.
    Tabs(Vec<Kept>, usize),
    /// Side by side, with their shares of the width.
    Across(Vec<(f32, Kept)>),
    /// One below the other, with their shares of the height.
    Down(Vec<(f32, Kept)>),
}

/// What a tree comes down to; nothing but an empty row if it is empty.
pub fn of(tree: &Tree<Pane>) -> Kept {
    let empty = || Kept::Across(Vec::new());
    tree.root.and_then(|root| part(&tree.tiles, root)).unwrap_or_else(empty)
}

fn part(tiles: &Tiles<Pane>, tile: TileId) -> Option<Kept> {
    Some(match tiles.get(tile)? {
        Tile::Pane(pane) => Kept::Pane(*pane),
        Tile::Container(Container::Tabs(tabs)) => {
            let active = tabs.children.iter().position(|child| tabs.active == Some(*child)).unwrap_or(0);
            Kept::Tabs(tabs.children.iter().filter_map(|child| part(tiles, *child)).collect(), active)
        }
        Tile::Container(Container::Linear(row)) => {
            // As many decimals as anybody sees.
            let share = |child: &TileId| (row.shares[*child] * 16.0).round() / 16.0;
            let parts = row.children.iter().filter_map(|child| Some((share(child), part(tiles, *child)?))).collect();
            if row.dir == LinearDir::Horizontal { Kept::Across(parts) } else { Kept::Down(parts) }
        }
        Tile::Container(grid) => Kept::Across(grid.children().filter_map(|c| Some((1.0, part(tiles, *c)?))).collect()),
    })
}

/// The tree that is written down so.
pub fn tree(kept: &Kept, id: Id) -> Tree<Pane> {
    let mut tiles = Tiles::default();
    let root = insert(&mut tiles, kept);
    Tree::new(id, root, tiles)
}

fn insert(tiles: &mut Tiles<Pane>, kept: &Kept) -> TileId {
    let row = |tiles: &mut Tiles<Pane>, parts: &[(f32, Kept)], dir: LinearDir| {
        let children: Vec<TileId> = parts.iter().map(|(_, part)| insert(tiles, part)).collect();
        let mut row = Linear::new(dir, children.clone());
        for (child, (share, _)) in children.into_iter().zip(parts) {
            let share = if share.is_finite() && *share > 0.0 { *share } else { 1.0 };
            row.shares.set_share(child, share);
        }
        tiles.insert_container(row)
    };
    match kept {
        Kept::Pane(pane) => tiles.insert_pane(*pane),
        Kept::Across(parts) => row(tiles, parts, LinearDir::Horizontal),
        Kept::Down(parts) => row(tiles, parts, LinearDir::Vertical),
        Kept::Tabs(parts, active) => {
            let children: Vec<TileId> = parts.iter().map(|part| insert(tiles, part)).collect();
            let active = children.get(*active).copied();
            let mut tabs = Tabs::new(children);
            tabs.active = active.or(tabs.active);
            tiles.insert_container(tabs)
        }
    }
}
