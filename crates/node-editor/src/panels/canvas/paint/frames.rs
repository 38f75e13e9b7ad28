//! Frames around blocks, beneath them.

use egui::{CornerRadius, Stroke, StrokeKind, pos2};

use super::brush::Brush;
use super::text::{self, Style};
use crate::panels::canvas::decor::{Moved, frame_rect};
use crate::panels::canvas::scene::Scene;
use crate::size;
use crate::state::decor::TITLE;
use crate::state::view::Picked;

/// Paints all that are in view.
pub fn paint(brush: &Brush<'_>, scene: &Scene, moved: Moved<'_>) {
    for (name, frame) in &brush.tab.document.page.decor.frames {
        let world = frame_rect(scene, name, frame, moved);
        let rect = brush.rect(world);
        if !rect.intersects(brush.canvas) {
            continue;
        }
        let named = frame.color.as_deref().and_then(|color| brush.tokens.named(color));
        let color = named.unwrap_or(brush.tokens.faint);
        let radius = CornerRadius::same(brush.px(10.0).clamp(2.0, 20.0) as u8);
        brush.ink.rect_filled(rect, radius, color.gamma_multiply(0.10));
        let picked = brush.tab.view.picked == Some(Picked::Frame(name.clone()));
        let edge =
            if picked { Stroke::new(2.0, brush.tokens.accent) } else { Stroke::new(1.0, color.gamma_multiply(0.6)) };
        brush.ink.rect_stroke(rect, radius, edge, StrokeKind::Inside);
        let title = brush.at(pos2(world.left() + 12.0, world.top() + TITLE / 2.0));
        // Titles are what is read from afar: they do not shrink below a size that can be.
        let zoom = brush.camera.zoom.max(0.8);
        let style = Style::semibold(size::TEXT, if named.is_some() { color } else { brush.tokens.muted });
        text::left(&brush.ink, title, &frame.title, &style, zoom, (rect.width() - 16.0).max(0.0));
    }
}
