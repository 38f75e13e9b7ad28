//! A field to search with, and keys that go through what it finds.

use egui::{Event, Id, Key, Modifiers, TextEdit, Ui};

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Nothing that ends the search.
    No,
    /// The marked one is taken.
    Marked,
    /// The search is given up.
    GivenUp,
}

/// Moves the mark among `found`, of which there may be none, and hears Enter and Escape.
pub fn keys(ui: &Ui, marked: &mut usize, found: usize) -> Chosen {
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        *marked += 1;
    }
    if pressed(Key::ArrowUp) {
        *marked = marked.saturating_sub(1);
    }
    *marked = (*marked).min(found.saturating_sub(1));
    if pressed(Key::Enter) {
        Chosen::Marked
    } else if pressed(Key::Escape) {
        Chosen::GivenUp
    } else {
        Chosen::No
    }
}

/// The field; it has the focus.
pub fn field(ui: &mut Ui, text: &mut String, marked: &mut usize, name: &str) {
    let edit = TextEdit::singleline(text)
        .id(Id::unique(("chooser", name)))
        .hint_text(format!("{name}…"))
        .desired_width(f32::INFINITY);
    let response = ui.add(edit).accessible_name(name);
    if response.changed() {
        *marked = 0;
    }
    if !response.has_focus() {
        response.request_focus();
        // Whoever types at once loses nothing while the focus is on its way.
        let typed = ui.input(|i| i.events.clone()).into_iter().filter_map(|event| match event {
            Event::Text(text) => Some(text),
            _ => None,
        });
        text.extend(typed);
    }
}
