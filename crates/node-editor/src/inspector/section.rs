//! What sections of the inspector share.

use egui::{Align, Layout, RichText, Ui};

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

/// Text that wraps, behind a sign in the same colour.
pub fn remark(ui: &mut Ui, sign: &str, text: &str, color: egui::Color32) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(RichText::new(sign).color(color));
        ui.add(egui::Label::new(RichText::new(text).color(color)).wrap().selectable(true));
    });
}
