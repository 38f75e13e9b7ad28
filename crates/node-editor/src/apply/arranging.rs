//! Blocks put in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2};
use node_core::page::FARTHEST;
use node_core::{BlockId, Edit, Placement, Wire};

use super::work::Work;
use crate::arrange::{Side, align, distribute};
use crate::layout::tidied;
use crate::state::shapes::BlockShape;
use crate::state::tab::Tab;

impl Work<'_> {
    /// Puts the selected blocks in layers, or all where not several are selected.
    pub(crate) fn tidy(&mut self) {
        let Tab { document, view, .. } = self.tab();
        let ids: Vec<BlockId> = match view.selection.len() {
            0 | 1 => document.page.blocks.keys().cloned().collect(),
            _ => view.selection.iter().cloned().collect(),
        };
        let shapes: Vec<BlockShape> = ids.iter().map(|id| shape(self.tab(), id)).collect();
        let sizes: Vec<Vec2> = shapes.iter().map(|shape| shape.rect.size()).collect();
        let corner = shapes.iter().map(|shape| shape.rect).reduce(Rect::union).map_or(Pos2::ZERO, |all| all.min);
        let corners = tidied(&shapes, &self.tab().document.page.wires);
        let reach = corners.iter().zip(&sizes).map(|(at, size)| *at + *size).fold(Pos2::ZERO, Pos2::max);
        // As far left and as high as it must be for all of it to be where blocks can stand.
        let corner = corner.min(Pos2::new(FARTHEST as f32, FARTHEST as f32) - reach.to_vec2());
        let corners = corners.into_iter().map(|at| at + corner.to_vec2()).collect();
        let straight = self.straightened(&ids.iter().cloned().collect());
        self.stand("tidy", ids, corners, straight);
        self.look_at_all_again();
    }

    /// Brings the selected blocks in line.
    pub(crate) fn align(&mut self, side: Side) {
        self.arrange("align", |rects| align(rects, side));
    }

    /// Leaves equal gaps between the selected blocks.
    pub(crate) fn distribute(&mut self, across: bool) {
        self.arrange("distribute", |rects| distribute(rects, across));
    }

    fn arrange(&mut self, label: &str, corners: impl FnOnce(&[Rect]) -> Vec<Pos2>) {
        let ids: Vec<BlockId> = self.tab().view.selection.iter().cloned().collect();
        let rects: Vec<Rect> = ids.iter().map(|id| shape(self.tab(), id).rect).collect();
        self.stand(label, ids, corners(&rects), None);
    }

    /// Wires between these blocks lose their bends: those were for other places.
    fn straightened(&self, ids: &BTreeSet<BlockId>) -> Option<Edit> {
        let mut decor = self.tab().document.page.decor.clone();
        let is_between = |wire: &Wire| ids.contains(&wire.from.block) && ids.contains(&wire.to.block);
        if !decor.routes.keys().any(is_between) {
            return None;
        }
        Arc::make_mut(&mut decor).routes.retain(|wire, _| !is_between(wire));
        Some(Edit::Decorate(decor))
    }

    /// Moves blocks to these places; one step of undo.
    fn stand(&mut self, label: &str, ids: Vec<BlockId>, corners: Vec<Pos2>, decor: Option<Edit>) {
        let places = &self.tab().document.places;
        let edits = ids.into_iter().zip(corners).filter_map(|(block, at)| {
            let size = places.get(&block).and_then(|place| place.size);
            let to = Placement { x: f64::from(at.x.round()), y: f64::from(at.y.round()), size }.kept_within();
            (places.get(&block) != Some(&to)).then_some(Edit::Place { block, to: Some(to) })
        });
        let edits: Vec<Edit> = decor.into_iter().chain(edits).collect();
        match edits.is_empty() {
            true => self.say("They stand so already."),
            false => drop(self.edit(label, Edit::Batch(edits))),
        }
    }

    /// After all has moved, nothing of it may be in view.
    fn look_at_all_again(&mut self) {
        if self.tab().view.selection.len() < 2 {
            self.tab_mut().view.camera_set = false;
        } else {
            self.bring_into_view();
        }
    }
}

/// A block as it is on the canvas.
fn shape(tab: &Tab, id: &BlockId) -> BlockShape {
    let place = tab.document.places.get(id).copied().unwrap_or(Placement::at(0.0, 0.0));
    let has_message = tab.document.checked.problems_of(id).any(|problem| !problem.open);
    BlockShape::new(&tab.document.checked, id, place, has_message)
}
