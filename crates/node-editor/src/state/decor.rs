//! How large frames and notes are.

use egui::{Rect, Vec2, vec2};
use node_core::page::FARTHEST;

/// The height of a frame's title.
pub const TITLE: f32 = 28.0;
/// Around the blocks of a frame.
const MARGIN: f32 = 18.0;
/// No note is smaller.
pub const LEAST_NOTE: Vec2 = vec2(60.0, 36.0);

/// A coordinate of the page as a canvas can show it: no farther than one reaches, whatever a file says.
pub fn near(coordinate: f64) -> f32 {
    if coordinate.is_nan() { 0.0 } else { coordinate.clamp(-FARTHEST, FARTHEST) as f32 }
}

/// A frame around these blocks, with room for its title.
pub fn around(blocks: Rect) -> Rect {
    let rect = blocks.expand(MARGIN);
    Rect::from_min_max(rect.min - vec2(0.0, TITLE), rect.max)
}
