//! The grid of dots, in one mesh, which is kept while the view stands still.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::{Color32, Mesh, Pos2, Rect, Shape, Vec2, vec2};

use super::brush::Brush;
use crate::size;

/// What was painted last.
#[derive(Clone, Default)]
pub struct Dots {
    key: Option<(Rect, Vec2, f32, f32, Color32)>,
    mesh: Arc<Mesh>,
}

impl Dots {
    /// The dots in view.
    pub fn paint(&mut self, brush: &Brush<'_>) {
        let pixels = brush.painter.pixels_per_point();
        let key = (brush.canvas, brush.camera.origin, brush.camera.zoom, pixels, brush.tokens.grid);
        if self.key != Some(key) {
            (self.key, self.mesh) = (Some(key), Arc::new(dots(brush)));
        }
        brush.ink.add(Shape::Mesh(self.mesh.clone()));
    }
}

fn dots(brush: &Brush<'_>) -> Mesh {
    let pixels = brush.painter.pixels_per_point();
    let mut mesh = Mesh::default();
    let mut spacing = brush.px(size::GRID);
    while spacing < 14.0 {
        spacing *= 2.0;
    }
    let first = brush.at(Pos2::ZERO);
    let phase = |from: f32, edge: f32| from - ((from - edge) / spacing).floor() * spacing;
    let mut y = phase(first.y, brush.canvas.top());
    while y < brush.canvas.bottom() {
        let mut x = phase(first.x, brush.canvas.left());
        while x < brush.canvas.right() {
            let dot = Rect::from_center_size(Pos2::new(x, y), vec2(1.6, 1.6)).round_to_pixels(pixels);
            mesh.add_colored_rect(dot, brush.tokens.grid);
            x += spacing;
        }
        y += spacing;
    }
    mesh
}
