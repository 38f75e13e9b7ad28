//! What is under a point of the page.

use egui::{Pos2, Rect, Vec2};

use super::curve::{crosses, nearest_on, point_on};
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
    /// A wire, and how far along it the point is.
    Wire(&'s WireShape, f32),
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
    if let Some((wire, along)) = scene.wire_at(at, WIRE_REACH / zoom) {
        return Target::Wire(wire, along);
    }
    decor::hit(scene, tab, at).map_or(Target::Nothing, Target::Decor)
}

/// The wire that the one selected block can be put into, if it were moved so: the one that passes nearest to its middle.
pub fn wire_under<'s>(scene: &'s Scene, tab: &Tab, by: Vec2) -> Option<&'s WireShape> {
    let block = scene.block(tab.view.selected_block()?)?;
    let rect = block.rect.translate(by);
    let passes = |wire: &&WireShape| {
        let at = point_on(&wire.curve, nearest_on(&wire.curve, rect.center()).1);
        rect.contains(at) && wire.wire.from.block != block.id && wire.wire.to.block != block.id
    };
    let distance = |wire: &WireShape| nearest_on(&wire.curve, rect.center()).0;
    let under = scene.wires_in(rect).filter(passes).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    splice::into(&tab.document.checked, &block.id, &under.wire).map(|_| under)
}

/// The wires that a line crosses.
pub fn wires_under(scene: &Scene, line: &[Pos2]) -> Vec<node_core::Wire> {
    let near = scene.wires_in(Rect::from_points(line));
    near.filter(|wire| crosses(&wire.curve, line)).map(|wire| wire.wire.clone()).collect()
}
