//! Boxes side by side on shelves, in their order.

use egui::{Pos2, Vec2, pos2};

/// The upper left corners of boxes put on shelves one below the other, about as wide as all of them are high.
pub fn shelves(sizes: &[Vec2], gap: f32) -> Vec<Pos2> {
    let area: f32 = sizes.iter().map(|size| (size.x + gap) * (size.y + gap)).sum();
    let widest = sizes.iter().map(|size| size.x).fold(0.0, f32::max);
    let most = widest.max((area * 1.6).sqrt());
    let (mut at, mut height) = (Pos2::ZERO, 0.0f32);
    let mut corners = Vec::with_capacity(sizes.len());
    for size in sizes {
        if at.x > 0.0 && at.x + size.x > most {
            at = pos2(0.0, at.y + height + gap);
            height = 0.0;
        }
        corners.push(at);
        at.x += size.x + gap;
        height = height.max(size.y);
    }
    corners
}
