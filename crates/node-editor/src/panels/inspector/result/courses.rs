//! The courses of scalars over steps.

use egui::{Color32, Ui};
use egui_plot::{Line, PlotPoints};
use node_core::PortRef;

use super::plots;
use crate::widgets::figures::figure;
use crate::widgets::tokens::Tokens;

/// No more points of one course are drawn: of longer ones every so many.
const MOST_POINTS: usize = 2_000;
/// What lies beyond this is not drawn.
const FARTHEST: f64 = 1e300;

/// Courses, and how many steps lie between two of their values.
pub type Drawn<'d> = (&'d [(&'d PortRef, &'d [f64])], u64);

/// The colour of course number `nth` of those that are drawn.
pub fn color(tokens: &Tokens, nth: usize) -> Color32 {
    [tokens.accent, tokens.warning, tokens.float, tokens.error][nth % 4]
}

/// Draws courses, each as a line over the steps, of which there is a value for each `every`.
pub fn plot(
    ui: &mut Ui,
    id: impl std::hash::Hash + std::fmt::Debug,
    (courses, every): Drawn<'_>,
    height: f32,
    name: &str,
) {
    let tokens = Tokens::of(ui);
    let told: Vec<(String, Vec<f64>)> =
        courses.iter().map(|(port, values)| (port.to_string(), values.to_vec())).collect();
    let plot = plots::plot(tokens, id, height, plots::short)
        .allow_drag(false)
        .show_grid([false, true])
        .label_formatter(move |at| {
            let place = (plots::position(at).x / every as f64).round();
            let step = place * every as f64;
            let one = |(port, values): &(String, Vec<f64>)| {
                let value = values.get((place >= 0.0).then_some(place as usize)?)?;
                Some(format!("{port} {}", figure(*value)))
            };
            let texts: Vec<String> = told.iter().filter_map(one).collect();
            (!texts.is_empty()).then(|| format!("step {step}: {}", texts.join(", ")))
        });
    let response = plot.show(ui, |plot| {
        for (nth, (_, values)) in courses.iter().enumerate() {
            let of = values.len().div_ceil(MOST_POINTS).max(1);
            let is_drawn =
                |(nth, value): &(usize, &f64)| value.abs() < FARTHEST && (nth % of == 0 || nth + 1 == values.len());
            let points = values.iter().enumerate().filter(is_drawn);
            let points = points.map(|(nth, value)| [(nth as u64 * every) as f64, *value]);
            let line = Line::new("", PlotPoints::from_iter(points)).color(color(tokens, nth)).width(1.4);
            plot.line(line.allow_hover(false));
        }
    });
    response.response.accessible_name(name);
}
