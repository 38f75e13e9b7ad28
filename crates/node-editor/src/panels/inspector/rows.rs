//! Rows of a table of which there may be hundreds of millions: how far it is scrolled is counted in rows. Points, which a
//! scroll area counts in, are too coarse far down.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{Id, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use crate::widgets::tokens::Tokens;

/// The height of a row.
pub const ROW: f32 = 22.0;
/// The width of the bar that scrolls.
const BAR: f32 = 10.0;
/// The bar's handle is at least so high.
const HANDLE: f32 = 24.0;

/// Which rows of a table are shown.
pub struct Rows {
    id: Id,
    rows: usize,
    /// The first that is shown, in part maybe.
    first: f64,
    /// How many are shown.
    visible: f64,
}

impl Rows {
    /// Those of the table called so in this panel, in `height` at most.
    pub fn of(ui: &Ui, key: impl Hash + Debug, rows: usize, height: f32) -> Rows {
        let id = Id::unique(("rows", ui.scope_id(), key));
        let first = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
        let visible = (f64::from(height / ROW)).min(rows as f64);
        Rows { id, rows, first, visible }
    }

    /// Whether there are more than are shown.
    pub fn are_many(&self) -> bool {
        self.last() > 0.0
    }

    /// How wide a row is.
    pub fn width(&self, ui: &Ui) -> f32 {
        ui.available_width() - if self.are_many() { BAR } else { 0.0 }
    }

    /// The place of the last row at which the end is shown.
    fn last(&self) -> f64 {
        (self.rows as f64 - self.visible).max(0.0)
    }

    /// Shows a row, in the middle if there is room above.
    pub fn go_to(&mut self, row: usize) {
        self.first = row as f64 - (self.visible / 2.0).floor();
    }

    /// Draws them: `draw` gets each that is seen, and where. `name` is what the bar is called.
    pub fn show(mut self, ui: &mut Ui, name: &str, mut draw: impl FnMut(&mut Ui, Rect, usize)) {
        let width = self.width(ui);
        let height = (self.visible * f64::from(ROW)) as f32;
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        ui.spacing_mut().item_spacing.y = spacing;
        self.first = self.first.clamp(0.0, self.last());
        self.hear_wheel(ui, rect);
        if self.are_many() {
            self.bar(ui, Rect::from_min_max(pos2(rect.right() - BAR + 2.0, rect.top()), rect.max), name);
        }
        let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
        inside.shrink_clip_rect(rect);
        let begin = self.first.floor();
        let above = ((self.first - begin) * f64::from(ROW)) as f32;
        for (nth, row) in (begin as usize..self.rows).enumerate() {
            let top = rect.top() - above + nth as f32 * ROW;
            if top >= rect.bottom() {
                break;
            }
            draw(&mut inside, Rect::from_min_size(pos2(rect.left(), top), vec2(width, ROW)), row);
        }
        ui.data_mut(|data| data.insert_temp(self.id, self.first));
    }

    /// The wheel moves by rows, as far as there are any; beyond, it is the panel's.
    fn hear_wheel(&mut self, ui: &Ui, rect: Rect) {
        if !ui.rect_contains_pointer(rect) {
            return;
        }
        let wheel = ui.input(|i| i.smooth_scroll_delta.y);
        let moved = (self.first - f64::from(wheel / ROW)).clamp(0.0, self.last());
        if moved != self.first {
            self.first = moved;
            ui.input_mut(|i| i.smooth_scroll_delta.y = 0.0);
        }
    }

    /// The bar: its handle is dragged, a click beside it goes there.
    fn bar(&mut self, ui: &Ui, bar: Rect, name: &str) {
        let tokens = Tokens::of(ui);
        let part = (self.visible / self.rows as f64) as f32;
        let handle = (bar.height() * part).clamp(HANDLE.min(bar.height()), bar.height());
        let way = f64::from((bar.height() - handle).max(1.0));
        let response = ui.interact(bar, self.id.with("bar"), Sense::click_and_drag()).accessible_name(name);
        if let Some(at) = response.interact_pointer_pos() {
            let to = f64::from(at.y - bar.top() - handle / 2.0) / way;
            self.first = (to * self.last()).clamp(0.0, self.last());
        }
        let top = bar.top() + (self.first / self.last() * way) as f32;
        let color = if response.hovered() || response.dragged() { tokens.muted } else { tokens.faint };
        let handle = Rect::from_min_size(pos2(bar.left(), top), vec2(bar.width() - 2.0, handle));
        ui.painter().rect_filled(handle, 3.0, color);
    }
}

/// The row that an index means: `[2, -1]`, `2, 3` or fewer numbers than there are axes, which name the first of what they
/// leave open. Negative ones count from the end. `None` if there is no such element.
pub fn row_of(text: &str, dims: &[usize]) -> Option<usize> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let numbers: Option<Vec<i64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    let numbers = numbers.filter(|numbers| numbers.len() <= dims.len())?;
    let mut row = 0usize;
    for (axis, dim) in dims.iter().enumerate() {
        let number = numbers.get(axis).copied().unwrap_or(0);
        let at = if number < 0 { number + i64::try_from(*dim).ok()? } else { number };
        let at = usize::try_from(at).ok().filter(|at| at < dim)?;
        row = row.checked_mul(*dim)?.checked_add(at)?;
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::row_of;

    #[test]
    fn indices() {
        for (text, dims, row) in [
            ("3", &[5][..], Some(3)),
            ("[-1]", &[5], Some(4)),
            ("[1, 2]", &[2, 3], Some(5)),
            ("1", &[2, 3], Some(3)),
            (" 0,-3 ", &[2, 3], Some(0)),
            ("5", &[5], None),
            ("-6", &[5], None),
            ("0, 0", &[5], None),
            ("x", &[5], None),
            ("", &[5], None),
            ("99999999", &[100_000_000], Some(99_999_999)),
        ] {
            assert_eq!(row_of(text, dims), row, "{text} of {dims:?}");
        }
    }
}
