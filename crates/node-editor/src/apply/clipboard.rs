//! Copies of blocks: to the clipboard, from it, and beside the originals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{OutputCommand, ViewportCommand};
use node_core::page::Unknown;
use node_core::value::quoted;
use node_core::{BlockId, BlockNode, Direction, Edit, Page, Placement, PortRef, Value, Wire};

use super::work::Work;

/// The clipboard answers within so many seconds.
const ANSWERED: f64 = 2.0;

/// How far copies stand from what they are copies of.
const COPY_OFFSET: f64 = 40.0;

/// The key of a copied page that holds the wires which came from blocks that were not copied.
const OUTER: &str = "outer_wires";

impl Work<'_> {
    /// The selected blocks with the wires between them, as a page.
    fn fragment(&self) -> Page {
        let (document, selection) = (&self.tab().document, &self.tab().view.selection);
        let inside = |id: &BlockId| selection.contains(id);
        let wires = document.page.wires.iter().filter(|w| inside(&w.from.block) && inside(&w.to.block));
        let places = document.places.iter().filter(|(id, _)| inside(id));
        Page {
            unknown: self.outer_wires().into_iter().collect(),
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

    /// The wires that come to the selected blocks from others, as a key of the page that is copied: pages that they are
    /// not wired on ignore it.
    fn outer_wires(&self) -> Option<Unknown> {
        let (document, selection) = (&self.tab().document, &self.tab().view.selection);
        let comes_in = |w: &&Wire| !selection.contains(&w.from.block) && selection.contains(&w.to.block);
        let wires = document.page.wires.iter().filter(comes_in);
        let pairs: Vec<String> =
            wires.map(|w| format!("[{}, {}]", quoted(&w.from.to_string()), quoted(&w.to.to_string()))).collect();
        let json = format!("[{}]", pairs.join(", ")).into();
        (!pairs.is_empty()).then(|| Unknown { key: OUTER.to_owned(), json })
    }

    /// Makes copies of the selected blocks beside them.
    pub(crate) fn duplicate(&mut self) {
        let fragment = self.fragment();
        self.insert("duplicate", &fragment, false);
    }

    /// Makes copies of the selected blocks at the pointer.
    pub(crate) fn duplicate_here(&mut self) {
        let mut fragment = self.fragment();
        self.move_to_pointer(&mut fragment);
        self.insert("duplicate", &fragment, false);
    }

    /// Asks for what is on the clipboard; with the wires that came to it from others, if they are here.
    pub(crate) fn ask_for_paste(&mut self, with_wires: bool) {
        let now = self.ctx.input(|i| i.time);
        self.tab_mut().view.pastes_wires = with_wires.then_some(now);
        self.ctx.send_viewport_cmd(ViewportCommand::RequestPaste);
    }

    fn move_to_pointer(&self, page: &mut Page) {
        let canvas = self.canvas();
        if let Some(at) = self.ctx.pointer_latest_pos().filter(|at| canvas.contains(*at)) {
            let at = self.tab().view.camera.to_world(canvas, at);
            move_to(page, f64::from(at.x) - COPY_OFFSET, f64::from(at.y) - COPY_OFFSET);
        }
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
        // An empty clipboard answers nothing: what comes long after was not asked for.
        let asked = self.tab_mut().view.pastes_wires.take();
        let with_wires = asked.is_some_and(|asked| self.ctx.input(|i| i.time) < asked + ANSWERED);
        match self.state.host.parse(text) {
            Some(mut page) if !page.blocks.is_empty() => {
                self.move_to_pointer(&mut page);
                self.insert("paste", &page, with_wires);
            }
            _ => self.say("What is on the clipboard are no blocks."),
        }
    }

    /// Adds copies of a fragment's blocks, under ids that are free, and selects them; with the wires that came to them
    /// from others, as far as these are here.
    fn insert(&mut self, label: &str, fragment: &Page, with_wires: bool) {
        let document = &mut self.tab_mut().document;
        let mut ids: BTreeMap<&BlockId, BlockId> = BTreeMap::new();
        for id in fragment.blocks.keys() {
            let stem = id.as_str().trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
            let stem = if id.as_str().contains('_') && !stem.is_empty() { stem } else { id.as_str() };
            let Some(fresh) = document.fresh_id_from(stem) else { return };
            ids.insert(id, fresh);
        }
        let taken: BTreeSet<&Arc<str>> = document.page.blocks.values().filter_map(|b| b.tf_name.as_ref()).collect();
        let mut edits = Vec::new();
        for (id, block) in &fragment.blocks {
            let shifted = |p: &Placement| Placement { x: p.x + COPY_OFFSET, y: p.y + COPY_OFFSET, ..*p }.kept_within();
            let place = fragment.layout.get(id).map(shifted);
            edits.push(Edit::AddBlock { id: ids[id].clone(), block: copied(block, &ids, &taken), place });
        }
        for wire in fragment.wires.iter() {
            if let (Some(from), Some(to)) = (ids.get(&wire.from.block), ids.get(&wire.to.block)) {
                let wire = Wire { from: PortRef::new(from, &wire.from.port), to: PortRef::new(to, &wire.to.port) };
                edits.push(Edit::Connect { wire });
            }
        }
        let outer = if with_wires { outer_wires_of(fragment) } else { Vec::new() };
        for wire in outer {
            let from = self.tab().document.checked.blocks.get(&wire.from.block);
            let gives = from.is_some_and(|block| {
                let spec = block.spec();
                let port = spec.and_then(|spec| spec.port(Direction::Out, &wire.from.port));
                port.is_some() || block.output_index(&wire.from.port).is_some()
            });
            if let Some(to) = ids.get(&wire.to.block).filter(|_| gives) {
                let wire = Wire { from: wire.from, to: PortRef::new(to, &wire.to.port) };
                edits.push(Edit::Connect { wire });
            }
        }
        if self.edit(label, Edit::Batch(edits)) {
            self.select(ids.into_values().collect());
            self.bring_into_view();
        }
    }
}

/// A copy of a block: after the copies of what came before it, and without a name in graphs that another has.
fn copied(block: &Arc<BlockNode>, ids: &BTreeMap<&BlockId, BlockId>, taken: &BTreeSet<&Arc<str>>) -> Arc<BlockNode> {
    let mut block = block.clone();
    if block.tf_name.as_ref().is_some_and(|name| taken.contains(name)) {
        Arc::make_mut(&mut block).tf_name = None;
    }
    if !block.control.is_empty() {
        let control = &mut Arc::make_mut(&mut block).control;
        *control = control.iter().filter_map(|before| ids.get(before).cloned()).collect();
    }
    block
}

/// The wires that came to a fragment's blocks from others.
fn outer_wires_of(fragment: &Page) -> Vec<Wire> {
    let json = fragment.unknown.iter().find(|unknown| unknown.key == OUTER).map(|unknown| &*unknown.json);
    let Some(Value::List(pairs)) = json.and_then(|json| Value::parse(json).ok()) else { return Vec::new() };
    let wire = |pair: &Value| match pair {
        Value::List(ends) => match ends.as_slice() {
            [Value::String(from), Value::String(to)] => {
                Some(Wire { from: PortRef::parse(from).ok()?, to: PortRef::parse(to).ok()? })
            }
            _ => None,
        },
        _ => None,
    };
    pairs.iter().filter_map(wire).collect()
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
