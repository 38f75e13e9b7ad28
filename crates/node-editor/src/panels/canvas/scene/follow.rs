//! How a scene follows a page: what has changed, and what is made anew for that.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2};
use imbl::ordmap::DiffItem;
use node_core::check::CheckedPage;
use node_core::name::split_item;
use node_core::{BlockId, DType, Direction, Name, Wire};
use node_engine::Outcome;

use super::{Item, Scene, Seen, WireShape};
use crate::panels::canvas::course::Course;
use crate::state::decor::near;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;

impl Seen {
    /// Whether all of this is as it was.
    fn is_of(&self, tab: &Tab) -> bool {
        let (checked, places) = (&tab.document.checked, &tab.document.places);
        let is_page = Arc::ptr_eq(&self.checked, checked) && self.places.ptr_eq(places);
        let is_bent_alike = Arc::ptr_eq(&self.decor, &tab.document.page.decor);
        is_page && is_bent_alike && self.generation == tab.run.generation()
    }
}

impl Scene {
    /// Makes anew what has changed.
    pub fn follow(&mut self, tab: &Tab) {
        let is_seen = self.seen.as_ref().is_some_and(|seen| seen.is_of(tab));
        if !is_seen {
            let (changed, failing) = self.changed(tab);
            if !changed.is_empty() {
                self.version += 1;
                let made = self.shift(tab, &failing, &changed);
                self.make(tab, &failing, &made);
                self.bounds = self.items().map(|item| item.block.rect).reduce(Rect::union);
            }
            self.bend(tab);
            let (checked, places) = (tab.document.checked.clone(), tab.document.places.clone());
            let (generation, decor) = (tab.run.generation(), tab.document.page.decor.clone());
            self.seen = Some(Seen { checked, places, generation, failing, decor });
        }
        let is_selected = self.selection.as_ref().is_some_and(|selection| Arc::ptr_eq(selection, &tab.view.selection));
        if !(is_seen && is_selected) {
            self.select(&tab.view.selection);
        }
    }

    /// Draws wires anew that are bent otherwise.
    fn bend(&mut self, tab: &Tab) {
        let before = self.seen.as_ref().map(|seen| seen.decor.clone()).unwrap_or_default();
        let now = &tab.document.page.decor;
        if Arc::ptr_eq(&before, now) {
            return;
        }
        let is_other = |wire: &&Wire| before.routes.get(*wire) != now.routes.get(*wire);
        let bent: BTreeSet<&BlockId> =
            before.routes.keys().chain(now.routes.keys()).filter(is_other).map(|wire| &wire.to.block).collect();
        self.version += u64::from(!bent.is_empty());
        let slots: Vec<u32> = bent.into_iter().filter_map(|id| self.index.get(id)).copied().collect();
        slots.into_iter().for_each(|slot| self.draw_wires(tab, slot));
    }

    fn select(&mut self, selection: &Arc<BTreeSet<BlockId>>) {
        self.version += 1;
        self.items.iter_mut().flatten().for_each(|item| item.selected = false);
        for id in selection.iter() {
            if let Some(item) = self.index.get(id).and_then(|slot| self.items[*slot as usize].as_mut()) {
                item.selected = true;
            }
        }
        let is_selected: Vec<bool> =
            self.items.iter().map(|item| item.as_ref().is_some_and(|item| item.selected)).collect();
        for item in self.items.iter_mut().flatten() {
            for wire in &mut item.wires {
                wire.stands_out = selection.is_empty() || item.selected || is_selected[wire.source as usize];
            }
        }
        self.selection = Some(selection.clone());
    }

    /// The blocks that are others than when the scene was made, and those whose results are failures.
    fn changed(&self, tab: &Tab) -> (Vec<BlockId>, BTreeSet<BlockId>) {
        let (checked, places) = (&tab.document.checked, &tab.document.places);
        let Some(seen) = &self.seen else { return (places.keys().cloned().collect(), failing(tab)) };
        let mut changed: Vec<BlockId> = Vec::new();
        let is_checked = Arc::ptr_eq(&seen.checked, checked);
        if !is_checked {
            let (mut before, mut now) = (seen.checked.blocks.iter().peekable(), checked.blocks.iter().peekable());
            loop {
                let id = match (before.peek(), now.peek()) {
                    (None, None) => break,
                    (Some((a, x)), Some((b, y))) if a == b => {
                        let is_same = Arc::ptr_eq(x, y);
                        let id = (!is_same).then(|| (*b).clone());
                        before.next();
                        now.next();
                        id
                    }
                    (Some((a, _)), Some((b, _))) if a < b => before.next().map(|(id, _)| id.clone()),
                    (Some((_, _)), None) => before.next().map(|(id, _)| id.clone()),
                    (_, Some(_)) => now.next().map(|(id, _)| id.clone()),
                };
                changed.extend(id);
            }
        }
        if !seen.places.ptr_eq(places) {
            changed.extend(seen.places.diff(places).map(|item| match item {
                DiffItem::Add(id, _) | DiffItem::Remove(id, _) | DiffItem::Update { new: (id, _), .. } => id.clone(),
            }));
        }
        let is_run = seen.generation == tab.run.generation();
        let failing = if is_run && is_checked { seen.failing.clone() } else { failing(tab) };
        changed.extend(failing.symmetric_difference(&seen.failing).cloned());
        changed.sort_unstable();
        changed.dedup();
        (changed, failing)
    }

