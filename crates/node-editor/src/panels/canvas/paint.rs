//! Painting: the grid, wires, blocks, and what a gesture shows.

mod blocks;
mod brush;
mod text;

pub use blocks::{note, shown};

use egui::epaint::CubicBezierShape;
use egui::{Color32, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, vec2};
use node_core::{Direction, PortKind};

use super::curve::curve;
use super::hits::{DROP_REACH, Target, target};
use super::scene::{Scene, WireShape};
use crate::fit::Fit;
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Gesture;
use crate::widgets::tokens::Tokens;
use brush::Brush;

/// Paints the canvas.
pub fn paint(ui: &Ui, canvas: Rect, tab: &Tab, scene: &Scene) {
    let (from, detached) = match &tab.view.gesture {
        Gesture::Wire { from, detached } => (Some(from), detached.as_ref()),
        _ => (None, None),
    };
    let brush = Brush {
        painter: ui.painter_at(canvas),
        canvas,
        camera: tab.view.camera,
        tokens: Tokens::of(ui),
        tab,
        fit: from.map(|from| Fit::new(&tab.document.checked, from, detached)),
        from,
    };
    grid(&brush);
    let pointer = ui.pointer_latest_pos();
    let world = pointer.map(|at| tab.view.camera.to_world(canvas, at));
    let hovered = match world.filter(|_| tab.view.gesture == Gesture::None && ui.rect_contains_pointer(canvas)) {
        Some(at) => match target(scene, at, tab.view.camera.zoom) {
            Target::Wire(wire, _) => Some(&wire.wire),
            _ => None,
        },
        None => None,
    };
    for wire in scene.wires.iter().filter(|w| Some(&w.wire) != detached) {
        let selected = tab.view.wire.as_ref() == Some(&wire.wire);
        paint_wire(&brush, wire, selected, hovered == Some(&wire.wire));
    }
    for block in &scene.blocks {
        if brush.rect(block.rect).expand(12.0).intersects(canvas) {
            blocks::paint(&brush, block);
        }
    }
    if let (Some(at), gesture) = (world, &tab.view.gesture) {
        paint_gesture(&brush, scene, gesture, at);
    }
    if let Some((search, from)) = tab.view.search.as_ref().and_then(|s| Some((s, s.connect.as_ref()?))) {
        let pending = Gesture::Wire { from: from.clone(), detached: None };
        paint_gesture(&brush, scene, &pending, search.at);
    }
    if scene.blocks.is_empty() {
        empty(&brush);
    }
}

fn grid(brush: &Brush<'_>) {
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
            let dot = Rect::from_center_size(Pos2::new(x, y), vec2(1.6, 1.6));
            brush.painter.rect_filled(dot, 0, brush.tokens.grid);
            x += spacing;
        }
        y += spacing;
    }
}

fn empty(brush: &Brush<'_>) {
    let lines = [
        ("This page is empty", size::HEADING + 1.0, brush.tokens.text),
        ("Drag a block from the palette, or press Space to search for one.", size::TEXT, brush.tokens.muted),
    ];
    let mut at = brush.canvas.center() - vec2(0.0, 24.0);
    for (text, size, color) in lines {
        brush.painter.text(at, egui::Align2::CENTER_CENTER, text, egui::FontId::proportional(size), color);
        at.y += 26.0;
    }
}

/// The colour of what leaves an output.
fn output_color(brush: &Brush<'_>, wire: &WireShape) -> Color32 {
    let from = &wire.wire.from;
    let block = brush.tab.document.checked.blocks.get(&from.block);
    let dtype = block.and_then(|b| {
        let index = b.output_index(&from.port)?;
        b.outputs.get(index).map(|ty| ty.dtype)
    });
    brush.tokens.port(wire.kind, dtype)
}

fn paint_wire(brush: &Brush<'_>, wire: &WireShape, selected: bool, hovered: bool) {
    let points = wire.curve.map(|p| brush.at(p));
    if !Rect::from_points(&points).expand(4.0).intersects(brush.canvas) {
        return;
    }
    // From afar the blocks are what is looked for.
    let strength = egui::remap_clamp(brush.camera.zoom, 0.1..=0.5, 0.3..=1.0);
    let width = (size::WIRE * brush.camera.zoom.clamp(0.3, 1.4)) + if hovered { 1.2 } else { 0.0 };
    let color = match (selected, hovered) {
        (true, _) => brush.tokens.accent,
        (false, true) => output_color(brush, wire),
        (false, false) => output_color(brush, wire).gamma_multiply(strength),
    };
    stroke_curve(brush, points, wire.kind, Stroke::new(width + if selected { 1.0 } else { 0.0 }, color));
}

fn stroke_curve(brush: &Brush<'_>, points: [Pos2; 4], kind: PortKind, stroke: Stroke) {
    let shape = CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke);
    if kind == PortKind::Attrs {
        let path = shape.flatten(Some(0.2));
        brush.painter.extend(Shape::dashed_line(&path, stroke, brush.px(7.0).max(4.0), brush.px(4.5).max(3.0)));
    } else {
        brush.painter.add(shape);
    }
}

fn paint_gesture(brush: &Brush<'_>, scene: &Scene, gesture: &Gesture, at: Pos2) {
    match gesture {
        Gesture::Box { from, .. } => {
            let rect = brush.rect(Rect::from_two_pos(*from, at));
            let accent = brush.tokens.accent;
            brush.painter.rect(rect, 2, accent.gamma_multiply(0.12), Stroke::new(1.0, accent), StrokeKind::Inside);
        }
        Gesture::Wire { from, .. } => {
            let pin =
                scene.block(&from.port.block).and_then(|b| b.port(from.direction, &from.port.port)).map(|p| p.pin);
            let Some(pin) = pin else { return };
            let snapped =
                scene.port_at(at, DROP_REACH / brush.camera.zoom).filter(|p| brush.fits(&p.end) && p.end != *from);
            let loose = snapped.map_or(at, |p| p.pin);
            let curve = if from.direction == Direction::Out { curve(pin, loose) } else { curve(loose, pin) };
            let color = brush.tokens.port(from.kind, None);
            stroke_curve(brush, curve.map(|p| brush.at(p)), from.kind, Stroke::new(size::WIRE, color));
            brush.painter.circle_filled(brush.at(loose), 4.0, color);
        }
        Gesture::None | Gesture::Pan | Gesture::Move { .. } => {}
    }
}
