//! What is said of blocks because something was asked of the page: an outline in a colour that says how bad it is, and words.

use egui::{Align2, FontId, Rect, Stroke, StrokeKind, vec2};

use super::brush::Brush;
use crate::panels::canvas::detail::FROM_AFAR;
use crate::panels::canvas::scene::Scene;
use crate::size;
use crate::widgets::tokens::mixed;

/// Marks the blocks that are in view.
pub fn paint(brush: &Brush<'_>, scene: &Scene) {
    let marks = &brush.tab.view.marks.0;
    if marks.is_empty() {
        return;
    }
    let tokens = brush.tokens;
    for item in brush.items(scene) {
        let Some(mark) = marks.get(&item.block.id) else { continue };
        // Green, yellow, red.
        let color = match mark.badness {
            part if part < 0.5 => mixed(tokens.inside, tokens.warning, part * 2.0),
            part => mixed(tokens.warning, tokens.error, part * 2.0 - 1.0),
        };
        let rect = brush.rect(item.block.rect.translate(brush.moved_by(item.selected)));
        let width = brush.px(3.0).clamp(1.5, 4.0);
        brush.ink.rect_stroke(
            rect.expand(brush.px(2.0)),
            brush.px(9.0) as u8,
            Stroke::new(width, color),
            StrokeKind::Outside,
        );
        if brush.camera.zoom < FROM_AFAR {
            continue;
        }
        let font = FontId::proportional((size::CAPTION * brush.camera.zoom).clamp(8.0, 16.0));
        let galley = brush.painter.layout_no_wrap(mark.text.clone(), font, tokens.text);
        let room = galley.size() + vec2(10.0, 4.0);
        let label = Rect::from_min_size(rect.left_top() - vec2(0.0, room.y + brush.px(5.0)), room);
        brush.ink.rect_filled(label, 4, tokens.raised);
        brush.ink.rect_stroke(label, 4, Stroke::new(1.0, color), StrokeKind::Inside);
        let at = Align2::CENTER_CENTER.anchor_size(label.center(), galley.size()).min;
        brush.ink.galley(at, galley, tokens.text);
    }
}
