//! Painting: the grid, wires, blocks, and what a gesture shows.

mod blocks;
mod brush;
mod dots;
mod far;
mod frames;
mod ink;
mod leaving;
mod marks;
mod near;
mod pills;
mod text;

pub use blocks::{note, shown};

use egui::epaint::CubicBezierShape;
use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, vec2};
use node_core::{Direction, PortKind, Wire};

use super::course::Course;
use super::curve::curve;
use super::decor::Moved;
use super::detail::{FROM_AFAR, TOO_FAR};
use super::hits::{DROP_REACH, Target, target, wire_under, wires_under};
use super::scene::{Scene, WireShape};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Gesture;
use crate::widgets::tokens::Tokens;
use crate::wiring::fit::Fit;
use brush::Brush;
use dots::Dots;
use far::Far;
use ink::Ink;
use near::Near;

/// What was painted last, to be painted again.
#[derive(Clone, Default)]
pub struct Painted {
    dots: Dots,
    far: Far,
    near: Near,
}

/// Paints the canvas; selected blocks are being `moved`.
pub fn paint(ui: &Ui, canvas: Rect, tab: &Tab, scene: &Scene, moved: Moved<'_>, painted: &mut Painted) {
    let (from, detached) = match &tab.view.gesture {
        Gesture::Wire { from, detached } => (Some(from), detached.as_ref()),
        _ => (None, None),
    };
    let painter = ui.painter_at(canvas);
    let pointer = ui.pointer_latest_pos();
    let world = pointer.map(|at| tab.view.camera.to_world(canvas, at));
    let fit = from.map(|from| Fit::new(&tab.document.checked, from, detached));
    let brush = Brush {
        painter: &painter,
        ink: Ink::new(&painter),
        canvas,
        camera: tab.view.camera,
        tokens: Tokens::of(ui),
        tab,
        fit: fit.as_ref(),
        from,
        pointer: world,
        moved: moved.blocks,
    };
    painted.dots.paint(&brush);
    frames::paint(&brush, scene, moved);
    painted.near.begin(ui, &brush);
    let hovered = match world.filter(|_| tab.view.gesture == Gesture::None && ui.rect_contains_pointer(canvas)) {
        Some(at) => match target(scene, tab, at, tab.view.camera.zoom) {
            Target::Wire(wire, _) | Target::Bend(wire, _) => Some(&wire.wire),
            _ => None,
        },
        None => None,
    };
    let stands_out = |wire: &Wire| (tab.view.wire.as_ref() == Some(wire), hovered == Some(wire));
    if brush.camera.zoom < FROM_AFAR {
        painted.far.paint(&brush, scene, detached, ui.visuals().dark_mode);
        if brush.camera.zoom >= TOO_FAR {
            brush.items(scene).into_iter().for_each(|item| painted.near.name(&brush, item));
        }
        let special = tab.view.wire.iter().chain(hovered).filter_map(|wire| scene.wire(wire));
        special.for_each(|wire| {
            let (selected, hovered) = stands_out(&wire.wire);
            paint_wire(&brush, wire, &wire.course, selected, hovered);
        });
    } else {
        let way = tab.view.results.inquiry.as_ref().map(|asked| asked.way.clone()).unwrap_or_default();
        for (wire, course) in brush.wires(scene, 0.0).iter().filter(|(wire, _)| Some(&wire.wire) != detached) {
            let (selected, hovered) = stands_out(&wire.wire);
            // The way back from an element to its sources lights up.
            let selected = selected || way.contains(&wire.wire);
            paint_wire(&brush, wire, course, selected, hovered);
        }
        brush.items(scene).into_iter().for_each(|item| painted.near.paint(&brush, item));
    }
    marks::paint(&brush, scene);
    leaving::paint(&brush, scene, hovered);
    if let (Some(at), gesture) = (world, &tab.view.gesture) {
        paint_gesture(&brush, scene, gesture, at);
    }
    if let Some((search, from)) = tab.view.search.as_ref().and_then(|s| Some((s, s.connect.as_ref()?))) {
        let pending = Gesture::Wire { from: from.clone(), detached: None };
        paint_gesture(&brush, scene, &pending, search.at);
    }
    painter.extend(brush.ink.into_shapes());
    if scene.is_empty() && tab.document.page.decor.is_empty() {
        empty(&painter, canvas, Tokens::of(ui));
    }
}

