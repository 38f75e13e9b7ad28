//! All attributes as one line of text.

use egui::{RichText, Ui};
use node_core::value::Wanted;
use node_core::{AttrType, Role, Value, attr_text};

use super::form::Form;
use crate::command::Command;
use crate::size;
use crate::state::view::Field;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::tokens::Tokens;
use crate::widgets::value_text::field_text;

impl Form<'_> {
    /// The attributes as text, to copy, to paste and to edit; who has just asked for it types into it.
    pub fn text(&mut self, ui: &mut Ui, takes_focus: bool) {
        let tokens = Tokens::of(ui);
        let id = self.id;
        let Some(checked) = self.tab.document.checked.blocks.get(id).cloned() else { return };
        let Some(node) = self.tab.document.page.blocks.get(id).cloned() else { return };
        let values =
            checked.effective.iter().filter_map(|e| e.value.as_ref()).chain(node.attrs.iter().map(|(_, w)| &w.value));
        let mut long = values.filter(|value| field_text(Some(value), Wanted::Anything).is_none());
        if let Some(long) = long.next() {
            let said = format!("{} is too long for a line of text; edit it as a field.", long.excerpt());
            ui.add(egui::Label::new(RichText::new(said).color(tokens.muted)).wrap());
            return;
        }
        let closed = checked.spec().filter(|s| s.role != Role::AttributeSet);
        let own = node.attrs.iter().map(|(name, w)| (name, &w.value, matches!(w.value, Value::Float(_))));
        let text = match closed {
            Some(spec) => {
                let known = checked.effective.iter();
                let known =
                    known.filter_map(|e| Some((&*e.spec.name, e.value.as_ref()?, e.spec.ty == AttrType::Float)));
                // What its type does not have is shown too: here it can be taken away.
                attr_text::write(known.chain(own.filter(|(name, ..)| spec.attr(name).is_none())))
            }
            None => attr_text::write(own),
        };
        let look = FieldLook::new(self.called(format!("attributes of {id} as text")), ui.available_width());
        let field = Field::AttrText(id.clone());
        let entered = text_field(ui, self.tab, &field, &text, look.hint("name_=value;"), self.commands);
        if takes_focus {
            entered.response.request_focus();
        }
        ui.horizontal_wrapped(|ui| {
            let copy = ui.link(RichText::new("Copy").size(size::CAPTION));
            if copy.accessible_name(self.called(format!("copy attributes of {id} as text"))).clicked() {
                ui.copy_text(text);
                self.commands.push(Command::Notice("Copied the attributes as text.".to_owned()));
            }
            let how = "Enter keeps it. What is left out goes back to its default; wired ones stay.";
            ui.label(RichText::new(how).size(size::CAPTION).color(tokens.muted));
        });
    }
}
