//! The canvas: blocks and wires, painted by hand and hit by hand, so that it stays fast with many of them.

pub mod geometry;
mod gesture;
mod in_place;
mod paint;
mod search;
mod view;

pub use view::show;

/// Left to the panels' separators at the canvas's sides, in points.
pub const EDGE: f32 = 5.0;

/// The id of the canvas among egui's widgets.
pub fn id() -> egui::Id {
    egui::Id::unique("canvas")
}
