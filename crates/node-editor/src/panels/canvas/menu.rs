//! The menu of a block or a wire.

use egui::{Popup, Response, Ui};

use crate::actions::Action;
use crate::command::Command;
use crate::state::tab::Tab;

/// Draws it where it is open.
pub fn show(response: &Response, tab: &Tab, commands: &mut Vec<Command>) {
    if !tab.view.menu_open {
        return;
    }
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(170.0);
        let mut entry = |ui: &mut Ui, text: &str, command: Command| {
            if ui.button(text).clicked() {
                commands.push(command);
            }
        };
        if !tab.view.selection.is_empty() {
            if tab.view.selected_block().is_some() {
                entry(ui, Action::Rename.row().name, Command::Do(Action::Rename));
            }
            entry(ui, Action::Duplicate.row().name, Command::Do(Action::Duplicate));
            entry(ui, Action::Copy.row().name, Command::Do(Action::Copy));
            entry(ui, Action::Cut.row().name, Command::Do(Action::Cut));
            entry(ui, "Disconnect", Command::DisconnectSelected);
            ui.separator();
        }
        entry(ui, Action::Delete.row().name, Command::Do(Action::Delete));
    });
}
