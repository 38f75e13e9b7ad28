//! Everything on the canvas of a page, in the page's own coordinates.

use std::collections::BTreeMap;

use egui::{Pos2, Rect, Vec2};
use node_core::name::split_item;
use node_core::{BlockId, Direction, PortKind, Wire};
use node_engine::Outcome;

use super::curve::{curve, nearest_on};
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
}

/// Everything on the canvas.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The blocks, those in front last.
    pub blocks: Vec<BlockShape>,
    /// The wires.
    pub wires: Vec<WireShape>,
}

impl Scene {
    /// Everything that is on the canvas, where the page says; selected blocks in front.
    pub fn of(tab: &Tab) -> Scene {
        let document = &tab.document;
        let has_message = |id: &BlockId| {
            document.checked.problems_of(id).any(|problem| !problem.open)
                || matches!(tab.result(id).map(|r| &r.outcome), Some(Outcome::Failed(problem)) if !problem.open)
        };
        let mut blocks: Vec<BlockShape> = document
            .places
            .iter()
            .map(|(id, place)| BlockShape::new(&document.checked, id, *place, has_message(id)))
            .collect();
        let order: BTreeMap<&BlockId, usize> = tab.view.front.iter().enumerate().map(|(i, id)| (id, i + 1)).collect();
        blocks.sort_by_key(|b| (tab.view.selection.contains(&b.id), order.get(&b.id).copied()));
        let mut scene = Scene { blocks, wires: Vec::new() };
        scene.wires = wires(tab, &scene);
        mark_wired(&mut scene);
        scene
    }

    /// The block called `id`.
    pub fn block(&self, id: &BlockId) -> Option<&BlockShape> {
        self.blocks.iter().find(|b| b.id == *id)
    }

    /// The frontmost block at a point.
    pub fn block_at(&self, at: Pos2) -> Option<&BlockShape> {
        self.blocks.iter().rev().find(|b| b.rect.contains(at))
    }

    /// The port whose pin is nearest to a point, within `reach`.
    pub fn port_at(&self, at: Pos2, reach: f32) -> Option<&PortShape> {
        let near = self.blocks.iter().filter(|b| b.rect.expand(reach).contains(at));
        let ports = near.flat_map(|b| &b.ports).map(|p| (p.pin.distance(at), p)).filter(|(d, _)| *d <= reach);
        ports.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, port)| port)
    }

    /// The wire nearest to a point within `reach`, and how far along it the point is, from 0 to 1.
    pub fn wire_at(&self, at: Pos2, reach: f32) -> Option<(&WireShape, f32)> {
        let near = self.wires.iter().filter(|w| Rect::from_points(&w.curve).expand(reach).contains(at));
        let wires = near.map(|w| (nearest_on(&w.curve, at), w)).filter(|((d, _), _)| *d <= reach);
        wires.min_by(|((a, _), _), ((b, _), _)| a.total_cmp(b)).map(|((_, t), wire)| (wire, t))
    }

    /// The rectangle around all blocks.
    pub fn bounds(&self) -> Option<Rect> {
        self.blocks.iter().map(|b| b.rect).reduce(Rect::union)
    }

    /// Shows the selected blocks where they would be if the pointer let go.
    pub fn shift(&mut self, tab: &Tab, delta: Vec2) {
        for block in self.blocks.iter_mut().filter(|b| tab.view.selection.contains(&b.id)) {
            let parts = [&mut block.rect, &mut block.header];
            let rows = block.ports.iter_mut().map(|p| &mut p.row);
            let fields = block.fields.iter_mut().map(|(_, rect)| rect);
            let rest = [&mut block.message, &mut block.value, &mut block.bar].into_iter().flatten();
            for rect in parts.into_iter().chain(rows).chain(fields).chain(rest) {
                *rect = rect.translate(delta);
            }
            for port in &mut block.ports {
                port.pin += delta;
            }
        }
        self.wires = wires(tab, self);
    }
}

/// Marks the ports at which a wire ends.
fn mark_wired(scene: &mut Scene) {
    let ends = scene.wires.iter().flat_map(|w| [(Direction::Out, &w.wire.from), (Direction::In, &w.wire.to)]);
    let mut wired: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for (direction, port) in ends {
        wired.entry((direction == Direction::Out, port.block.as_str())).or_default().push(&port.port);
    }
    for block in &mut scene.blocks {
        for port in &mut block.ports {
            let names = wired.get(&(port.end.direction == Direction::Out, block.id.as_str()));
            let (is_input, item) = (port.end.direction == Direction::In, port.item);
            let answers = |name: &&str| match &port.spec {
                // A list has a row for each of its wires.
                Some(spec) if is_input && spec.is_list() => item.is_some(),
                Some(spec) => {
                    let (plain, of) = split_item(name);
                    of == item && spec.answers_to(plain)
                }
                None => **name == *port.end.port.port,
            };
            port.wired = names.is_some_and(|names| names.iter().any(answers));
        }
    }
}

fn wires(tab: &Tab, scene: &Scene) -> Vec<WireShape> {
    let index: BTreeMap<&str, &BlockShape> = scene.blocks.iter().map(|b| (b.id.as_str(), b)).collect();
    let mut ended: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let shape = |wire: &Wire| {
        let block = index.get(wire.to.block.as_str())?;
        let first = block.port(Direction::In, &wire.to.port)?;
        let name = first.spec.as_ref().map_or(&*first.end.port.port, |spec| &spec.name);
        let nth = ended.entry((block.id.as_str(), name)).or_insert(0);
        let to = block.end_of_wire(&wire.to.port, *nth)?;
        *nth += 1;
        let from = index.get(wire.from.block.as_str())?.port(Direction::Out, &wire.from.port)?;
        Some(WireShape { wire: wire.clone(), curve: curve(from.pin, to.pin), kind: from.end.kind })
    };
    tab.document.page.wires.iter().filter_map(shape).collect()
}
