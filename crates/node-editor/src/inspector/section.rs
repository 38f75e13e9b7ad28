//! What sections of the inspector share.

use egui::{Align, Layout, RichText, Ui, vec2};

use crate::tokens::{Tokens, size};

/// A section's heading, with something muted at its right end.
pub fn heading(ui: &mut Ui, text: &str, right: impl FnOnce(&mut Ui)) {
    let tokens = Tokens::of(ui);
    ui.add_space(12.0);
    ui.horizontal(|ui| {
        ui.label(RichText::new(text).size(size::CAPTION).color(tokens.muted).extra_letter_spacing(0.5));
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
    ui.add_space(1.0);
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
            label.on_hover_text(docs);
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