    /// Moves blocks of which nothing but the place is another, with the ends of their wires. Returns the others, which are
    /// to be made anew.
    fn shift(&mut self, tab: &Tab, failing: &BTreeSet<BlockId>, changed: &[BlockId]) -> Vec<BlockId> {
        let Some(seen) = self.seen.clone() else { return changed.to_vec() };
        let checked = &tab.document.checked;
        let mut by: HashMap<u32, Vec2> = HashMap::new();
        let mut made = Vec::new();
        for id in changed {
            let is_same = match (seen.checked.blocks.get(id), checked.blocks.get(id)) {
                (Some(before), Some(now)) => Arc::ptr_eq(before, now),
                _ => false,
            };
            let is_same = is_same && failing.contains(id) == seen.failing.contains(id);
            match (seen.places.get(id), tab.document.places.get(id), self.index.get(id)) {
                (Some(from), Some(to), Some(slot)) if is_same && from.size == to.size => {
                    let stood = self.items[*slot as usize].as_ref().map_or(Pos2::ZERO, |item| item.block.rect.min);
                    by.insert(*slot, pos2(to.x as f32, to.y as f32) - stood);
                }
                _ => made.push(id.clone()),
            }
        }
        let mut touched: BTreeSet<u32> = by.keys().copied().collect();
        for (slot, by) in &by {
            let Some(item) = &mut self.items[*slot as usize] else { continue };
            self.blocks.remove(*slot, item.block.rect);
            item.block.translate(*by);
            self.blocks.insert(*slot, item.block.rect);
            if let Some(links) = checked.links(&item.block.id) {
                touched.extend(links.outgoing.iter().filter_map(|wire| self.index.get(&wire.to.block)));
            }
        }
        for slot in touched {
            let Some(item) = &mut self.items[slot as usize] else { continue };
            if item.wires.is_empty() {
                continue;
            }
            self.wires.remove(slot, item.around);
            for wire in &mut item.wires {
                let shift = |slot: u32| by.get(&slot).copied().unwrap_or(Vec2::ZERO);
                wire.course = wire.course.with_ends_moved(shift(wire.source), shift(slot));
            }
            item.around = around(&item.wires);
            self.wires.insert(slot, item.around);
        }
        made
    }

    fn make(&mut self, tab: &Tab, failing: &BTreeSet<BlockId>, changed: &[BlockId]) {
        let checked = &tab.document.checked;
        for id in changed {
            match tab.document.places.get(id) {
                Some(place) => {
                    let has_message = checked.problems_of(id).any(|problem| !problem.open) || failing.contains(id);
                    let category = checked.blocks.get(id).and_then(|b| b.spec()).map(|spec| spec.category.clone());
                    self.put(BlockShape::new(checked, id, *place, has_message), category);
                }
                None => self.take(id),
            }
        }
        for slot in self.touched(checked, changed) {
            self.draw_wires(tab, slot);
        }
    }

