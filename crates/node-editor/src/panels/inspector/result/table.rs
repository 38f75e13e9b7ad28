//! The table: element by element, beside the inputs; at a quantizer the integers and the errors too.

use egui::{Align2, FontId, Rect, RichText, Sense, Stroke, TextEdit, Ui, UiBuilder, vec2};
use node_core::PortRef;

use super::columns::{Columns, heads};
use super::edited::Edited;
use super::listing::Listing;
use super::subject::Subject;
use super::{cell, tools, why};
use crate::panels::inspector::inspecting::Inspecting;
use crate::panels::inspector::rows::{ROW, Rows, index_of, row_of};
use crate::size;
use crate::state::results::Shown;
use crate::widgets::names::{self, Told, tell};
use crate::widgets::tokens::Tokens;

/// Draws it, its rows in `height`. Returns how high they are.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, subject: &Subject, shown: &Shown, height: f32) -> f32 {
    let subject = &differences_alone(subject, shown);
    let port = &subject.port;
    let listing = Listing::of(subject, shown, inspecting.studies);
    let mut rows = Rows::of(ui, port, listing.len(), height);
    if let Some(row) = tools::show(ui, inspecting, subject, shown, &listing, rows.marked()) {
        rows.go_to(row);
    }
    if let Some(flat) = shown.to
        && !listing.is_soon
    {
        listing.row_of(flat).into_iter().for_each(|row| rows.go_to(row));
        inspecting.show(port, Shown { to: None, ..shown.clone() });
        // Who asked for it may have been far below.
        ui.scroll_to_cursor(Some(egui::Align::TOP));
    }
    let width = rows.width(ui);
    let columns = Columns::of(subject, shown.format, width, listing.len(), |row| listing.flat(row));
    let (head, _) = ui.allocate_exact_size(vec2(width, ROW), Sense::hover());
    if rows.are_many() {
        let field = Rect::from_min_size(head.min, vec2(columns.index, ROW)).shrink2(vec2(2.0, 1.0));
        let row = go_to(ui, field, port, subject.output.shape().dims()).and_then(|flat| listing.row_of(flat));
        row.into_iter().for_each(|row| rows.go_to(row));
    } else {
        let at = head.left_center() + vec2(6.0, 0.0);
        let font = FontId::proportional(size::CAPTION);
        ui.painter().text(at, Align2::LEFT_CENTER, "index", font, Tokens::of(ui).muted);
    }
    if let Some(order) = heads(ui, head, subject, &columns, shown) {
        inspecting.show(port, Shown { order, ..shown.clone() });
    }
    ui.painter().hline(head.x_range(), head.bottom(), Stroke::new(1.0, Tokens::of(ui).line));
    let told = Told {
        role: egui::Role::Table,
        name: names::result(port),
        value: Some(subject.output.preview(8)),
        description: Some(subject.output.tensor_type().to_string()),
        selected: None,
        rect: head,
        key: &("table", port),
    };
    tell(ui, told);
    if listing.len() == 0 {
        let text = if subject.output.is_empty() { "no elements" } else { "none" };
        ui.label(RichText::new(text).color(Tokens::of(ui).muted));
        return 0.0;
    }
    let marked = rows.went_to();
    let edited = Edited::of(inspecting, subject, true);
    rows.show(ui, &names::rows(port), |ui, rect, row| {
        let flat = listing.flat(row);
        if marked == Some(row) {
            ui.painter().rect_filled(rect, 0.0, Tokens::of(ui).selected);
        }
        draw_row(ui, rect, flat, subject, shown, &columns);
        if edited.is_none() {
            why::hear(ui, inspecting, rect, port, (flat, &subject.output.shape().position(flat)));
        }
        if let Some(edited) = &edited {
            let own = subject.columns.iter().position(|column| column.title == *port.port).unwrap_or(0);
            let (left, right) = (rect.left() + columns.left(own), rect.left() + columns.right(own) + cell::BESIDE);
            let area = Rect::from_x_y_ranges(left..=right, rect.y_range());
            let next = (row + 1 < listing.len()).then(|| listing.flat(row + 1));
            edited.cell(ui, inspecting, area, (flat, &subject.output.shape().position(flat)), next);
        }
    });
    height.min(listing.len() as f32 * ROW)
}

/// Where the difference from something else is looked at, that stands beside the two alone: for more there is no room.
fn differences_alone<'s>(subject: &'s Subject, shown: &Shown) -> std::borrow::Cow<'s, Subject> {
    let is_wanted = shown.column.as_deref() == Some("difference") && subject.column("difference").is_some();
    let Some((reference, _)) = subject.reference.as_ref().filter(|_| is_wanted) else {
        return std::borrow::Cow::Borrowed(subject);
    };
    let mut alone = subject.clone();
    alone
        .columns
        .retain(|column| [&*subject.port.port, reference.as_str(), "difference"].contains(&column.title.as_str()));
    std::borrow::Cow::Owned(alone)
}

/// Where an index is typed to go to it. The element, once it is entered.
fn go_to(ui: &mut Ui, field: Rect, port: &PortRef, dims: &[usize]) -> Option<usize> {
    let id = egui::Id::unique(("go to", ui.scope_id(), port));
    let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    let is_wrong = !text.trim().is_empty() && row_of(&text, dims).is_none();
    let color = if is_wrong { Tokens::of(ui).error } else { Tokens::of(ui).text };
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(FontId::monospace(size::CAPTION))
        .text_color(color)
        .hint_text("go to")
        .margin(egui::Margin::symmetric(4, 1));
    // Beside the layout: it is no higher than the line that it stands in.
    let mut inside = ui.new_child(UiBuilder::new().max_rect(field));
    inside.spacing_mut().interact_size.y = field.height();
    let response = inside.add(edit.desired_width(field.width())).accessible_name(names::go_to(port));
    let response = response.on_hover_text("An index, such as [2, -1]; Enter shows it.");
    let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    let element = row_of(&text, dims).filter(|_| is_entered);
    ui.data_mut(|data| data.insert_temp(id, text));
    element
}

fn draw_row(ui: &mut Ui, rect: Rect, flat: usize, subject: &Subject, shown: &Shown, columns: &Columns) {
    let tokens = Tokens::of(ui);
    let mono = FontId::monospace(size::TEXT - 1.0);
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line.gamma_multiply(0.6)));
    let position = subject.output.shape().position(flat);
    let clip = Rect::from_x_y_ranges(rect.left()..=rect.left() + columns.index, rect.y_range());
    painter.with_clip_rect(clip.intersect(ui.clip_rect())).text(
        rect.left_center() + vec2(6.0, 0.0),
        Align2::LEFT_CENTER,
        index_of(&position),
        mono,
        tokens.muted,
    );
    for (i, column) in subject.columns.iter().enumerate() {
        let (left, right) = (rect.left() + columns.left(i), rect.left() + columns.right(i) + cell::BESIDE);
        let area = Rect::from_x_y_ranges(left..=right, rect.y_range());
        cell::draw(ui, area, subject, column, (flat, &position), shown.format);
    }
}
