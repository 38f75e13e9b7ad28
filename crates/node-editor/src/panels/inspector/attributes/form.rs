//! The attributes of one block as fields.

use egui::Ui;
use node_core::{BlockId, Role};

use crate::command::Command;
use crate::state::tab::Tab;
use crate::widgets::names;

/// The attributes of one block, to be edited.
pub struct Form<'a> {
    /// The page.
    pub tab: &'a Tab,
    /// The block.
    pub id: &'a BlockId,
    /// Whether it stands on the canvas, beside the same in the inspector.
    pub on_canvas: bool,
    /// What is asked for.
    pub commands: &'a mut Vec<Command>,
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
    pub(super) fn called(&self, name: String) -> String {
        if self.on_canvas { names::on_canvas(&name) } else { name }
    }
}
