//! Attributes: a field for each with its range and default, those that are wired read-only with their source; the
//! attributes of sets; and all of them as text to copy and paste. In the inspector, and on the canvas at an attrs port.

mod form;
mod own;
mod set;
mod text;

use egui::{RichText, Ui};
use node_core::BlockId;

use super::section::section;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
pub use form::Form;

/// Draws the inspector's section.
pub fn show(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let as_text = tab.view.text_open;
    let mut now_as_text = as_text;
    let switch = |ui: &mut Ui| {
        let link = RichText::new(if as_text { "as fields" } else { "as text" }).size(size::CAPTION);
        if ui.link(link).clicked() {
            now_as_text = !as_text;
        }
    };
    section(ui, "ATTRIBUTES", switch, |ui| {
        let mut form = Form { tab, id, on_canvas: false, commands };
        if as_text { form.text(ui, !tab.view.text_had_focus) } else { form.fields(ui) }
    });
    if now_as_text != as_text {
        commands.push(Command::Look(Glance::AsText(now_as_text)));
    }
    if tab.view.text_had_focus != as_text {
        commands.push(Command::Look(Glance::TextHadFocus(as_text)));
    }
}
