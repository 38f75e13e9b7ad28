//! Text on the canvas: laid out at its size on the screen, in few steps of size, left out where it is too small to read.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, FontFamily, FontId, Galley, Pos2};

use super::ink::Ink;

/// Text smaller than this is not drawn.
const LEAST: f32 = 5.0;

/// How a text looks.
#[derive(Clone)]
pub struct Style {
    /// Size at 100 %.
    pub size: f32,
    /// Family.
    pub family: FontFamily,
    /// Colour.
    pub color: Color32,
}

impl Style {
    /// Running text.
    pub fn plain(size: f32, color: Color32) -> Style {
        Style { size, family: FontFamily::Proportional, color }
    }

    /// Numbers and values.
    pub fn mono(size: f32, color: Color32) -> Style {
        Style { size, family: FontFamily::Monospace, color }
    }

    /// Ids.
    pub fn semibold(size: f32, color: Color32) -> Style {
        Style { size, family: crate::widgets::theme::semibold(), color }
    }
}

/// Lays text out in at most `rows` rows of `width` on the screen. `None` if it would be too small to read.
pub fn lay_out(ink: &Ink<'_>, text: &str, style: &Style, zoom: f32, width: f32, rows: usize) -> Option<Arc<Galley>> {
    let size = (style.size * zoom * 2.0).round() / 2.0;
    if size < LEAST || width < size {
        return None;
    }
    let font = FontId::new(size, style.family.clone());
    let mut job = LayoutJob::simple(text.to_owned(), font, style.color, width);
    job.wrap = TextWrapping { max_width: width, max_rows: rows, break_anywhere: rows == 1, ..TextWrapping::default() };
    Some(ink.layout_job(job))
}

/// Lays a name out in one row; where it is too long its ends stay.
fn lay_out_name(ink: &Ink<'_>, text: &str, style: &Style, zoom: f32, width: f32) -> Option<Arc<Galley>> {
    const LONGEST: usize = 200;
    let galley = lay_out(ink, text, style, zoom, width, 1)?;
    if !galley.elided || text.chars().count() > LONGEST || text.contains(['[', ' ']) {
        return Some(galley);
    }
    let fits = |text: &str| lay_out(ink, text, style, zoom, width, 1).is_some_and(|galley| !galley.elided);
    lay_out(ink, &crate::widgets::elide::middle(text, fits), style, zoom, width, 1)
}

/// Paints one line in the middle of `rect`, at its own size whatever the zoom.
pub fn middle(ink: &Ink<'_>, rect: egui::Rect, text: &str, style: &Style) {
    if let Some(galley) = lay_out_name(ink, text, style, 1.0, rect.width()) {
        let at = rect.center() - galley.size() / 2.0;
        ink.galley(at, galley, style.color);
    }
}

/// Paints one line that begins at `left` and is centred vertically; returns its width.
pub fn left(ink: &Ink<'_>, left: Pos2, text: &str, style: &Style, zoom: f32, width: f32) -> f32 {
    let Some(galley) = lay_out_name(ink, text, style, zoom, width) else { return 0.0 };
    let size = galley.size();
    ink.galley(Pos2::new(left.x, left.y - size.y / 2.0), galley, style.color);
    size.x
}

/// Paints one line that ends at `right` and is centred vertically; returns its width.
pub fn right(ink: &Ink<'_>, right: Pos2, text: &str, style: &Style, zoom: f32, width: f32) -> f32 {
    let Some(galley) = lay_out_name(ink, text, style, zoom, width) else { return 0.0 };
    let size = galley.size();
    ink.galley(Pos2::new(right.x - size.x, right.y - size.y / 2.0), galley, style.color);
    size.x
}
