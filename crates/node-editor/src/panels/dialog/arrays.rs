//! Choosing among the arrays of files.

use egui::{RichText, ScrollArea, Ui};

use super::buttons::buttons;
use crate::state::dialog::{Answer, ArrayChoice};
use crate::widgets::tokens::Tokens;

/// Draws it; `one` says that one is chosen, not some.
pub fn body(ui: &mut Ui, choices: &mut [ArrayChoice], wrong: &[String], one: bool) -> Option<Answer> {
    for why in wrong {
        ui.label(RichText::new(why).color(Tokens::of(ui).error));
    }
    if !one {
        ui.label("Each that is chosen becomes a block.");
    }
    ui.add_space(4.0);
    let mut file = String::new();
    ScrollArea::vertical().max_height(300.0).auto_shrink([false, true]).show(ui, |ui| {
        // A box that is off must still be seen.
        ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).muted;
        let mut chosen = None;
        for (number, choice) in choices.iter_mut().enumerate() {
            if choice.path != file {
                file.clone_from(&choice.path);
                ui.label(RichText::new(&file).color(Tokens::of(ui).muted));
            }
            if !one {
                ui.checkbox(&mut choice.is_chosen, &choice.part);
            } else if ui.radio(choice.is_chosen, &choice.part).clicked() {
                chosen = Some(number);
            }
        }
        if let Some(chosen) = chosen {
            choices.iter_mut().enumerate().for_each(|(number, choice)| choice.is_chosen = number == chosen);
        }
    });
    if one {
        return buttons(ui, &[("Feed", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0));
    }
    ui.horizontal(|ui| {
        for (text, is_chosen) in [("All", true), ("None", false)] {
            if ui.small_button(text).clicked() {
                choices.iter_mut().for_each(|choice| choice.is_chosen = is_chosen);
            }
        }
    });
    buttons(ui, &[("Add", Answer::Yes), ("Cancel", Answer::Cancel)], Some(0))
}
