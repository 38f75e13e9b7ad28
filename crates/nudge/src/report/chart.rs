//! A histogram, with the ends of a range.

use std::fmt::Write as _;

use node_core::QuantRange;
use node_core::number::f32_text;
use node_engine::analysis::distribution::{BARS, Distribution};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;
const BELOW: f64 = 18.0;

/// The elements' distribution as SVG; heights are roots of counts, so that tails are seen. Ends of one range are drawn: those in
/// force solid, those typed dashed.
pub fn histogram(told: &Distribution, range: Option<&QuantRange>) -> String {
    if !told.min.is_finite() || told.max - told.min > 1e300 {
        return String::new();
    }
    let ends = range.map(|range| [range.nudged_min, range.nudged_max, range.min, range.max].map(f64::from));
    let finite = ends.into_iter().flatten().filter(|end| end.is_finite());
    let (least, most) = finite.fold((told.min, told.max), |(a, b), end| (a.min(end), b.max(end)));
    let width = if most > least { most - least } else { 1.0 };
    let x = |value: f64| 4.0 + (value - least) / width * (WIDTH - 8.0);
    let tallest = told.bars.iter().copied().max().unwrap_or(1).max(1) as f64;
    let mut out = format!("<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\">", HEIGHT + BELOW);
    let sides = ends.map_or([f64::NEG_INFINITY, f64::INFINITY], |[low, high, ..]| [low, high]);
    for bar in (0..BARS).filter(|bar| told.bars[*bar] > 0) {
        let high = ((told.bars[bar] as f64 / tallest).sqrt() * (HEIGHT - 6.0)).max(1.0);
        let (from, to) = (x(told.edge(bar)), x(told.edge(bar + 1)).max(x(told.edge(bar)) + 1.0));
        let [below, inside, above] = told.parts(bar, sides);
        let class = match () {
            () if below > inside.max(above) => "below",
            () if above > inside.max(below) => "above",
            () => "inside",
        };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
            HEIGHT - high,
            to - from
        );
    }
    for (nth, end) in ends.into_iter().flatten().enumerate().filter(|(_, end)| end.is_finite()) {
        let class = if nth < 2 { "end" } else { "typed" };
        let at = x(end);
        let _ = write!(out, "<line class=\"{class}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"0\" y2=\"{HEIGHT}\"/>");
    }
    for (value, anchor) in [(least, "start"), (most, "end")] {
        let text = f32_text(value as f32);
        let _ =
            write!(out, "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>", x(value), HEIGHT + 13.0);
    }
    out + "</svg>"
}