fn empty(painter: &Painter, canvas: Rect, tokens: &Tokens) {
    let lines = [
        ("This page is empty", size::HEADING + 1.0, tokens.text),
        ("Drag a block from the palette, or double-click here to search for one.", size::TEXT, tokens.muted),
    ];
    let mut at = canvas.center() - vec2(0.0, 24.0);
    for (text, size, color) in lines {
        painter.text(at, egui::Align2::CENTER_CENTER, text, egui::FontId::proportional(size), color);
        at.y += 26.0;
    }
}

fn paint_wire(brush: &Brush<'_>, wire: &WireShape, course: &Course, selected: bool, hovered: bool) {
    // From afar the blocks are what is looked for.
    let strength = egui::remap_clamp(brush.camera.zoom, 0.1..=0.5, 0.3..=1.0);
    let width = (size::WIRE * brush.camera.zoom.clamp(0.3, 1.4)) + if hovered { 1.2 } else { 0.0 };
    let color = match (selected, hovered) {
        (true, _) => brush.tokens.accent,
        (false, true) => brush.wire_color(wire),
        (false, false) => brush.wire_color(wire).gamma_multiply(strength),
    };
    stroke_course(brush, course, wire.kind, Stroke::new(width + if selected { 1.0 } else { 0.0 }, color));
    if brush.camera.zoom >= FROM_AFAR {
        let radius = (3.5 * brush.camera.zoom).clamp(2.0, 6.0) + if hovered || selected { 1.0 } else { 0.0 };
        course.bends().iter().for_each(|bend| brush.ink.circle_filled(brush.at(*bend), radius, color));
    }
}

fn stroke_course(brush: &Brush<'_>, course: &Course, kind: PortKind, stroke: Stroke) {
    course.pieces().for_each(|piece| stroke_curve(brush, piece.map(|point| brush.at(point)), kind, stroke));
}

fn stroke_curve(brush: &Brush<'_>, points: [Pos2; 4], kind: PortKind, stroke: Stroke) {
    let shape = CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke);
    if kind == PortKind::Attrs {
        let path = shape.flatten(Some(0.2));
        brush.ink.extend(Shape::dashed_line(&path, stroke, brush.px(7.0).max(4.0), brush.px(4.5).max(3.0)));
    } else {
        brush.ink.add(shape);
    }
}

fn paint_gesture(brush: &Brush<'_>, scene: &Scene, gesture: &Gesture, at: Pos2) {
    match gesture {
        Gesture::Box { from, .. } => {
            let rect = brush.rect(Rect::from_two_pos(*from, at));
            let accent = brush.tokens.accent;
            brush.ink.rect_filled(rect, 2, accent.gamma_multiply(0.12));
            brush.ink.rect_stroke(rect, 2, Stroke::new(1.0, accent), StrokeKind::Inside);
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
            brush.ink.circle_filled(brush.at(loose), 4.0, color);
        }
        Gesture::Move { out: false, .. } | Gesture::Carry { .. } => {
            let under = brush.moved.and_then(|by| wire_under(scene, brush.tab, by));
            if let Some(wire) = under {
                let accent = Stroke::new(size::WIRE + 2.0, brush.tokens.accent);
                stroke_course(brush, &wire.course, wire.kind, accent);
            }
        }
        Gesture::Cut(line) => {
            let stroke = Stroke::new(size::WIRE + 1.0, brush.tokens.error);
            for wire in wires_under(scene, line).iter().filter_map(|wire| scene.wire(wire)) {
                stroke_course(brush, &wire.course, wire.kind, stroke);
            }
            let points: Vec<Pos2> = line.iter().chain([&at]).map(|p| brush.at(*p)).collect();
            brush.ink.extend(Shape::dashed_line(&points, Stroke::new(1.5, brush.tokens.error), 5.0, 4.0));
        }
        Gesture::None
        | Gesture::Pan
        | Gesture::Bend { .. }
        | Gesture::Shift { .. }
        | Gesture::Move { out: true, .. } => {}
    }
}
