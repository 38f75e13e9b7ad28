//! The buttons of a dialog.

use egui::{Align, Button, Key, Layout, RichText, Ui};

use crate::state::dialog::Answer;
use crate::widgets::tokens::Tokens;

/// Buttons for the answers, the first at the right. Enter gives the one that is emphasized, unless a control has the
/// focus.
pub fn buttons(ui: &mut Ui, answers: &[(&str, Answer)], emphasized: Option<usize>) -> Option<Answer> {
    ui.add_space(10.0);
    let tokens = Tokens::of(ui);
    let mut given = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for (nth, (text, _)) in answers.iter().enumerate() {
            let is_emphasized = emphasized == Some(nth);
            let button = match is_emphasized {
                true => Button::new(RichText::new(*text).color(tokens.on_accent)).fill(tokens.accent),
                false => Button::new(*text),
            };
            if ui.add(button).clicked() {
                given = Some(nth);
            }
        }
    });
    let enter = ui.memory(|memory| memory.focused().is_none()) && ui.input(|i| i.key_pressed(Key::Enter));
    let given = given.or(emphasized.filter(|_| enter));
    given.map(|nth| answers[nth].1.clone())
}
