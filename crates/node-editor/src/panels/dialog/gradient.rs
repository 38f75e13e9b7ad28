//! Asking which gradient a page is to have.

use egui::{ComboBox, RichText, ScrollArea, Ui};
use node_core::PortRef;
use node_core::gradient::differentiable;

use super::buttons::buttons;
use crate::state::State;
use crate::state::dialog::{Answer, GradientDialog};
use crate::widgets::tokens::Tokens;

/// The width of the names in front of what is chosen.
const NAMES: f32 = 104.0;

/// Draws it.
pub fn body(ui: &mut Ui, dialog: &mut GradientDialog, state: &State) -> Option<Answer> {
    let Some(tab) = state.page(dialog.tab) else { return Some(Answer::Cancel) };
    let checked = &tab.document.checked;
    let all = differentiable(checked);
    ui.label(
        "Adds the blocks of the backward pass below the page. Each gradient is the output of a block called …_grad.",
    );
    ui.add_space(6.0);
    let before = dialog.of.clone();
    row(ui, "The gradient of", |ui| {
        let combo = ComboBox::from_id_salt("gradient of").width(240.0).selected_text(dialog.of.to_string());
        let shown = combo.show_ui(ui, |ui| {
            for port in &all {
                ui.selectable_value(&mut dialog.of, port.clone(), port.to_string());
            }
        });
        shown.response.accessible_name("gradient of");
    });
    if dialog.of != before {
        dialog.look(checked);
    }
    row(ui, "given", |ui| {
        let text = |given: &Option<PortRef>| given.as_ref().map_or("1, for a scalar".to_owned(), PortRef::to_string);
        let combo = ComboBox::from_id_salt("gradient given").width(240.0).selected_text(text(&dialog.given));
        let shown = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut dialog.given, None, text(&None));
            for port in all.iter().filter(|port| **port != dialog.of) {
                ui.selectable_value(&mut dialog.given, Some(port.clone()), port.to_string());
            }
        });
        shown.response.accessible_name("gradient given");
    });
    ui.add_space(6.0);
    ui.label("for");
    ScrollArea::vertical().max_height(240.0).auto_shrink([false, true]).show(ui, |ui| {
        // A box that is off must still be seen.
        ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).muted;
        for (port, is_wanted) in &mut dialog.wanted {
            ui.checkbox(is_wanted, port.to_string());
        }
        if dialog.wanted.is_empty() {
            let text = format!("{} depends on nothing that has a gradient.", dialog.of);
            ui.label(RichText::new(text).color(Tokens::of(ui).muted));
        }
    });
    for error in &dialog.errors {
        ui.label(RichText::new(error).color(Tokens::of(ui).error));
    }
    match dialog.wanted.iter().any(|(_, is_wanted)| *is_wanted) {
        true => buttons(ui, &[("Add", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0)),
        false => buttons(ui, &[("Cancel", Answer::Cancel)], None),
    }
}

fn row(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let label = ui.label(name);
        ui.add_space((NAMES - label.rect.width()).max(0.0));
        add(ui);
    });
}