    /// The blocks whose wires and ports may look otherwise: those that changed, and those at the other ends of wires.
    fn touched(&self, checked: &CheckedPage, changed: &[BlockId]) -> Vec<u32> {
        let Some(before) = self.seen.as_ref().map(|seen| &*seen.checked) else {
            return (0..self.items.len() as u32).collect();
        };
        let mut touched: Vec<u32> = Vec::new();
        for id in changed {
            touched.extend(self.index.get(id));
            for links in [checked, before].into_iter().filter_map(|checked| checked.links(id)) {
                touched.extend(links.incoming.iter().filter_map(|wire| self.index.get(&wire.from.block)));
                touched.extend(links.outgoing.iter().filter_map(|wire| self.index.get(&wire.to.block)));
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    fn put(&mut self, block: BlockShape, category: Option<Name>) {
        let slot = match self.index.get(&block.id) {
            Some(slot) => *slot,
            None => {
                let slot = self.free.pop().unwrap_or(self.items.len() as u32);
                if slot as usize == self.items.len() {
                    self.items.push(None);
                }
                self.index.insert(block.id.clone(), slot);
                slot
            }
        };
        let (rect, before) = (block.rect, self.items[slot as usize].take());
        if let Some(before) = &before {
            self.blocks.remove(slot, before.block.rect);
        }
        self.blocks.insert(slot, rect);
        let (wires, around, selected) = match before {
            Some(before) => (before.wires, before.around, before.selected),
            None => (Vec::new(), Rect::NOTHING, false),
        };
        self.items[slot as usize] = Some(Item { block, wires, category, selected, version: self.version, around });
    }

    fn take(&mut self, id: &BlockId) {
        let Some(slot) = self.index.remove(id) else { return };
        if let Some(item) = self.items[slot as usize].take() {
            self.blocks.remove(slot, item.block.rect);
            if !item.wires.is_empty() {
                self.wires.remove(slot, item.around);
            }
        }
        self.free.push(slot);
    }

    /// Draws the wires that end at a block anew, and marks its ports.
    fn draw_wires(&mut self, tab: &Tab, slot: u32) {
        let (checked, routes) = (&tab.document.checked, &tab.document.page.decor.routes);
        let Some(item) = &self.items[slot as usize] else { return };
        let Some(links) = checked.links(&item.block.id) else { return };
        let mut ended: Vec<&str> = Vec::new();
        let shape = |wire: &Wire| {
            let first = item.block.port(Direction::In, &wire.to.port)?;
            let name = first.spec.as_ref().map_or(&*first.end.port.port, |spec| &spec.name);
            let nth = ended.iter().filter(|port| **port == name).count();
            let to = item.block.end_of_wire(&wire.to.port, nth)?;
            ended.push(name);
            let source = *self.index.get(&wire.from.block)?;
            let from = self.items[source as usize].as_ref()?.block.port(Direction::Out, &wire.from.port)?;
            let bends = routes.get(wire).into_iter().flatten();
            let bends: Vec<Pos2> = bends.map(|(x, y)| pos2(near(*x), near(*y))).collect();
            let (course, kind) = (Course::new(from.pin, to.pin, &bends), from.end.kind);
            Some(WireShape { wire: wire.clone(), course, kind, dtype: dtype(checked, wire), stands_out: true, source })
        };
        let wires: Vec<WireShape> = links.incoming.iter().filter_map(shape).collect();
        let outgoing: Vec<&str> = links
            .outgoing
            .iter()
            .filter(|wire| self.index.contains_key(&wire.to.block))
            .map(|w| &*w.from.port)
            .collect();
        let incoming: Vec<&str> = wires.iter().map(|wire| &*wire.wire.to.port).collect();
        let is_wired = |port: &PortShape| {
            let names = if port.end.direction == Direction::In { &incoming } else { &outgoing };
            names.iter().any(|name| ends_at(port, name))
        };
        let wired: Vec<bool> = item.block.ports.iter().map(is_wired).collect();
        let around = around(&wires);
        let version = self.version;
        let Some(item) = &mut self.items[slot as usize] else { return };
        if !item.wires.is_empty() {
            self.wires.remove(slot, item.around);
        }
        if !wires.is_empty() {
            self.wires.insert(slot, around);
        }
        item.block.ports.iter_mut().zip(wired).for_each(|(port, wired)| port.wired = wired);
        (item.wires, item.around, item.version) = (wires, around, version);
    }
}

/// The rectangle around wires.
fn around(wires: &[WireShape]) -> Rect {
    wires.iter().map(|wire| wire.course.bounds()).fold(Rect::NOTHING, Rect::union)
}

/// What a wire carries.
fn dtype(checked: &CheckedPage, wire: &Wire) -> Option<DType> {
    let block = checked.blocks.get(&wire.from.block)?;
    block.outputs.get(block.output_index(&wire.from.port)?).map(|ty| ty.dtype)
}

/// The blocks whose runs failed, and not only for something that is still to be connected.
fn failing(tab: &Tab) -> BTreeSet<BlockId> {
    let failed = tab.run.results.iter().filter(|(_, result)| match &result.outcome {
        Outcome::Failed(problem) => !problem.open,
        _ => false,
    });
    failed.filter(|(id, _)| tab.result(id).is_some()).map(|(id, _)| id.clone()).collect()
}

/// Whether a wire that names a port so ends at it; a list has a row for each of its wires.
fn ends_at(port: &PortShape, name: &str) -> bool {
    match &port.spec {
        Some(spec) if port.end.direction == Direction::In && spec.is_list() => {
            port.item.is_some() && spec.answers_to(split_item(name).0)
        }
        Some(spec) => {
            let (plain, item) = split_item(name);
            item == port.item && spec.answers_to(plain)
        }
        None => *name == *port.end.port.port,
    }
}
