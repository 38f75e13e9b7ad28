//! Which part of a plane is seen: zoomed and moved by pointer and keys, in double precision.

use std::ops::Range;

use egui::{EventFilter, Id, Key, Pos2, Rect, Response, Ui, pos2, vec2};
use node_engine::analysis::plane::Window;

/// An element is at least so many points of a window's width zoomed in, and no part of a plane is smaller than this.
const LEAST: f64 = 2.0;

/// Which part of a plane is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Eye {
    /// How many rows and columns the plane has.
    of: [usize; 2],
    /// From which row, and how many.
    rows: [f64; 2],
    /// From which column, and how many.
    columns: [f64; 2],
    /// The element that keys have gone to.
    marked: Option<[usize; 2]>,
}

/// How large a plane is drawn in a room: its cells square where that leaves it neither thin nor small.
pub fn extent([rows, columns]: [usize; 2], width: f32, height: f32) -> [f32; 2] {
    let (rows, columns) = (rows as f32, columns as f32);
    let cell = (width / columns).min(height / rows);
    let [wide, high] = [cell * columns, cell * rows];
    [wide.max(width * 0.55).min(width), high.max(24.0).min(height)]
}

impl Eye {
    /// The one that was kept, if the plane has the same size; else one that sees all of it.
    pub fn kept(ui: &Ui, id: Id, of: [usize; 2]) -> Eye {
        let kept: Option<Eye> = ui.data(|data| data.get_temp(id));
        kept.filter(|eye| eye.of == of).unwrap_or_else(|| Eye::whole(of))
    }

    fn whole(of: [usize; 2]) -> Eye {
        Eye { of, rows: [0.0, of[0] as f64], columns: [0.0, of[1] as f64], marked: None }
    }

    /// Takes note of it.
    pub fn keep(self, ui: &Ui, id: Id) {
        ui.data_mut(|data| data.insert_temp(id, self));
    }

    /// The element that keys have gone to.
    pub fn marked(&self) -> Option<[usize; 2]> {
        self.marked
    }

