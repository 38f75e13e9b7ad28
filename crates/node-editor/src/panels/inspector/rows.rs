//! The rows of a table.

use std::fmt::Debug;
use std::hash::Hash;

use egui::{Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::scroll::{BAR, Scroll, Way};

/// The height of a row.
pub const ROW: f32 = 22.0;

/// Which rows of a table are shown.
pub struct Rows {
    scroll: Scroll,
    /// How high each is.
    high: f32,
}

impl Rows {
    /// Those of the table called so in this panel, in `height` at most.
    pub fn of(ui: &Ui, key: impl Hash + Debug, rows: usize, height: f32) -> Rows {
        Rows::tall(ui, key, rows, ROW, height)
    }

    /// The same with rows of another height.
    pub fn tall(ui: &Ui, key: impl Hash + Debug, rows: usize, high: f32, height: f32) -> Rows {
        Rows { scroll: Scroll::of(ui, key, rows, high, height), high }
    }

    /// Whether there are more than are shown.
    pub fn are_many(&self) -> bool {
        self.scroll.are_many()
    }

    /// How wide a row is.
    pub fn width(&self, ui: &Ui) -> f32 {
        ui.available_width() - if self.are_many() { BAR } else { 0.0 }
    }

    /// Shows a row, in the middle if there is room above, and marks it.
    pub fn go_to(&mut self, row: usize) {
        self.scroll.go_to(row);
    }

    /// The row that was gone to.
    pub fn went_to(&self) -> Option<usize> {
        self.scroll.marked()
    }

    /// The row from which the next is looked for: the one that was gone to, else the first that is shown.
    pub fn marked(&self) -> usize {
        self.scroll.marked().unwrap_or(self.scroll.first())
    }

    /// Draws them: `draw` gets each that is seen, and where. `name` is what the bar is called.
    pub fn show(mut self, ui: &mut Ui, name: &str, mut draw: impl FnMut(&mut Ui, Rect, usize)) {
        let width = self.width(ui);
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), self.scroll.length()), Sense::hover());
        ui.spacing_mut().item_spacing.y = spacing;
        self.scroll.settle();
        // The wheel moves rows as far as there are any; beyond, it is the panel's.
        if ui.rect_contains_pointer(rect) {
            let wheel = ui.input(|i| i.smooth_scroll_delta.y);
            if wheel != 0.0 && self.scroll.move_by(-wheel) {
                ui.input_mut(|i| i.smooth_scroll_delta.y = 0.0);
            }
        }
        if self.are_many() {
            let bar = Rect::from_min_max(pos2(rect.right() - BAR + 2.0, rect.top()), rect.max);
            self.scroll.bar(ui, bar, Way::Down, name);
        }
        let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
        inside.shrink_clip_rect(rect);
        let (high, (shown, above)) = (self.high, self.scroll.shown());
        for (nth, row) in shown.enumerate() {
            let top = rect.top() - above + nth as f32 * high;
            draw(&mut inside, Rect::from_min_size(pos2(rect.left(), top), vec2(width, high)), row);
        }
        self.scroll.keep(ui);
    }
}

/// An index as tables show it: `2, 0, 1`.
pub fn index_of(position: &[usize]) -> String {
    position.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
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
