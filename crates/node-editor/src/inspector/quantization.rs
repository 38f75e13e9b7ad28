//! The range in force: nudged range, scale and zero point, as numbers and as a picture.

use egui::{Align2, FontId, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};
use node_core::number::f32_text;
use node_core::{BlockId, QuantRange};
use node_engine::analysis::Shares;

use super::section::heading;
use crate::editor::Tab;
use crate::names::{Told, tell};
use crate::tokens::{Tokens, size};

const MAX_CHANNELS: usize = 64;

/// Draws the section, for blocks that quantize.
pub fn section(ui: &mut Ui, tab: &Tab, id: &BlockId) {
    let Some(result) = tab.result(id) else { return };
    let Some(quantization) = &result.quantization else { return };
    match quantization.ranges.as_slice() {
        [] => {}
        [range] => {
            heading(ui, "RANGE IN FORCE", |_| {});
            one(ui, id, range);
        }
        ranges => {
            heading(ui, "RANGES IN FORCE", |ui| {
                ui.label(RichText::new(format!("{} channels", ranges.len())).size(size::CAPTION).weak());
            });
            channels(ui, ranges);
        }
    }
    if let Some(shares) = result.shares {
        share_line(ui, &shares, quantization.input);
    }
}

fn one(ui: &mut Ui, id: &BlockId, range: &QuantRange) {
    let tokens = Tokens::of(ui);
    let numbers = format!("zero point {} · scale {}", range.zero_point, f32_text(range.scale));
    ui.label(RichText::new(numbers).monospace().size(size::CAPTION + 0.5).color(tokens.muted));
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 58.0), Sense::hover());
    picture(ui, rect, range);
    let text = format!("nudged range {} to {}", f32_text(range.nudged_min), f32_text(range.nudged_max));
    let name = format!("nudged range of {id}");
    let told = Told {
        role: egui::Role::Label,
        name,
        value: Some(text),
        description: None,
        selected: None,
        rect,
        key: &("range", id),
    };
    tell(ui, told);
}

/// The nudged range as a bar, with the ends that were asked for and zero on it.
fn picture(ui: &Ui, rect: Rect, range: &QuantRange) {
    let tokens = Tokens::of(ui);
    let painter = ui.painter();
    let ends = [range.min, range.max, range.nudged_min, range.nudged_max, 0.0];
    let low = ends.iter().copied().fold(f32::INFINITY, f32::min);
    let high = ends.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !(low.is_finite() && high.is_finite() && high > low) {
        let text = "no range: its ends are not finite, or equal";
        painter.text(rect.left_center(), Align2::LEFT_CENTER, text, FontId::proportional(size::CAPTION), tokens.muted);
        return;
    }
    let track = Rect::from_min_size(pos2(rect.left(), rect.top() + 22.0), vec2(rect.width(), 7.0));
    let inner = track.shrink2(vec2(24.0, 0.0));
    let x = |v: f32| egui::remap(v, low..=high, inner.left()..=inner.right());
    painter.rect_filled(track, 3, tokens.line);
    let bar = Rect::from_x_y_ranges(x(range.nudged_min)..=x(range.nudged_max), track.y_range());
    painter.rect_filled(bar, 3, tokens.inside);
    let mono = FontId::monospace(size::CAPTION);
    for (name, v) in [("min", range.min), ("max", range.max)] {
        let outside = v < range.nudged_min || v > range.nudged_max;
        let color = if outside { tokens.warning } else { tokens.muted };
        let at = pos2(x(v), track.top() - 4.0);
        let line = [pos2(x(v), track.top() - 3.0), pos2(x(v), track.bottom() + 3.0)];
        painter.extend(egui::Shape::dashed_line(&line, Stroke::new(1.3, color), 2.5, 1.5));
        let text = format!("{name} {}", f32_text(v));
        let galley = painter.layout_no_wrap(text, mono.clone(), color);
        let left = (at.x - galley.size().x / 2.0).clamp(rect.left(), rect.right() - galley.size().x);
        painter.galley(pos2(left, at.y - galley.size().y), galley, color);
    }
    painter.circle_filled(pos2(x(0.0), track.center().y), 3.0, tokens.text);
    let y = track.bottom() + 5.0;
    let below = |v: f32, text: String, align: Align2| {
        painter.text(pos2(x(v), y), align, text, mono.clone(), tokens.muted);
    };
    let at_left = pos2(rect.left(), y);
    painter.text(at_left, Align2::LEFT_TOP, f32_text(range.nudged_min), mono.clone(), tokens.muted);
    let at_right = pos2(rect.right(), y);
    painter.text(at_right, Align2::RIGHT_TOP, f32_text(range.nudged_max), mono.clone(), tokens.muted);
    let room = x(0.0) - rect.left() > 90.0 && rect.right() - x(0.0) > 90.0;
    if room {
        below(0.0, "0".to_owned(), Align2::CENTER_TOP);
    }
}

/// A row for each channel.
fn channels(ui: &mut Ui, ranges: &[QuantRange]) {
    let tokens = Tokens::of(ui);
    row(ui, ["ch", "nudged min", "nudged max", "scale", "zero"].map(str::to_owned), tokens.muted);
    for (channel, range) in ranges.iter().take(MAX_CHANNELS).enumerate() {
        let numbers = [range.nudged_min, range.nudged_max, range.scale].map(f32_text);
        let [min, max, scale] = numbers;
        row(ui, [channel.to_string(), min, max, scale, range.zero_point.to_string()], tokens.text);
    }
    if ranges.len() > MAX_CHANNELS {
        ui.label(RichText::new(format!("… and {} more", ranges.len() - MAX_CHANNELS)).color(tokens.muted));
    }
}

fn row(ui: &mut Ui, cells: [String; 5], color: egui::Color32) {
    const SHARES: [f32; 5] = [0.1, 0.26, 0.26, 0.26, 0.12];
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut right = rect.left();
    for (cell, share) in cells.into_iter().zip(SHARES) {
        right += rect.width() * share;
        let at = pos2(right - 4.0, rect.center().y);
        painter.text(at, Align2::RIGHT_CENTER, cell, FontId::monospace(size::CAPTION), color);
    }
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, Tokens::of(ui).line.gamma_multiply(0.6)));
}

fn share_line(ui: &mut Ui, shares: &Shares, input: &str) {
    let tokens = Tokens::of(ui);
    let total = shares.total().max(1) as f64;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("{input}:")).size(size::CAPTION).color(tokens.muted));
        for (what, n, color) in [
            ("below", shares.below, tokens.below),
            ("inside", shares.inside, tokens.inside),
            ("above", shares.above, tokens.above),
            ("NaN", shares.odd, tokens.error),
        ] {
            if n > 0 || what == "inside" {
                let text = format!("{what} {:.1} %", n as f64 / total * 100.0);
                let label = ui.label(RichText::new(text).monospace().size(size::CAPTION).color(color));
                label.on_hover_text(format!("{n} of {}", shares.total()));
            }
        }
    });
}