    /// The wheel zooms around the pointer, dragging moves, a double click sees all of it again; with the keys `+`, `−`, `0`
    /// and arrows do so.
    pub fn hear(&mut self, ui: &Ui, response: &Response, rect: Rect) {
        let moved = response.drag_delta();
        if moved != egui::Vec2::ZERO {
            self.columns[0] -= f64::from(moved.x / rect.width()) * self.columns[1];
            self.rows[0] -= f64::from(moved.y / rect.height()) * self.rows[1];
        }
        if response.double_clicked() {
            *self = Eye::whole(self.of);
        }
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta.y, i.zoom_delta()));
            let factor = f64::from((wheel / 240.0).exp() * pinch);
            if factor != 1.0 && self.zoom(factor, (at - rect.min) / rect.size()) {
                ui.input_mut(|i| i.smooth_scroll_delta.y = 0.0);
            }
        }
        if response.has_focus() {
            self.hear_keys(ui, response.id);
        }
        self.settle();
    }

    fn hear_keys(&mut self, ui: &Ui, id: Id) {
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let pressed = |keys: &[Key]| ui.input(|i| keys.iter().any(|key| i.key_pressed(*key)));
        let middle = vec2(0.5, 0.5);
        if pressed(&[Key::Plus, Key::Equals]) {
            self.zoom(1.5, middle);
        }
        if pressed(&[Key::Minus]) {
            self.zoom(1.0 / 1.5, middle);
        }
        if pressed(&[Key::Num0]) {
            *self = Eye::whole(self.of);
        }
        let steps =
            [(Key::ArrowUp, [-1, 0]), (Key::ArrowDown, [1, 0]), (Key::ArrowLeft, [0, -1]), (Key::ArrowRight, [0, 1])];
        for (_, [down, right]) in steps.into_iter().filter(|(key, _)| pressed(&[*key])) {
            let [rows, columns] = self.seen();
            let [row, column] = self.marked.unwrap_or([rows.start, columns.start]);
            let is_first = self.marked.is_none();
            let step = |at: usize, by: isize, of: usize| {
                if is_first { at } else { at.saturating_add_signed(by).min(of.saturating_sub(1)) }
            };
            let marked = [step(row, down, self.of[0]), step(column, right, self.of[1])];
            self.marked = Some(marked);
            self.bring_into_view(marked);
        }
    }

    fn bring_into_view(&mut self, [row, column]: [usize; 2]) {
        for (part, at) in [(&mut self.rows, row as f64), (&mut self.columns, column as f64)] {
            part[0] = part[0].clamp((at + 1.0 - part[1]).min(at), at);
        }
    }

    /// Zooms around a place, given in parts of the picture. Whether anything has changed.
    fn zoom(&mut self, factor: f64, at: egui::Vec2) -> bool {
        let before = (self.rows, self.columns);
        let parts = [(&mut self.rows, self.of[0], at.y), (&mut self.columns, self.of[1], at.x)];
        for (part, of, at) in parts {
            let fixed = part[0] + part[1] * f64::from(at);
            part[1] = (part[1] / factor).clamp(LEAST.min(of as f64), of as f64);
            part[0] = fixed - part[1] * f64::from(at);
        }
        self.settle();
        (self.rows, self.columns) != before
    }

    fn settle(&mut self) {
        for (part, of) in [(&mut self.rows, self.of[0]), (&mut self.columns, self.of[1])] {
            part[0] = part[0].clamp(0.0, (of as f64 - part[1]).max(0.0));
        }
    }

    /// The rows and columns that are seen, in part at least.
    pub fn seen(&self) -> [Range<usize>; 2] {
        [(self.rows, self.of[0]), (self.columns, self.of[1])].map(|([from, count], of)| {
            let end = ((from + count).ceil() as usize).min(of);
            (from.floor() as usize).min(end)..end
        })
    }

    /// The part that is seen in whole elements, and cells for it: one for each pixel, or for each element where these are
    /// fewer.
    pub fn window(&self, rect: Rect, pixels: f32) -> Window {
        let [rows, columns] = self.seen();
        let cells =
            |elements: &Range<usize>, points: f32| ((points * pixels).ceil() as usize).clamp(1, elements.len().max(1));
        Window {
            cells: [cells(&rows, rect.height()), cells(&columns, rect.width())],
            rows: [rows.start, rows.end],
            columns: [columns.start, columns.end],
        }
    }

    /// Where a part lies on the screen.
    pub fn on_screen(&self, rect: Rect, window: &Window) -> Rect {
        let [x0, x1] = window.columns.map(|at| self.x(rect, at as f64));
        let [y0, y1] = window.rows.map(|at| self.y(rect, at as f64));
        Rect::from_min_max(pos2(x0, y0), pos2(x1, y1))
    }

    fn x(&self, rect: Rect, column: f64) -> f32 {
        rect.left() + ((column - self.columns[0]) / self.columns[1] * f64::from(rect.width())) as f32
    }

    fn y(&self, rect: Rect, row: f64) -> f32 {
        rect.top() + ((row - self.rows[0]) / self.rows[1] * f64::from(rect.height())) as f32
    }

    /// How large an element is on the screen, whichever.
    pub fn size_of_cell(&self, rect: Rect) -> [f32; 2] {
        [(f64::from(rect.width()) / self.columns[1]) as f32, (f64::from(rect.height()) / self.rows[1]) as f32]
    }

    /// Where an element lies on the screen.
    pub fn cell(&self, rect: Rect, row: usize, column: usize) -> Rect {
        let window = Window { rows: [row, row + 1], columns: [column, column + 1], cells: [1, 1] };
        self.on_screen(rect, &window)
    }

    /// The element at a place on the screen.
    pub fn element(&self, rect: Rect, at: Pos2) -> Option<[usize; 2]> {
        let part = (at - rect.min) / rect.size();
        let row = self.rows[0] + f64::from(part.y) * self.rows[1];
        let column = self.columns[0] + f64::from(part.x) * self.columns[1];
        let is_inside = rect.contains(at) && row >= 0.0 && column >= 0.0;
        let element = [row as usize, column as usize];
        Some(element).filter(|[row, column]| is_inside && *row < self.of[0] && *column < self.of[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(300.0, 200.0));
        let mut eye = Eye::whole([1_000, 3_000_000]);
        for (factor, at) in [(4.0, vec2(0.5, 0.5)), (100.0, vec2(0.25, 0.75)), (50.0, vec2(0.9, 0.1))] {
            let place = rect.min + at * rect.size();
            let before = eye.element(rect, place).unwrap();
            assert!(eye.zoom(factor, at));
            let after = eye.element(rect, place).unwrap();
            assert!(before[0].abs_diff(after[0]) <= 1 && before[1].abs_diff(after[1]) <= 1, "{before:?} {after:?}");
        }
        let [rows, columns] = eye.seen();
        assert!(rows.len() <= 3 && columns.len() < 200, "{rows:?} {columns:?}");
        let middle = [rows.start + 1, columns.start + columns.len() / 2];
        assert_eq!(eye.element(rect, eye.cell(rect, middle[0], middle[1]).center()), Some(middle));
        assert!(eye.zoom(1e-9, vec2(0.5, 0.5)));
        assert_eq!(eye, Eye::whole([1_000, 3_000_000]), "no farther out than all of it");
    }

    #[test]
    fn pictures_are_neither_thin_nor_too_high() {
        assert_eq!(extent([1, 4_096], 340.0, 300.0), [340.0, 24.0]);
        assert_eq!(extent([400, 64], 340.0, 300.0), [187.0, 300.0]);
        assert_eq!(extent([10, 10], 340.0, 300.0), [300.0, 300.0]);
    }
}
