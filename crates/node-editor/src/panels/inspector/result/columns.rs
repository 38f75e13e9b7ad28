//! The columns of a table: how wide each is, and their heads, which put the rows in order.

use egui::{Align2, FontId, Key, Rect, Sense, Ui, pos2};
use node_engine::analysis::order::By;

use super::subject::{Column, Subject};
use crate::panels::inspector::rows::index_of;
use crate::size;
use crate::state::results::{Format, Shown};
use crate::widgets::tokens::Tokens;
use crate::widgets::{elide, names, number_format};

/// How wide a character of a table is.
const CHARACTER: f32 = 7.3;

/// Where columns end, and how wide the indices before them are.
pub struct Columns {
    /// How wide the indices are.
    pub index: f32,
    ends: Vec<f32>,
}

impl Columns {
    /// Those of a table of this width. `flat` says which element a row shows.
    pub fn of(subject: &Subject, format: Format, width: f32, rows: usize, flat: impl Fn(usize) -> usize) -> Columns {
        let last: Vec<usize> = subject.output.shape().dims().iter().map(|dim| dim.saturating_sub(1)).collect();
        // An index that is cut would be another one.
        let index = (index_of(&last).chars().count() as f32 * CHARACTER + 14.0).max(54.0).min(width * 0.7);
        Columns { index, ends: ends(&subject.columns, format, width - index, rows, flat) }
    }

    /// Where the text of a column ends.
    pub fn right(&self, column: usize) -> f32 {
        self.index + self.ends.get(column).copied().unwrap_or(0.0) - 8.0
    }

    /// Where a column begins.
    pub fn left(&self, column: usize) -> f32 {
        if column == 0 { self.index } else { self.right(column - 1) + 8.0 }
    }
}

/// As wide as its first values need, and what is left over shared out.
fn ends(columns: &[Column], format: Format, room: f32, rows: usize, flat: impl Fn(usize) -> usize) -> Vec<f32> {
    const LOOK_AT: usize = 64;
    let needed = columns.iter().map(|column| {
        let values = (0..rows.min(LOOK_AT)).filter_map(|row| column.element(flat(row)));
        let texts = values.map(|value| number_format::text(&value, column.dtype(), format));
        let longest = texts.map(|text| text.chars().count().min(24)).max().unwrap_or(0);
        let mark = if column.quantized { 2 } else { 0 };
        (longest + mark).max(column.title.len()) as f32 * CHARACTER + 18.0
    });
    let needed: Vec<f32> = needed.collect();
    let spare = ((room - needed.iter().sum::<f32>()) / columns.len() as f32).max(0.0);
    // Narrow columns are whole, the others share what is left.
    let mut by_need: Vec<usize> = (0..needed.len()).collect();
    by_need.sort_by(|a, b| needed[*a].total_cmp(&needed[*b]));
    let mut widths = vec![0.0; needed.len()];
    let mut left = room;
    for (nth, column) in by_need.into_iter().enumerate() {
        widths[column] = needed[column].min(left / (needed.len() - nth) as f32);
        left -= widths[column];
    }
    let ends = widths.iter().scan(0.0, |end, width| {
        *end += width + spare;
        Some(*end)
    });
    ends.collect()
}

/// Draws the heads of the columns; a click at one puts the rows in another order. Returns that order, if it is asked for.
pub fn heads(
    ui: &mut Ui,
    head: Rect,
    subject: &Subject,
    columns: &Columns,
    shown: &Shown,
) -> Option<Option<(String, By)>> {
    let tokens = Tokens::of(ui);
    let font = FontId::proportional(size::CAPTION);
    let mut asked = None;
    for (i, column) in subject.columns.iter().enumerate() {
        let at = pos2(head.left() + columns.right(i), head.center().y);
        let left = head.left() + columns.left(i);
        let rect = Rect::from_x_y_ranges(left..=at.x + 8.0, head.y_range());
        let by = shown.order.as_ref().filter(|(title, _)| *title == column.title).map(|(_, by)| *by);
        let id = egui::Id::unique(("head", ui.scope_id(), &subject.port, &column.title));
        let can_be_sorted = subject.output.len() > 1 && column.reader().is_some();
        let sense = if can_be_sorted { Sense::click() } else { Sense::hover() };
        let response = ui.interact(rect, id, sense);
        let sign = match by {
            None => "",
            Some(By::Ascending) => "▲ ",
            Some(By::Descending) => "▼ ",
            Some(By::Magnitude) => "± ",
        };
        let strong = response.hovered() || response.has_focus() || by.is_some();
        let color = if strong && can_be_sorted { tokens.text } else { tokens.muted };
        let painter = ui.painter();
        let width = |text: &str| painter.layout_no_wrap(text.to_owned(), font.clone(), color).size().x;
        let room = columns.right(i) - columns.left(i);
        let title = elide::middle(&column.title, |text| width(&format!("{sign}{text}")) <= room);
        painter.text(at, Align2::RIGHT_CENTER, format!("{sign}{title}"), font.clone(), color);
        if !can_be_sorted {
            continue;
        }
        let response = response.accessible_name(names::head(&subject.port, &column.title));
        let entered = response.has_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if response.clicked() || entered {
            asked = Some(next(by).map(|by| (column.title.clone(), by)));
        }
        response.on_hover_text("Sorts: ascending, descending, by magnitude, not at all");
    }
    asked
}

/// What a further click at a head makes of an order.
fn next(by: Option<By>) -> Option<By> {
    match by {
        None => Some(By::Ascending),
        Some(By::Ascending) => Some(By::Descending),
        Some(By::Descending) => Some(By::Magnitude),
        Some(By::Magnitude) => None,
    }
}
