//! What the plots of the inspector share.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{FontId, Rangef, vec2};
use egui_plot::{AxisHints, HoverPosition, Plot, PlotPoint, uniform_grid_spacer};

use crate::size;
use crate::widgets::tokens::Tokens;

/// What lies beyond this is not drawn.
pub const FARTHEST: f64 = 1e300;

/// Labels at an axis fade in between these distances.
const ACROSS: Rangef = Rangef { min: 30.0, max: 46.0 };
const UP: Rangef = Rangef { min: 16.0, max: 26.0 };

/// A plot of this height; `count` says what the marks of its upright axis say.
pub fn plot<'a>(
    tokens: &Tokens,
    key: impl Hash + Debug,
    height: f32,
    upright: impl Fn(f64) -> String + 'a,
) -> Plot<'a> {
    let font = FontId::monospace(size::CAPTION - 1.0);
    let x = AxisHints::new_x()
        .label_spacing(ACROSS)
        .tick_label_font(font.clone())
        .tick_label_color(tokens.muted)
        .formatter(|mark, _| short(mark.value));
    let y = AxisHints::new_y()
        .label_spacing(UP)
        .tick_label_font(font)
        .tick_label_color(tokens.muted)
        .min_thickness(34.0)
        .formatter(move |mark, _| upright(mark.value));
    Plot::new(key)
        .height(height)
        .custom_x_axes(vec![x])
        .custom_y_axes(vec![y])
        .x_grid_spacer(uniform_grid_spacer(|input| steps(input.bounds, 5.0)))
        .y_grid_spacer(uniform_grid_spacer(|input| steps(input.bounds, 4.0)))
        .allow_scroll(false)
        .grid_color(tokens.line)
        .cursor_color(tokens.muted)
        .set_margin_fraction(vec2(0.02, 0.04))
}

/// Distances of marks: about so many between the ends, at 1, 2 or 5 times a power of ten.
fn steps((from, to): (f64, f64), count: f64) -> [f64; 3] {
    let least = (to - from).abs() / count;
    if !least.is_finite() || least <= 0.0 {
        return [1.0, 5.0, 10.0];
    }
    let power = 10f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(10.0 * power);
    [step, step * 5.0, step * 10.0]
}

/// Where the pointer is.
pub fn position(at: &HoverPosition<'_>) -> PlotPoint {
    match at {
        HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position } => *position,
    }
}

/// As many digits as an axis has room for.
pub fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.0e}"),
        _ => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{short, steps};

    #[test]
    fn marks_stand_at_round_numbers() {
        for (ends, step) in [((0.0, 10.0), 2.0), ((-9.9, 9.9), 5.0), ((0.0, 0.004), 0.001), ((3.0, 3.0), 1.0)] {
            let found = steps(ends, 5.0)[0];
            assert!((found - step).abs() < step * 1e-9, "{ends:?}: {found}");
        }
    }

    #[test]
    fn short_numbers() {
        for (value, text) in [(0.0, "0"), (10_000.0, "10000"), (-0.25, "-0.25"), (2e7, "2e7"), (-3e-9, "-3e-9")] {
            assert_eq!(short(value), text);
        }
    }
}
