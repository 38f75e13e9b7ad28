//! What is under a point of the page.

use egui::{Pos2, Rect, Vec2};

use super::course::Place;
use super::decor::{self, Hit};
use super::detail::FROM_AFAR;
use super::scene::{Scene, WireShape};
use crate::size;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;
use crate::wiring::splice;

/// How far from a wire a pointer still hits it, on the screen.
pub const WIRE_REACH: f32 = 6.0;

/// How far from a pin a wire still snaps to it, on the screen.
pub const DROP_REACH: f32 = 18.0;

/// What is under a point of the page.
pub enum Target<'s> {
    /// A pin.
    Port(&'s PortShape),
    /// A block.
    Block(&'s BlockShape),
    /// A wire, and where on it the point is.
    Wire(&'s WireShape, Place),
    /// A bend of a wire, by its number.
    Bend(&'s WireShape, usize),
    /// A note, or the title of a frame.
    Decor(Hit),
    /// Nothing.
    Nothing,
}

/// What is under a point of the page; pins, where they can be seen, before blocks, blocks before wires, wires before notes
/// and frames.
pub fn target<'s>(scene: &'s Scene, tab: &Tab, at: Pos2, zoom: f32) -> Target<'s> {
    if zoom >= FROM_AFAR
        && let Some(port) = scene.port_at(at, size::PIN_REACH.max(size::PIN_REACH / zoom).min(20.0))
    {
        return Target::Port(port);
    }
    if let Some(block) = scene.block_at(tab, at) {
        return Target::Block(block);
    }
    if let Some((wire, nth)) = bend_at(scene, tab, at, zoom) {
        return Target::Bend(wire, nth);
    }
    if let Some((wire, place)) = scene.wire_at(at, WIRE_REACH / zoom) {
        return Target::Wire(wire, place);
    }
    decor::hit(scene, tab, at).map_or(Target::Nothing, Target::Decor)
}

/// How far from a bend a pointer still hits it, on the screen.
const BEND_REACH: f32 = 9.0;

/// The bend of a wire that is nearest to a point within reach.
fn bend_at<'s>(scene: &'s Scene, tab: &Tab, at: Pos2, zoom: f32) -> Option<(&'s WireShape, usize)> {
    let wires = tab.document.page.decor.routes.keys().filter_map(|wire| scene.wire(wire));
    let bends =
        wires.flat_map(|wire| wire.course.bends().iter().enumerate().map(move |(nth, bend)| (wire, nth, *bend)));
    let near = bends.map(|(wire, nth, bend)| (bend.distance(at), wire, nth)).filter(|(d, ..)| *d <= BEND_REACH / zoom);
    near.min_by(|(a, ..), (b, ..)| a.total_cmp(b)).map(|(_, wire, nth)| (wire, nth))
}

/// The wire that the one selected block can be put into, if it were moved so: the one that passes nearest to its middle.
pub fn wire_under<'s>(scene: &'s Scene, tab: &Tab, by: Vec2) -> Option<&'s WireShape> {
    let block = scene.block(tab.view.selected_block()?)?;
    let rect = block.rect.translate(by);
    let passes = |wire: &&WireShape| {
        rect.contains(wire.course.nearest(rect.center()).at)
            && wire.wire.from.block != block.id
            && wire.wire.to.block != block.id
    };
    let distance = |wire: &WireShape| wire.course.nearest(rect.center()).distance;
    let under = scene.wires_in(rect).filter(passes).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    splice::into(&tab.document.checked, &block.id, &under.wire).map(|_| under)
}

/// The wires that a line crosses.
pub fn wires_under(scene: &Scene, line: &[Pos2]) -> Vec<node_core::Wire> {
    let near = scene.wires_in(Rect::from_points(line));
    near.filter(|wire| wire.course.crosses(line)).map(|wire| wire.wire.clone()).collect()
}
