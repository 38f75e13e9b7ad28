//! Attributes: a field for each with its range and default, those that are wired read-only with their source; the
//! attributes of sets; and all of them as text to copy and paste. In the inspector, and on the canvas at an attrs port.

mod own;
mod set;
mod text;

use egui::{RichText, Ui};
use node_core::{BlockId, Role};

use super::section::section;
use crate::command::Command;
use crate::editor::Tab;
use crate::names;
use crate::tokens::size;

/// The attributes of one block, to be edited.
pub struct Form<'a> {
    /// The page.
    pub tab: &'a mut Tab,
    /// The block.
    pub id: &'a BlockId,
    /// Whether it stands on the canvas, beside the same in the inspector.
    pub on_canvas: bool,
    /// What is asked for.
    pub commands: &'a mut Vec<Command>,
}

/// Draws the inspector's section.
pub fn show(ui: &mut Ui, tab: &mut Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let mut text_open = tab.view.text_open;
    let switch = |ui: &mut Ui| {
        let link = RichText::new(if text_open { "as fields" } else { "as text" }).size(size::CAPTION);
        if ui.link(link).clicked() {
            text_open = !text_open;
        }
    };
    let as_text = tab.view.text_open;
    section(ui, "ATTRIBUTES", switch, |ui| {
        let mut form = Form { tab, id, on_canvas: false, commands };
        if as_text { form.text(ui, !form.tab.view.text_had_focus) } else { form.fields(ui) }
    });
    tab.view.text_had_focus = as_text;
    tab.view.text_open = text_open;
}

impl Form<'_> {
    /// A field for each attribute.
    pub fn fields(&mut self, ui: &mut Ui) {
        let Some(checked) = self.tab.document.checked.blocks.get(self.id).cloned() else { return };
        if checked.role().is_none_or(|role| role == Role::AttributeSet) {
            self.set_rows(ui);
        } else {
            checked.effective.iter().for_each(|entry| self.row(ui, entry, checked.fixed_dtype(&entry.spec)));
            self.misnamed_rows(ui);
        }
    }

    /// What a control is called: no two of one name are on the screen.
    fn called(&self, name: String) -> String {
        if self.on_canvas { names::on_canvas(&name) } else { name }
    }
}
