//! What sections of the inspector share.

use egui::{Align, Id, Layout, RichText, Sense, Ui, WidgetInfo, pos2, vec2};
use node_core::Value;

use crate::command::Command;
use crate::size;
use crate::state::view::Field;
use crate::widgets::names;
use crate::widgets::tokens::Tokens;

/// A section with a heading that folds it, and something muted at the heading's right end.
pub fn section(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui), content: impl FnOnce(&mut Ui)) {
    let kind = title.split_whitespace().next().unwrap_or(title);
    let folded = Id::unique(("folded", kind));
    let is_folded = ui.data(|data| data.get_temp::<bool>(folded)).unwrap_or(false);
    ui.add_space(10.0);
    ui.horizontal(|ui| {
        if heading(ui, title, is_folded).clicked() {
            ui.data_mut(|data| data.insert_temp(folded, !is_folded));
        }
        // In a narrow panel the heading alone has room.
        if !is_folded && ui.available_width() > 90.0 {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                // A long heading leaves little room.
                ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Truncate);
                right(ui);
            });
        }
    });
    ui.add_space(1.0);
    if !is_folded {
        content(ui);
    }
}

fn heading(ui: &mut Ui, title: &str, is_folded: bool) -> egui::Response {
    let tokens = Tokens::of(ui);
    let text = RichText::new(title).size(size::CAPTION).color(tokens.muted).extra_letter_spacing(0.5);
    let galley = egui::WidgetText::from(text).into_galley(ui, None, f32::INFINITY, egui::TextStyle::Body);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 16.0, size::ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::DisclosureTriangle, true, names::section(title)));
    ui.accesskit_node_builder(response.id, |node| node.set_expanded(!is_folded));
    let color = if response.hovered() || response.has_focus() { tokens.text } else { tokens.muted };
    let c = pos2(rect.left() + 4.0, rect.center().y);
    let triangle = if is_folded {
        [c + vec2(-2.0, -4.0), c + vec2(3.0, 0.0), c + vec2(-2.0, 4.0)]
    } else {
        [c + vec2(-4.0, -2.0), c + vec2(4.0, -2.0), c + vec2(0.0, 3.0)]
    };
    ui.painter().add(egui::Shape::convex_polygon(triangle.to_vec(), color, egui::Stroke::NONE));
    ui.painter().galley(pos2(rect.left() + 14.0, rect.center().y - galley.size().y / 2.0), galley, color);
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}

/// The width of the names at the left of a row.
const NAME_WIDTH: f32 = 104.0;

/// A name at the left of a row; `docs` show when the pointer rests on it.
pub fn name_cell(ui: &mut Ui, name: &str, docs: &str) {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(NAME_WIDTH, size::ROW), layout, |ui| {
        ui.set_min_width(NAME_WIDTH);
        let label = ui.label(name);
        if !docs.is_empty() {
            label.on_hover_ui(|ui| crate::widgets::docs::show(ui, docs));
        }
    });
}

/// What stands at the right of a row, in the middle of its height.
pub fn side_cell(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), size::ROW), layout, content);
}

/// Text that wraps, behind a sign in the same colour.
pub fn remark(ui: &mut Ui, sign: &str, text: &str, color: egui::Color32) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(sign).color(color));
        ui.add(egui::Label::new(RichText::new(text).color(color)).wrap().selectable(true));
    });
}

/// The way to a value's editor, which has room for many lines.
pub fn edit_link(ui: &mut Ui, field: Field, name: String) -> Option<Command> {
    let link = ui.link(RichText::new("Edit").size(size::CAPTION)).accessible_name(name);
    link.on_hover_text("Edit it in a larger text area").clicked().then_some(Command::EditValue(field))
}

/// A value that is too long for a field: its beginning, and the way to its editor.
pub fn long_value(ui: &mut Ui, value: Option<&Value>, field: Field, name: String, commands: &mut Vec<Command>) {
    let text = value.map(Value::excerpt).unwrap_or_default();
    ui.vertical(|ui| {
        ui.add(egui::Label::new(RichText::new(text).monospace().color(Tokens::of(ui).muted)).wrap());
        commands.extend(edit_link(ui, field, name));
    });
}

/// A link on a line of its own. Whether it was followed.
pub fn link_row(ui: &mut Ui, text: &str, name: String) -> bool {
    ui.link(RichText::new(text).monospace().size(size::CAPTION)).accessible_name(name).clicked()
}
