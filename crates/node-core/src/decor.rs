//! What stands on a page beside blocks and wires, and that no run sees: notes, frames around blocks, the bends of wires,
//! and places to come back to.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::{BlockId, Unknown, Wire};

/// A point of the canvas.
pub type Point = (f64, f64);

/// A note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note {
    /// Its upper left corner.
    pub at: Point,
    /// Width and height.
    pub size: Point,
    /// What it says, in Markdown.
    pub text: String,
    /// Keys that this version does not know.
    pub unknown: Vec<Unknown>,
}

/// A frame around blocks, with a title. It is as large as its blocks need; one without blocks is as large as it says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its title.
    pub title: String,
    /// The name of its colour, if it has one of its own.
    pub color: Option<String>,
    /// Left, top, width and height.
    pub rect: [f64; 4],
    /// The blocks in it; they move with it.
    pub blocks: BTreeSet<BlockId>,
    /// Where a cluster computes its blocks, those aside that say so themselves.
    pub device: Option<String>,
    /// Keys that this version does not know.
    pub unknown: Vec<Unknown>,
}

/// A place to come back to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The point in the middle of the canvas.
    pub center: Point,
    /// Screen points for each point of the page.
    pub zoom: f64,
}

/// What stands on a page beside blocks and wires.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decor {
    /// The notes, by a name of their own.
    pub notes: BTreeMap<String, Note>,
    /// The frames, by a name of their own.
    pub frames: BTreeMap<String, Frame>,
    /// The points that a wire passes through, in order.
    pub routes: BTreeMap<Wire, Vec<Point>>,
    /// The places to come back to, by their key: `1` to `9`.
    pub views: BTreeMap<String, View>,
}

impl Decor {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        let Decor { notes, frames, routes, views } = self;
        notes.is_empty() && frames.is_empty() && routes.is_empty() && views.is_empty()
    }

    /// Whether something names this block.
    pub fn names(&self, id: &BlockId) -> bool {
        let ends = |wire: &Wire| wire.from.block == *id || wire.to.block == *id;
        self.frames.values().any(|frame| frame.blocks.contains(id)) || self.routes.keys().any(ends)
    }

    /// A name that no note and no frame has, made from `stem`.
    pub fn fresh_name(&self, stem: char) -> String {
        let is_free = |name: &String| !self.notes.contains_key(name) && !self.frames.contains_key(name);
        (1u64..).map(|n| format!("{stem}{n}")).find(is_free).unwrap_or_default()
    }

    /// Whether something names one of these blocks.
    pub(crate) fn names_any(&self, ids: &BTreeSet<&BlockId>) -> bool {
        let ends = |wire: &Wire| ids.contains(&wire.from.block) || ids.contains(&wire.to.block);
        self.frames.values().any(|frame| frame.blocks.iter().any(|id| ids.contains(id))) || self.routes.keys().any(ends)
    }

    /// Without blocks: out of their frames, and without their wires' bends.
    pub(crate) fn forget(&mut self, ids: &BTreeSet<&BlockId>) {
        self.frames.values_mut().for_each(|frame| frame.blocks.retain(|block| !ids.contains(block)));
        self.routes.retain(|wire, _| !ids.contains(&wire.from.block) && !ids.contains(&wire.to.block));
    }

    /// A block has another id.
    pub(crate) fn rename(&mut self, from: &BlockId, to: &BlockId) {
        for frame in self.frames.values_mut() {
            if frame.blocks.remove(from) {
                frame.blocks.insert(to.clone());
            }
        }
        let renamed = |mut wire: Wire| {
            for end in [&mut wire.from, &mut wire.to] {
                if end.block == *from {
                    end.block = to.clone();
                }
            }
            wire
        };
        self.routes = std::mem::take(&mut self.routes).into_iter().map(|(wire, by)| (renamed(wire), by)).collect();
    }
}
