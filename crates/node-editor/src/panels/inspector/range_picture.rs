//! The range in force as a picture: a bar for the nudged range, marks where the given ends are, and 0.

use egui::{Align2, Color32, FontId, Rect, Stroke, Ui, pos2, vec2};
use node_core::QuantRange;
use node_core::number::f32_text;

use crate::size;
use crate::widgets::tokens::Tokens;

/// Labels of one row stand so far apart.
const GAP: f32 = 8.0;

/// Draws the picture into `rect`.
pub fn picture(ui: &Ui, rect: Rect, range: &QuantRange) {
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
    let asked = [("min", range.min), ("max", range.max)].map(|(name, v)| {
        let outside = v < range.nudged_min || v > range.nudged_max;
        let color = if outside { tokens.warning } else { tokens.muted };
        let line = [pos2(x(v), track.top() - 3.0), pos2(x(v), track.bottom() + 3.0)];
        painter.extend(egui::Shape::dashed_line(&line, Stroke::new(1.3, color), 2.5, 1.5));
        (x(v), format!("{name} {}", f32_text(v)), color)
    });
    labels(ui, rect, track.top() - 12.0, &asked);
    painter.circle_filled(pos2(x(0.0), track.center().y), 3.0, tokens.text);
    let mut nudged = vec![
        (x(range.nudged_min), f32_text(range.nudged_min), tokens.muted),
        (x(range.nudged_max), f32_text(range.nudged_max), tokens.muted),
    ];
    if range.nudged_min < 0.0 && range.nudged_max > 0.0 {
        nudged.insert(1, (x(0.0), "0".to_owned(), tokens.muted));
    }
    labels(ui, rect, track.bottom() + 12.0, &nudged);
}

/// A row of labels, each centred where it belongs, as far as they leave each other room; they are sorted.
fn labels(ui: &Ui, rect: Rect, y: f32, labels: &[(f32, String, Color32)]) {
    let galleys: Vec<_> = labels
        .iter()
        .map(|(_, text, color)| ui.painter().layout_no_wrap(text.clone(), FontId::monospace(size::CAPTION), *color))
        .collect();
    let widths: Vec<f32> = galleys.iter().map(|galley| galley.size().x).collect();
    let centers: Vec<f32> = labels.iter().map(|(x, ..)| *x).collect();
    for ((galley, left), (.., color)) in galleys.into_iter().zip(lefts(&centers, &widths, rect)).zip(labels) {
        ui.painter().galley(pos2(left, y - galley.size().y / 2.0), galley, *color);
    }
}

/// Where labels begin that want their middles at `centers`: inside `rect`, and no two over each other if there is room.
fn lefts(centers: &[f32], widths: &[f32], rect: Rect) -> Vec<f32> {
    let mut lefts: Vec<f32> = Vec::new();
    let mut least = rect.left();
    for (center, width) in centers.iter().zip(widths) {
        let left = (center - width / 2.0).max(least);
        least = left + width + GAP;
        lefts.push(left);
    }
    let mut most = rect.right();
    for (left, width) in lefts.iter_mut().zip(widths).rev() {
        *left = left.min(most - width);
        most = *left - GAP;
    }
    lefts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_where_the_range_ends_and_apart() {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 50.0));
        assert_eq!(lefts(&[50.0, 200.0], &[20.0, 20.0], rect), [40.0, 190.0]);
        assert_eq!(lefts(&[0.0, 300.0], &[20.0, 20.0], rect), [0.0, 280.0], "inside");
        let near = lefts(&[295.0, 298.0], &[40.0, 40.0], rect);
        assert!(near[0] + 40.0 + GAP <= near[1] && near[1] + 40.0 <= 300.0, "{near:?}");
        let three = lefts(&[5.0, 10.0, 15.0], &[30.0, 10.0, 30.0], rect);
        assert!(three[0] >= 0.0 && three[0] + 30.0 < three[1] && three[1] + 10.0 < three[2], "{three:?}");
    }
}
