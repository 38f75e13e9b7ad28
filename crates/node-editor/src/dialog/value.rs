//! Editing a value in a text area, for what is too long for a field.

use egui::{Key, Modifiers, RichText, ScrollArea, TextEdit, TextStyle, Ui};
use node_core::value::Wanted;
use node_core::{BlockId, Direction, Value};

use super::{Answer, buttons};
use crate::command::Command;
use crate::editor::{Editor, Tab, TabId};
use crate::tokens::{Tokens, size};
use crate::typed::meaning;
use crate::view_state::Field;

/// Values with more elements than this are replaced as a whole, not shown as text.
const SHOWN: usize = 50_000;

/// A value that is edited.
#[derive(Clone, Debug)]
pub struct ValueDialog {
    /// The page.
    pub tab: TabId,
    field: Field,
    name: String,
    text: String,
    /// How many elements the value has that is not shown, if it is not.
    left_out: Option<usize>,
    error: Option<String>,
    opened: bool,
}

impl ValueDialog {
    /// For the value of a field as it is now. `None` for fields that hold no value.
    pub fn new(tab: &Tab, field: Field) -> Option<ValueDialog> {
        let (id, name) = match &field {
            Field::Attr(id, name) | Field::Literal(id, name) => (id, name),
            _ => return None,
        };
        let value = value(tab, &field);
        let leaves = value.map_or(0, |value| value.leaves(usize::MAX));
        let left_out = Some(leaves).filter(|leaves| *leaves > SHOWN);
        let text = value.filter(|_| left_out.is_none()).map(|value| in_rows(value, wanted(tab, id, &field)));
        let (name, text) = (format!("{id}.{name}"), text.unwrap_or_default());
        Some(ValueDialog { tab: tab.id, field, name, text, left_out, error: None, opened: false })
    }

    pub(super) fn title(&self) -> String {
        format!("Value of {}", self.name)
    }

    pub(super) fn body(&mut self, ui: &mut Ui, editor: &Editor) -> Answer {
        let tokens = Tokens::of(ui);
        if let Some(elements) = self.left_out {
            let said = format!("It has {elements} elements, too many for a text area. What stands here replaces it.");
            ui.add(egui::Label::new(said).wrap());
        }
        let area = ScrollArea::vertical().max_height(320.0).min_scrolled_height(320.0).auto_shrink([false, false]);
        let response = area.show(ui, |ui| {
            let edit = TextEdit::multiline(&mut self.text)
                .font(TextStyle::Monospace)
                .desired_width(f32::INFINITY)
                .desired_rows(18)
                .hint_text("[[1, 2], [3, 4]], or as NumPy prints it");
            ui.add(edit).accessible_name(format!("value of {}", self.name))
        });
        if !self.opened {
            self.opened = true;
            response.inner.request_focus();
        }
        if response.inner.changed() {
            self.error = self.wrong(editor);
        }
        let (said, color) = match &self.error {
            Some(error) => (error.as_str(), tokens.error),
            None => ("Ctrl+Enter keeps it, Escape gives up.", tokens.muted),
        };
        ui.add(egui::Label::new(RichText::new(said).size(size::CAPTION + 0.5).color(color)).wrap());
        let answer = buttons(ui, &[("Keep", Answer::Yes), ("Cancel", Answer::Cancel)], None);
        let keeps = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
        match answer {
            Answer::Stay if !keeps => Answer::Stay,
            Answer::Stay | Answer::Yes => {
                self.error = self.wrong(editor);
                if self.error.is_some() { Answer::Stay } else { Answer::Yes }
            }
            other => other,
        }
    }

    fn wrong(&self, editor: &Editor) -> Option<String> {
        let tab = &editor.tabs[editor.index_of(self.tab)?];
        if self.text.trim().is_empty() && self.left_out.is_some() {
            return None;
        }
        meaning(&tab.document.checked, &self.field, &self.text).err()
    }

    /// What keeping it asks for.
    pub(super) fn command(self, editor: &Editor) -> Option<Command> {
        let tab = &editor.tabs[editor.index_of(self.tab)?];
        if self.text.trim().is_empty() && self.left_out.is_some() {
            return None;
        }
        meaning(&tab.document.checked, &self.field, &self.text).ok().flatten()
    }
}

fn value<'t>(tab: &'t Tab, field: &Field) -> Option<&'t Value> {
    match field {
        Field::Attr(id, name) => tab.document.page.block(id.as_str())?.attrs.get(name),
        Field::Literal(id, name) => tab.document.page.block(id.as_str())?.inputs.get(name),
        _ => None,
    }
}

fn wanted(tab: &Tab, id: &BlockId, field: &Field) -> Wanted {
    let block = tab.document.checked.blocks.get(id);
    let spec = block.and_then(|block| block.spec());
    let found = match (spec, field) {
        (Some(spec), Field::Attr(_, name)) => {
            spec.attr(name).map(|attr| attr.wanted(block.and_then(|block| block.fixed_dtype(attr))))
        }
        (Some(spec), Field::Literal(_, name)) => {
            spec.port(Direction::In, name).map(|port| port.wanted(block.and_then(|block| block.bound_dtype(name))))
        }
        _ => None,
    };
    found.unwrap_or(Wanted::Numbers)
}

/// The value's text, each row of numbers on a line of its own. Texts stay on one: a line break in them would be another.
fn in_rows(value: &Value, wanted: Wanted) -> String {
    let text = value.typed_text(wanted);
    if text.contains('"') { text } else { text.replace("], [", "],\n [") }
}
