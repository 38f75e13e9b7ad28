//! Everything on the canvas of a page, in the page's own coordinates. It is kept, and made anew only where a checked
//! block, its place or its result has changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use node_core::check::CheckedPage;
use node_core::name::split_item;
use node_core::{BlockId, DType, Direction, Name, Placement, PortKind, Wire};
use node_engine::Outcome;

use super::curve::{curve, nearest_on};
use super::grid::Grid;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;

/// A wire on the canvas: a cubic curve that leaves horizontally.
#[derive(Clone, Debug)]
pub struct WireShape {
    /// The wire.
    pub wire: Wire,
    /// Ends and control points.
    pub curve: [Pos2; 4],
    /// What it carries.
    pub kind: PortKind,
    /// The type of its tensor, where it is known.
    pub dtype: Option<DType>,
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
}

impl Seen {
    /// Whether all of this is as it was.
    fn is_of(&self, tab: &Tab) -> bool {
        let (checked, places) = (&tab.document.checked, &tab.document.places);
        let is_page = Arc::ptr_eq(&self.checked, checked) && self.places.ptr_eq(places);
        is_page && self.generation == tab.run.generation()
    }
}

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} blocks", self.places.len())
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
            let (checked, places) = (tab.document.checked.clone(), tab.document.places.clone());
            self.seen = Some(Seen { checked, places, generation: tab.run.generation(), failing });
        }
        let is_selected = self.selection.as_ref().is_some_and(|selection| Arc::ptr_eq(selection, &tab.view.selection));
        if !(is_seen && is_selected) {
            self.select(&tab.view.selection);
        }
    }

    fn select(&mut self, selection: &Arc<BTreeSet<BlockId>>) {
        self.version += 1;
        self.items.iter_mut().flatten().for_each(|item| item.selected = false);
        for id in selection.iter() {
            if let Some(item) = self.index.get(id).and_then(|slot| self.items[*slot as usize].as_mut()) {
                item.selected = true;
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
                wire.curve = curve(wire.curve[0] + shift(wire.source), wire.curve[3] + shift(slot));
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
        let mut touched: Vec<u32> = Vec::new();
        let before = self.seen.as_ref().map(|seen| &*seen.checked);
        for id in changed {
            touched.extend(self.index.get(id));
            for links in [Some(&**checked), before].into_iter().flatten().filter_map(|checked| checked.links(id)) {
                touched.extend(links.incoming.iter().filter_map(|wire| self.index.get(&wire.from.block)));
                touched.extend(links.outgoing.iter().filter_map(|wire| self.index.get(&wire.to.block)));
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().for_each(|slot| self.draw_wires(checked, slot));
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
    fn draw_wires(&mut self, checked: &CheckedPage, slot: u32) {
        let Some(item) = &self.items[slot as usize] else { return };
        let Some(links) = checked.links(&item.block.id).cloned() else { return };
        let mut ended: Vec<&str> = Vec::new();
        let shape = |wire: &Wire| {
            let first = item.block.port(Direction::In, &wire.to.port)?;
            let name = first.spec.as_ref().map_or(&*first.end.port.port, |spec| &spec.name);
            let nth = ended.iter().filter(|port| **port == name).count();
            let to = item.block.end_of_wire(&wire.to.port, nth)?;
            ended.push(name);
            let source = *self.index.get(&wire.from.block)?;
            let from = self.items[source as usize].as_ref()?.block.port(Direction::Out, &wire.from.port)?;
            let (curve, kind) = (curve(from.pin, to.pin), from.end.kind);
            Some(WireShape { wire: wire.clone(), curve, kind, dtype: dtype(checked, wire), source })
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
        let touches = move |wire: &&WireShape| Rect::from_points(&wire.curve).expand(1.0).intersects(rect);
        near.flat_map(|item| &item.wires).filter(touches)
    }

    /// All wires as they are while the selected blocks are moved.
    pub fn moved_wires(&self, by: Vec2) -> impl Iterator<Item = (&WireShape, [Pos2; 4])> {
        let shift = move |selected: bool| if selected { by } else { Vec2::ZERO };
        let wires = self.items().flat_map(move |item| item.wires.iter().map(move |wire| (wire, shift(item.selected))));
        wires.map(move |(wire, to)| {
            let from = shift(self.items[wire.source as usize].as_ref().is_some_and(|item| item.selected));
            let is_whole = from == to;
            let moved = wire.curve.map(|point| point + from);
            (wire, if is_whole { moved } else { curve(moved[0], wire.curve[3] + to) })
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

    /// The wire nearest to a point within `reach`, and how far along it the point is, from 0 to 1.
    pub fn wire_at(&self, at: Pos2, reach: f32) -> Option<(&WireShape, f32)> {
        let near = self.wires_in(Rect::from_pos(at).expand(reach));
        let wires = near.map(|w| (nearest_on(&w.curve, at), w)).filter(|((d, _), _)| *d <= reach);
        wires.min_by(|((a, _), _), ((b, _), _)| a.total_cmp(b)).map(|((_, t), wire)| (wire, t))
    }

    /// The rectangle around all blocks.
    pub fn bounds(&self) -> Option<Rect> {
        self.bounds
    }
}

/// The rectangle around wires.
fn around(wires: &[WireShape]) -> Rect {
    wires.iter().map(|wire| Rect::from_points(&wire.curve)).fold(Rect::NOTHING, Rect::union)
}

/// What a wire carries.
fn dtype(checked: &CheckedPage, wire: &Wire) -> Option<DType> {
    let block = checked.blocks.get(&wire.from.block)?;
    block.outputs.get(block.output_index(&wire.from.port)?).map(|ty| ty.dtype)
}

/// How far in front a block is: selected ones are in front of all.
pub fn depth<'i>(tab: &Tab, item: &'i Item) -> (bool, u64, &'i BlockId) {
    (item.selected, tab.view.front(&item.block.id), &item.block.id)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::state::document::Document;
    use crate::state::tab::TabId;
    use node_core::{BlockNode, Edit, Page, PortRef, Registry, Value};

    /// A sequence of numbers that looks random, the same for the same seed.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, n: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % n
        }
    }

    fn id(n: usize) -> BlockId {
        BlockId::new(&format!("b{n}")).unwrap()
    }

    fn edit(numbers: &mut Numbers) -> Edit {
        let (a, b) = (numbers.below(40), numbers.below(40));
        let far = numbers.below(8) == 0;
        let mut at = || {
            let reach = if far { 400_000 } else { 3_000 };
            numbers.below(reach) as f64 - reach as f64 / 2.0 + 0.25
        };
        let place = Some(Placement::at(at(), at()));
        let types = ["Square", "AddV2", "Pack", "Const", "Attrs", "Nobody"];
        let inputs = ["x", "y", "values", "attrs"];
        let wire = Wire {
            from: PortRef::new(&id(a), if numbers.below(5) == 0 { "attrs" } else { "output" }),
            to: PortRef::new(&id(b), inputs[numbers.below(inputs.len())]),
        };
        match numbers.below(9) {
            0..=2 => Edit::Place { block: id(a), to: place },
            3 | 4 => {
                let block = Arc::new(BlockNode::new(types[numbers.below(types.len())]));
                Edit::AddBlock { id: id(a), block, place: place.filter(|_| numbers.below(6) > 0) }
            }
            5 => Edit::RemoveBlock(id(a)),
            6 => Edit::Connect { wire },
            7 => Edit::set_attr(&id(a), "value", Some(Value::Int(numbers.below(9) as i64).into())),
            _ => Edit::Batch((0..8).map(|n| Edit::Place { block: id(a + n), to: place }).collect()),
        }
    }

    fn described(scene: &Scene) -> Vec<String> {
        let mut items: Vec<String> = scene
            .items()
            .map(|item| {
                let near = |at: &Pos2| ((at.x * 16.0).round(), (at.y * 16.0).round());
                let wires =
                    item.wires.iter().map(|w| (w.wire.to_string(), w.curve.each_ref().map(near), w.kind, w.dtype));
                let ports = item.block.ports.iter().map(|p| (&p.end, p.item, near(&p.pin), near(&p.row.min), p.wired));
                let Item { block, category, selected, .. } = item;
                let (wires, ports) = (wires.collect::<Vec<_>>(), ports.collect::<Vec<_>>());
                let parts = [Some(block.rect), Some(block.header), block.message, block.value, block.bar];
                let parts = parts.map(|rect| rect.map(|rect| (near(&rect.min), near(&rect.max))));
                format!("{} {category:?} {selected} {parts:?} {ports:?} {:?} {wires:?}", block.id, block.fields.len())
            })
            .collect();
        items.sort();
        items
    }

    fn ids<'s>(items: impl Iterator<Item = &'s Item>) -> BTreeSet<BlockId> {
        items.map(|item| item.block.id.clone()).collect()
    }

    /// A scene that has followed all changes is one that is made at once, and the grid finds what looking at all finds.
    #[test]
    fn a_scene_that_follows_is_one_that_is_made_anew() {
        node_blocks::link();
        let registry = Registry::linked().unwrap();
        for seed in 0..20 {
            let mut numbers = Numbers(seed);
            let document = Document::new(Page::default(), "page".to_owned(), None, &registry);
            let mut tab = Tab::new(TabId(1), document);
            let mut followed = Scene::default();
            for step in 0..150 {
                let document = &mut tab.document;
                match numbers.below(10) {
                    0 => drop(document.undo(&registry)),
                    1 => drop(document.redo(&registry)),
                    2 => {
                        let some = |_: &&BlockId| numbers.below(3) == 0;
                        tab.view.selection = Arc::new(document.page.blocks.keys().filter(some).cloned().collect());
                    }
                    _ => drop(document.edit("edit", edit(&mut numbers), &registry)),
                }
                followed.follow(&tab);
                let mut made = Scene::default();
                made.follow(&tab);
                let (one, other) = (described(&followed), described(&made));
                assert_eq!(one.len(), other.len(), "seed {seed}, step {step}");
                one.iter().zip(&other).for_each(|(a, b)| assert_eq!(a, b, "seed {seed}, step {step}"));
                assert_eq!(followed.bounds().is_some(), made.bounds().is_some());

                let corner = pos2(numbers.below(4_000) as f32 - 2_000.0, numbers.below(4_000) as f32 - 2_000.0);
                let view = Rect::from_min_size(corner, egui::vec2(numbers.below(3_000) as f32, 700.0));
                let all = ids(followed.items().filter(|item| item.block.rect.intersects(view)));
                assert_eq!(ids(followed.blocks_in(view)), all, "seed {seed}, step {step}");
                let touches = |wire: &&WireShape| Rect::from_points(&wire.curve).expand(1.0).intersects(view);
                let wires = followed.items().flat_map(|item| &item.wires).filter(touches).count();
                assert_eq!(followed.wires_in(view).count(), wires, "seed {seed}, step {step}");
            }
        }
    }
}
