//! Shapes that are collected as they are painted, so that they can be kept and painted again elsewhere.

use std::cell::RefCell;
use std::sync::Arc;

use egui::text::LayoutJob;
use egui::{Color32, CornerRadius, Galley, Painter, Pos2, Rangef, Rect, Shape, Stroke, StrokeKind, Vec2};

/// Collects shapes; texts are laid out by `painter`.
pub struct Ink<'p> {
    painter: &'p Painter,
    shapes: RefCell<Vec<Shape>>,
}

impl<'p> Ink<'p> {
    /// Nothing yet.
    pub fn new(painter: &'p Painter) -> Ink<'p> {
        Ink { painter, shapes: RefCell::default() }
    }

    /// What was painted.
    pub fn into_shapes(self) -> Vec<Shape> {
        self.shapes.into_inner()
    }

    /// A shape.
    pub fn add(&self, shape: impl Into<Shape>) {
        self.shapes.borrow_mut().push(shape.into());
    }

    /// Several shapes.
    pub fn extend(&self, shapes: impl IntoIterator<Item = Shape>) {
        self.shapes.borrow_mut().extend(shapes);
    }

    /// A filled rectangle.
    pub fn rect_filled(&self, rect: Rect, radius: impl Into<CornerRadius>, color: Color32) {
        self.add(Shape::rect_filled(rect, radius, color));
    }

    /// A rectangle's edge.
    pub fn rect_stroke(&self, rect: Rect, radius: impl Into<CornerRadius>, stroke: Stroke, kind: StrokeKind) {
        self.add(Shape::rect_stroke(rect, radius, stroke, kind));
    }

    /// A filled circle with an edge.
    pub fn circle(&self, center: Pos2, radius: f32, fill: Color32, stroke: Stroke) {
        self.add(egui::epaint::CircleShape { center, radius, fill, stroke });
    }

    /// A filled circle.
    pub fn circle_filled(&self, center: Pos2, radius: f32, color: Color32) {
        self.add(Shape::circle_filled(center, radius, color));
    }

    /// A horizontal line.
    pub fn hline(&self, x: Rangef, y: f32, stroke: Stroke) {
        self.add(Shape::hline(x, y, stroke));
    }

    /// A line.
    pub fn line_segment(&self, points: [Pos2; 2], stroke: Stroke) {
        self.add(Shape::line_segment(points, stroke));
    }

    /// Text that was laid out.
    pub fn galley(&self, at: Pos2, galley: Arc<Galley>, color: Color32) {
        self.add(Shape::galley(at, galley, color));
    }

    /// Lays text out.
    pub fn layout_job(&self, job: LayoutJob) -> Arc<Galley> {
        self.painter.layout_job(job)
    }
}

/// Moves a shape. A text keeps what it shares.
pub fn moved(mut shape: Shape, by: Vec2) -> Shape {
    match &mut shape {
        Shape::Text(text) => text.pos += by,
        other => other.translate(by),
    }
    shape
}
