//! What is under a point of the page.

use egui::Pos2;

use super::detail::FROM_AFAR;
use super::scene::{Scene, WireShape};
use crate::size;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;

/// How far from a wire a pointer still hits it, on the screen.
const WIRE_REACH: f32 = 6.0;

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
    /// Nothing.
    Nothing,
}

/// What is under a point of the page; pins, where they can be seen, before blocks, blocks before wires.
pub fn target<'s>(scene: &'s Scene, tab: &Tab, at: Pos2, zoom: f32) -> Target<'s> {
    if zoom >= FROM_AFAR
        && let Some(port) = scene.port_at(at, size::PIN_REACH.max(size::PIN_REACH / zoom).min(20.0))
    {
        return Target::Port(port);
    }
    if let Some(block) = scene.block_at(tab, at) {
        return Target::Block(block);
    }
    match scene.wire_at(at, WIRE_REACH / zoom) {
        Some((wire, along)) => Target::Wire(wire, along),
        None => Target::Nothing,
    }
}
