//! Copies of blocks: to the clipboard, from it, and beside the originals.

use std::sync::Arc;

use std::collections::BTreeMap;

use egui::OutputCommand;
use node_core::{BlockId, Edit, Page, Placement, PortRef, Wire};

use super::work::Work;

/// How far copies stand from what they are copies of.
const COPY_OFFSET: f64 = 40.0;

impl Work<'_> {
    /// The selected blocks with the wires between them, as a page.
    fn fragment(&self) -> Page {
        let (document, selection) = (&self.tab().document, &self.tab().view.selection);
        let inside = |id: &BlockId| selection.contains(id);
        let wires = document.page.wires.iter().filter(|w| inside(&w.from.block) && inside(&w.to.block));
        let places = document.places.iter().filter(|(id, _)| inside(id));
        Page {
            blocks: document
                .page
                .blocks
                .iter()
                .filter(|(id, _)| inside(id))
                .map(|(id, b)| (id.clone(), b.clone()))
                .collect(),
            wires: Arc::new(wires.cloned().collect()),
            layout: places.map(|(id, p)| (id.clone(), *p)).collect(),
            ..Page::default()
        }
    }

    /// Makes copies of the selected blocks beside them.
    pub(crate) fn duplicate(&mut self) {
        let fragment = self.fragment();
        self.insert("duplicate", &fragment);
    }

    /// Copies the selected blocks and deletes them.
    pub(crate) fn cut(&mut self) {
        self.copy();
        self.delete();
    }

    /// Copies the selected blocks, as text.
    pub(crate) fn copy(&mut self) {
        let text = self.state.host.to_text(&self.fragment());
        self.ctx.send_cmd(OutputCommand::CopyText(text));
    }

    /// Puts what is on the clipboard at the pointer, or beside where it was.
    pub(super) fn paste(&mut self, text: &str) {
        match self.state.host.parse(text) {
            Some(mut page) if !page.blocks.is_empty() => {
                let canvas = self.canvas();
                if let Some(at) = self.ctx.pointer_latest_pos().filter(|at| canvas.contains(*at)) {
                    let at = self.tab().view.camera.to_world(canvas, at);
                    move_to(&mut page, f64::from(at.x) - COPY_OFFSET, f64::from(at.y) - COPY_OFFSET);
                }
                self.insert("paste", &page);
            }
            _ => self.say("What is on the clipboard are no blocks."),
        }
    }

    /// Adds copies of a fragment's blocks, under ids that are free, and selects them.
    fn insert(&mut self, label: &str, fragment: &Page) {
        let document = &mut self.tab_mut().document;
        let mut ids: BTreeMap<&BlockId, BlockId> = BTreeMap::new();
        for id in fragment.blocks.keys() {
            let stem = id.as_str().trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
            let stem = if id.as_str().contains('_') && !stem.is_empty() { stem } else { id.as_str() };
            let Some(fresh) = document.fresh_id_from(stem) else { return };
            ids.insert(id, fresh);
        }
        let mut edits = Vec::new();
        for (id, block) in &fragment.blocks {
            let shifted = |p: &Placement| Placement { x: p.x + COPY_OFFSET, y: p.y + COPY_OFFSET, ..*p }.kept_within();
            let place = fragment.layout.get(id).map(shifted);
            edits.push(Edit::AddBlock { id: ids[id].clone(), block: block.clone(), place });
        }
        for wire in fragment.wires.iter() {
            if let (Some(from), Some(to)) = (ids.get(&wire.from.block), ids.get(&wire.to.block)) {
                let wire = Wire { from: PortRef::new(from, &wire.from.port), to: PortRef::new(to, &wire.to.port) };
                edits.push(Edit::Connect { wire });
            }
        }
        if self.edit(label, Edit::Batch(edits)) {
            self.select(ids.into_values().collect());
            self.bring_into_view();
        }
    }
}

/// Moves all blocks so that the uppermost left one stands at `x`, `y`.
fn move_to(page: &mut Page, x: f64, y: f64) {
    let least = |of: fn(&Placement) -> f64| page.layout.values().map(of).fold(f64::INFINITY, f64::min);
    let (left, top) = (least(|p| p.x), least(|p| p.y));
    let moved = |place: &Placement| {
        Placement { x: (place.x - left + x).round(), y: (place.y - top + y).round(), ..*place }.kept_within()
    };
    page.layout = page.layout.iter().map(|(id, place)| (id.clone(), moved(place))).collect();
}
