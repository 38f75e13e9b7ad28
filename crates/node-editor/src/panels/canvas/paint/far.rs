//! Blocks and wires from afar: boxes and lines with few corners, all in one mesh, which is kept for as long as nothing
//! has changed.

use std::sync::Arc;

use egui::emath::GuiRounding as _;
use egui::epaint::{Vertex, WHITE_UV};
use egui::{Color32, Mesh, Pos2, Rect, Shape, Vec2, pos2, vec2};

use node_core::Wire;

use super::brush::Brush;
use crate::panels::canvas::curve::point_on;
use crate::panels::canvas::scene::{Item, Scene, WireShape};
use crate::state::view::Gesture;

/// What was painted last.
#[derive(Clone, Default)]
pub struct Far {
    key: Option<Key>,
    mesh: Arc<Mesh>,
}

/// What it depends on.
#[derive(Clone, PartialEq)]
struct Key {
    scene: u64,
    /// What the page's runs have given.
    generation: u64,
    canvas: Rect,
    origin: Vec2,
    zoom: f32,
    pixels: f32,
    dark: bool,
    moved: Option<Vec2>,
    detached: Option<Wire>,
    bent: Option<Pos2>,
}

impl Far {
    /// All blocks and wires in view, but for a wire that is taken off.
    pub fn paint(&mut self, brush: &Brush<'_>, scene: &Scene, detached: Option<&Wire>, dark: bool) {
        let (canvas, camera, pixels) = (brush.canvas, brush.camera, brush.painter.pixels_per_point());
        let key = Key {
            scene: scene.version(),
            generation: brush.tab.run.generation(),
            canvas,
            origin: camera.origin,
            zoom: camera.zoom,
            pixels,
            dark,
            moved: brush.moved,
            detached: detached.cloned(),
            bent: brush.pointer.filter(|_| matches!(brush.tab.view.gesture, Gesture::Bend { .. })),
        };
        if self.key.as_ref() != Some(&key) {
            let mut mesh = Mesh::default();
            let (wires, blocks) = (brush.wires(scene, SHORT), brush.items(scene));
            mesh.reserve_vertices(wires.len() * 12 + blocks.len() * 12);
            wires
                .iter()
                .filter(|(wire, _)| Some(&wire.wire) != detached)
                .for_each(|(wire, course)| course.pieces().for_each(|curve| line(&mut mesh, brush, wire, &curve)));
            for selected in [false, true] {
                let of_these = blocks.iter().filter(|item| item.selected == selected);
                of_these.for_each(|item| boxed(&mut mesh, brush, item));
            }
            (self.key, self.mesh) = (Some(key), Arc::new(mesh));
        }
        brush.ink.add(Shape::Mesh(self.mesh.clone()));
    }
}

/// Blocks lower than this on the screen are specks of one colour.
const SPECK: f32 = 4.0;
/// Wires shorter than this on the screen are not seen between their blocks.
const SHORT: f32 = 3.0;

/// A block: its edge, its category, its body.
fn boxed(mesh: &mut Mesh, brush: &Brush<'_>, item: &Item) {
    let (pixels, tokens) = (brush.painter.pixels_per_point(), brush.tokens);
    let rect = brush.rect(item.block.rect.translate(brush.moved_by(item.selected))).round_to_pixels(pixels);
    // Never so small that rounding makes it nothing.
    let rect = Rect::from_min_size(rect.min, rect.size().max(Vec2::splat(1.0 / pixels)));
    let (edge, width): (Color32, f32) = match (item.selected, item.block.message.is_some()) {
        (true, _) => (tokens.accent, 1.5),
        (false, true) => (tokens.error, 1.5),
        (false, false) => (tokens.line, 1.0),
    };
    let category = brush.category(item);
    if brush.px(item.block.rect.height()) < SPECK {
        mesh.add_colored_rect(rect, if width > 1.0 { edge } else { category });
        return;
    }
    let inner = rect.shrink(width.min(rect.height() * 0.2)).round_to_pixels(pixels);
    mesh.add_colored_rect(rect, edge);
    if rect.height() < 10.0 {
        mesh.add_colored_rect(inner, category);
        return;
    }
    let strip = Rect::from_min_size(inner.min, vec2(inner.width(), (rect.height() * 0.08).max(2.0)));
    mesh.add_colored_rect(inner, tokens.raised);
    mesh.add_colored_rect(strip, category);
    // What is no finite number is seen from afar too.
    if let Some(color) = sick(brush, item) {
        let side = (rect.height() * 0.16).clamp(4.0, 9.0);
        let corner = Rect::from_min_size(inner.right_bottom() - Vec2::splat(side), Vec2::splat(side));
        mesh.add_colored_rect(corner, color);
    }
}

/// The colour of what is wrong with a block's outputs: NaN, or infinities.
fn sick(brush: &Brush<'_>, item: &Item) -> Option<Color32> {
    let result = brush.tab.result(&item.block.id)?;
    let mut health = result.health.iter().flatten();
    if health.clone().any(|health| health.nan > 0) {
        return Some(brush.tokens.error);
    }
    health.any(|health| health.infinite() > 0).then_some(brush.tokens.warning)
}

/// A wire as a few straight pieces, soft at both sides.
fn line(mesh: &mut Mesh, brush: &Brush<'_>, wire: &WireShape, curve: &[Pos2; 4]) {
    let curve = curve.map(|point| brush.at(point));
    let length = (curve[3] - curve[0]).length();
    if length < SHORT {
        return;
    }
    let pieces = if length < 12.0 { 1 } else { (length / 20.0).clamp(4.0, 16.0) as usize };
    let strength = egui::remap_clamp(brush.camera.zoom, 0.1..=0.5, 0.3..=1.0);
    let color = brush.wire_color(wire).gamma_multiply(strength);
    let mut before: Option<(u32, Pos2)> = None;
    for piece in 0..=pieces {
        let at = if pieces == 1 { curve[piece * 3] } else { point_on(&curve, piece as f32 / pieces as f32) };
        let from = before.map_or(curve[0], |(_, point)| point);
        let along = if piece == 0 { curve[3] - curve[0] } else { at - from };
        let across = along.rot90() / along.length().max(1e-3);
        let first = mesh.vertices.len() as u32;
        let mut vertex = |side: f32, color: Color32| {
            mesh.vertices.push(Vertex {
                pos: pos2(at.x + across.x * side, at.y + across.y * side),
                uv: WHITE_UV,
                color,
            });
        };
        vertex(-1.0, Color32::TRANSPARENT);
        vertex(0.0, color);
        vertex(1.0, Color32::TRANSPARENT);
        if let Some((last, _)) = before {
            for side in 0..2 {
                mesh.add_triangle(last + side, last + side + 1, first + side);
                mesh.add_triangle(last + side + 1, first + side, first + side + 1);
            }
        }
        before = Some((first, at));
    }
}
