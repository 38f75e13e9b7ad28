//! Editing a value in a text area, for what is too long for a field.

use egui::{Key, Modifiers, RichText, ScrollArea, TextEdit, TextStyle, Ui};

use super::buttons::buttons;
use crate::size;
use crate::state::State;
use crate::state::dialog::{Answer, ValueDialog};
use crate::typed;
use crate::widgets::tokens::Tokens;

/// Draws it.
pub fn body(ui: &mut Ui, value: &mut ValueDialog, state: &State) -> Option<Answer> {
    let tokens = Tokens::of(ui);
    if let Some(elements) = value.left_out {
        let said = format!("It has {elements} elements, too many for a text area. What stands here replaces it.");
        ui.add(egui::Label::new(said).wrap());
    }
    let area = ScrollArea::vertical().max_height(320.0).min_scrolled_height(320.0).auto_shrink([false, false]);
    let response = area.show(ui, |ui| {
        let edit = TextEdit::multiline(&mut value.text)
            .font(TextStyle::Monospace)
            .desired_width(f32::INFINITY)
            .desired_rows(18)
            .hint_text("[[1, 2], [3, 4]], or as NumPy prints it");
        ui.add(edit).accessible_name(format!("value of {}", value.name))
    });
    if !value.opened {
        value.opened = true;
        response.inner.request_focus();
    }
    if response.inner.changed() {
        value.error = wrong(value, state);
    }
    let (said, color) = match &value.error {
        Some(error) => (error.as_str(), tokens.error),
        None => ("Ctrl+Enter keeps it, Escape gives up.", tokens.muted),
    };
    ui.add(egui::Label::new(RichText::new(said).size(size::CAPTION + 0.5).color(color)).wrap());
    let answer = buttons(ui, &[("Keep", Answer::Yes), ("Cancel", Answer::Cancel)], None);
    let keeps = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
    match answer {
        None if !keeps => None,
        None | Some(Answer::Yes) => {
            value.error = wrong(value, state);
            value.error.is_none().then_some(Answer::Yes)
        }
        other => other,
    }
}

fn wrong(value: &ValueDialog, state: &State) -> Option<String> {
    typed::of_dialog(&state.page(value.tab)?.document.checked, value).err()
}
