//! Where wires go that leave the view: said at its edge.

use egui::{Align2, FontId, Pos2, Rect, pos2, vec2};

use super::brush::Brush;
use crate::panels::canvas::curve::point_on;
use crate::panels::canvas::scene::{Scene, WireShape};
use crate::size;

/// So many are told of at most.
const MOST: usize = 24;
/// Between the edge and what is said there.
const INSET: f32 = 6.0;

/// Tells of the wires at selected blocks, of the selected wire, and of the one under the pointer.
pub fn paint(brush: &Brush<'_>, scene: &Scene, hovered: Option<&node_core::Wire>) {
    let tab = brush.tab;
    let of_blocks = tab.view.selection.iter().take(MOST).filter_map(|id| tab.document.checked.links(id));
    let at_blocks = of_blocks.flat_map(|links| links.incoming.iter().chain(&links.outgoing));
    let told = at_blocks.chain(&tab.view.wire).chain(hovered);
    let mut taken: Vec<Rect> = Vec::new();
    for wire in told.filter_map(|wire| scene.wire(wire)) {
        if taken.len() >= MOST {
            return;
        }
        one(brush, wire, &mut taken);
    }
}

fn one(brush: &Brush<'_>, wire: &WireShape, taken: &mut Vec<Rect>) {
    let seen = brush.canvas.shrink(INSET);
    let (from, to) = (brush.at(wire.course.from), brush.at(wire.course.to));
    let (port, sign, edge) = match (seen.contains(from), seen.contains(to)) {
        (true, false) => (&wire.wire.to, "→ ", edge(brush, wire, true)),
        (false, true) => (&wire.wire.from, "← ", edge(brush, wire, false)),
        _ => return,
    };
    let Some(edge) = edge else { return };
    let font = FontId::proportional(size::CAPTION);
    let text = format!("{sign}{port}");
    let galley = brush.painter.layout_no_wrap(text, font, brush.tokens.text);
    let half = galley.size() / 2.0 + vec2(6.0, 3.0);
    let room = Rect::from_min_max(seen.min + half, seen.max - half);
    if room.is_negative() {
        return;
    }
    let mut center = pos2(edge.x.clamp(room.left(), room.right()), edge.y.clamp(room.top(), room.bottom()));
    let rect = |center: Pos2| Rect::from_center_size(center, half * 2.0);
    // Below one another where several leave at one place.
    while let Some(other) = taken.iter().find(|other| other.intersects(rect(center))) {
        center.y = other.bottom() + half.y + 1.0;
        if center.y > room.bottom() {
            return;
        }
    }
    let rect = rect(center);
    if taken.contains(&rect) {
        return;
    }
    taken.push(rect);
    brush.ink.rect_filled(rect, 4, brush.tokens.raised);
    brush.ink.rect_stroke(rect, 4, egui::Stroke::new(1.0, brush.wire_color(wire)), egui::StrokeKind::Inside);
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size()).min;
    brush.ink.galley(at, galley, brush.tokens.text);
}

/// Where the wire leaves the view, from its end that is seen: going with it, or against it.
fn edge(brush: &Brush<'_>, wire: &WireShape, forward: bool) -> Option<Pos2> {
    const STEPS: usize = 64;
    let pieces: Vec<[Pos2; 4]> = wire.course.pieces().collect();
    let count = pieces.len() * STEPS;
    let point = |step: usize| {
        let step = if forward { step } else { count - step };
        let piece = (step / STEPS).min(pieces.len() - 1);
        brush.at(point_on(&pieces[piece], (step - piece * STEPS) as f32 / STEPS as f32))
    };
    (0..=count).map(point).find(|at| !brush.canvas.contains(*at))
}
