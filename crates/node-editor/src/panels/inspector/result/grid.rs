//! The grid: the elements of a plane in rows and columns.

use egui::{Align2, FontId, Rect, RichText, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

use super::edited::Edited;
use super::subject::{Column, Subject};
use super::{cell, copy, planes, why};
use crate::command::Command;
use crate::panels::inspector::inspecting::Inspecting;
use crate::panels::inspector::rows::ROW;
use crate::panels::inspector::scroll::{BAR, Scroll, Way};
use crate::size;
use crate::state::results::{Format, Shown};
use crate::widgets::names::{self, Told, tell};
use crate::widgets::number_format;
use crate::widgets::tokens::Tokens;

/// A cell is so wide for each character, and so much beside.
const CHARACTER: f32 = 7.3;
const BESIDE: f32 = 12.0;

/// Draws it in `height`. Returns how high it is.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, height: f32) -> f32 {
    let mut now = shown.clone();
    let port = &subject.port;
    let Some(column) = planes::column(subject, shown, None) else { return 0.0 };
    let shape = subject.output.shape();
    let plane = planes::plane(shape, shown);
    let [rows, columns] = plane.size(shape);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 3.0);
        planes::choose_column(ui, subject, column, &mut now);
        planes::choose(ui, port, shape, &mut now);
        let text = RichText::new("Copy").size(size::CAPTION);
        if ui.button(text).accessible_name(format!("copy plane of {port}")).clicked() {
            match copy::plane(column, &plane, shape, shown.format) {
                Ok(text) => ui.copy_text(text),
                Err(why) => inspecting.commands.push(Command::Notice(why)),
            }
        }
    });
    if now != *shown {
        inspecting.show(port, now);
    }
    let [first, row_stride, column_stride] = plane.strides(shape);
    let flat = |row: usize, at: usize| first + row * row_stride + at * column_stride;
    let (index, wide) = widths(column, shown.format, rows, columns, &flat);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let inner = Rect::from_min_max(rect.min + vec2(index, ROW), rect.max - vec2(BAR, BAR));
    let mut down = Scroll::of(ui, (port, "rows"), rows, ROW, inner.height());
    let mut across = Scroll::of(ui, (port, "columns"), columns, wide, inner.width());
    hear_wheel(ui, rect, &mut down, &mut across);
    down.settle();
    across.settle();
    if down.are_many() {
        let bar = Rect::from_min_max(pos2(inner.right() + 2.0, inner.top()), pos2(rect.right(), inner.bottom()));
        down.bar(ui, bar, Way::Down, &names::rows(port));
    }
    if across.are_many() {
        let bar = Rect::from_min_max(pos2(inner.left(), inner.bottom() + 2.0), pos2(inner.right(), rect.bottom()));
        across.bar(ui, bar, Way::Across, &format!("columns of {port}"));
    }
    let told = Told {
        role: egui::Role::Grid,
        name: format!("grid {port}"),
        value: Some(subject.output.preview(8)),
        description: Some(subject.output.tensor_type().to_string()),
        selected: None,
        rect,
        key: &("grid", port),
    };
    tell(ui, told);
    let high = rows;
    // What is pasted goes along the last two axes.
    let is_plain = plane.rows == shape.rank().checked_sub(2) && plane.columns == shape.rank().checked_sub(1);
    let edited = Edited::of(inspecting, subject, false).filter(|_| is_plain);
    let ((rows, above), (columns, before)) = (down.shown(), across.shown());
    let tokens = Tokens::of(ui);
    let heads = FontId::monospace(size::CAPTION);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(inner));
    inside.shrink_clip_rect(inner);
    let left = |nth: usize| inner.left() - before + nth as f32 * wide;
    let top = |nth: usize| inner.top() - above + nth as f32 * ROW;
    let clipped = |area: Rect| ui.painter().with_clip_rect(area.intersect(ui.clip_rect()));
    let head = Rect::from_min_max(pos2(inner.left(), rect.top()), pos2(inner.right(), inner.top()));
    for (nth, at) in columns.clone().enumerate() {
        let end = pos2(left(nth) + wide - 6.0, head.center().y);
        clipped(head).text(end, Align2::RIGHT_CENTER, at, heads.clone(), tokens.muted);
    }
    let side = Rect::from_min_max(pos2(rect.left(), inner.top()), pos2(inner.left(), inner.bottom()));
    for (nth, row) in rows.clone().enumerate() {
        let end = pos2(inner.left() - 6.0, top(nth) + ROW / 2.0);
        clipped(side).text(end, Align2::RIGHT_CENTER, row, heads.clone(), tokens.muted);
        let line = Stroke::new(1.0, tokens.line.gamma_multiply(0.6));
        clipped(rect).hline(rect.left()..=inner.right(), top(nth), line);
    }
    ui.painter().hline(rect.left()..=inner.right(), inner.top(), Stroke::new(1.0, tokens.line));
    for (nth_row, row) in rows.enumerate() {
        for (nth, at) in columns.clone().enumerate() {
            let rect = Rect::from_min_size(pos2(left(nth), top(nth_row)), vec2(wide, ROW));
            let position = plane.index(row, at);
            cell::draw(&mut inside, rect, subject, column, (flat(row, at), &position), shown.format);
            if edited.is_none() {
                why::hear(&inside, inspecting, rect, port, (flat(row, at), &position));
            }
            if let Some(edited) = &edited {
                let next = (row + 1 < high).then(|| flat(row + 1, at));
                edited.cell(&mut inside, inspecting, rect, (flat(row, at), &position), next);
            }
        }
    }
    down.keep(ui);
    across.keep(ui);
    height
}

/// How wide the indices and the cells are, by the first of them.
fn widths(
    column: &Column,
    format: Format,
    rows: usize,
    columns: usize,
    flat: &dyn Fn(usize, usize) -> usize,
) -> (f32, f32) {
    let index = rows.saturating_sub(1).to_string().len() as f32 * CHARACTER + BESIDE;
    let seen = (0..rows.min(12)).flat_map(|row| (0..columns.min(12)).map(move |at| (row, at)));
    let texts = seen.filter_map(|(row, at)| column.element(flat(row, at)));
    let longest = texts.map(|value| number_format::text(&value, column.dtype(), format).chars().count());
    let head = columns.saturating_sub(1).to_string().len();
    let mark = if column.quantized { 2 } else { 0 };
    let characters = (longest.max().unwrap_or(1).min(14) + mark).max(head);
    (index, characters as f32 * CHARACTER + BESIDE)
}

/// The wheel moves rows, with Shift or sideways columns, as far as there are any; beyond, it is the panel's.
fn hear_wheel(ui: &Ui, rect: Rect, down: &mut Scroll, across: &mut Scroll) {
    if !ui.rect_contains_pointer(rect) {
        return;
    }
    let (wheel, shift) = ui.input(|i| (i.smooth_scroll_delta, i.modifiers.shift));
    let wheel = if shift && wheel.x == 0.0 { vec2(wheel.y, 0.0) } else { wheel };
    let moved_down = wheel.y != 0.0 && down.move_by(-wheel.y);
    let moved_across = wheel.x != 0.0 && across.move_by(-wheel.x);
    if moved_down || moved_across {
        ui.input_mut(|i| i.smooth_scroll_delta = egui::Vec2::ZERO);
    }
}
