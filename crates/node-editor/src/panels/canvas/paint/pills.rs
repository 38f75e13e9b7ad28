//! How outputs are, in bars: where elements lie in a range, and what of them is no finite number.

use egui::{Color32, Pos2, Rect, Stroke, pos2, vec2};

use super::brush::Brush;
use crate::state::health::{self, Condition};
use crate::state::shapes::{BlockShape, PortShape};
use crate::widgets::health::parts;

/// Of what a block quantizes, else of its first output.
pub fn bar(brush: &Brush<'_>, block: &BlockShape, rect: Rect) {
    paint(brush, rect, health::of_block(brush.tab, &block.id), 2.0);
}

/// Of one output, at its name.
pub fn pill(brush: &Brush<'_>, port: &PortShape, rect: Rect) {
    paint(brush, rect, health::of_port(brush.tab, &port.end.port), rect.height() / 2.0);
}

/// What is there at all is drawn at least so wide, in parts of the bar: one NaN among millions is to be seen.
const LEAST_PART: f32 = 0.025;
/// And at least so wide on the screen: as wide as hatching needs to be seen.
const LEAST: f32 = 3.0;

fn paint(brush: &Brush<'_>, rect: Rect, condition: Option<Condition>, radius: f32) {
    let rect = brush.rect(rect);
    let radius = brush.px(radius) as u8;
    brush.ink.rect_filled(rect, radius, brush.tokens.sunken);
    let Some(condition) = condition.filter(|condition| condition.parts.total() > 0) else { return };
    let parts = parts(&condition.parts);
    let widths = widths(parts.each_ref().map(|part| part.count), rect.width());
    let mut x = rect.left();
    for (part, width) in parts.into_iter().zip(widths).filter(|(_, width)| *width > 0.0) {
        let piece = Rect::from_min_size(pos2(x, rect.top()), vec2(width, rect.height()));
        x += width;
        let color = (part.color)(brush.tokens);
        match part.name {
            "NaN" => hatch(brush, piece, color, true),
            "infinite" => hatch(brush, piece, color, false),
            _ => brush.ink.rect_filled(piece, if piece == rect { radius } else { 1 }, color),
        }
    }
}

/// How wide each part of a bar is.
fn widths<const N: usize>(counts: [u64; N], whole: f32) -> [f32; N] {
    let total = counts.iter().sum::<u64>().max(1) as f64;
    let least = LEAST_PART.max(LEAST / whole.max(LEAST)).min(0.2);
    let shares = counts.map(|n| (n as f64 / total) as f32);
    let is_least = |share: f32| share > 0.0 && share < least;
    // What the small ones are drawn too wide the others give, each in its proportion.
    let taken = shares.iter().filter(|share| is_least(**share)).count() as f32 * least;
    let large: f32 = shares.iter().filter(|share| !is_least(**share)).sum();
    shares
        .map(|share| whole * if is_least(share) { least } else { share / large.max(f32::MIN_POSITIVE) * (1.0 - taken) })
}

/// Slanted lines, rising or falling, cut where they leave the rectangle.
fn hatch(brush: &Brush<'_>, rect: Rect, color: Color32, rises: bool) {
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let (from, to) = (x.max(rect.left()), (x + rect.height()).min(rect.right()));
        let y = |at: f32| if rises { rect.bottom() - (at - x) } else { rect.top() + (at - x) };
        brush.ink.line_segment([Pos2::new(from, y(from)), Pos2::new(to, y(to))], Stroke::new(1.4, color));
        x += 3.5;
    }
}

#[cfg(test)]
mod tests {
    use super::widths;

    #[test]
    fn one_among_millions_is_seen() {
        let [below, inside, above, infinite, nan] = widths([0, 5_000_000, 0, 0, 1], 200.0);
        assert!(below == 0.0 && above == 0.0 && infinite == 0.0 && nan > 4.0);
        assert!((inside + nan - 200.0).abs() < 1e-3);
        assert_eq!(widths([1, 2, 1, 0], 200.0), [50.0, 100.0, 50.0, 0.0]);
        assert_eq!(widths([0; 4], 200.0), [0.0; 4]);
        let [below, .., nan] = widths([1, 5_000_000, 1, 1, 1], 22.0);
        assert!(below > 2.5 && nan > 2.5, "also where there is little room: {below} {nan}");
    }
}
