//! Keys: shortcuts of actions, and keys that mean something on the canvas. Text fields keep theirs.

use std::collections::BTreeSet;

use egui::{Event, Key, Modifiers, Ui, Vec2};

use crate::command::{Action, Command};
use crate::editor::Editor;
use crate::view_state::Gesture;

/// Shortcuts that work while text is typed too.
const ALWAYS: [Action; 8] = [
    Action::PreviousPage,
    Action::SaveAs,
    Action::New,
    Action::Open,
    Action::Save,
    Action::Close,
    Action::Quit,
    Action::NextPage,
];

/// Turns keys into commands.
pub fn collect(ui: &Ui, editor: &mut Editor, commands: &mut Vec<Command>) {
    // Escape takes the focus from a field before anybody sees the key; it was still the field's.
    let typing = ui.ctx().text_edit_focused() || editor.was_typing;
    let popup = egui::Popup::is_any_open(ui.ctx());
    for action in Action::ALL {
        let Some(shortcut) = action.shortcut() else { continue };
        let plain = shortcut.modifiers == Modifiers::NONE;
        if (typing && !ALWAYS.contains(&action)) || (plain && popup) {
            continue;
        }
        // A focused button takes Space for itself.
        if shortcut.logical_key == Key::Space && ui.ctx().egui_wants_keyboard_input() {
            continue;
        }
        if ui.input_mut(|i| i.consume_shortcut(&shortcut)) {
            commands.push(Command::Do(action));
        }
    }
    // A popup takes Escape, to close.
    if typing || popup {
        return;
    }
    clipboard(ui, editor, commands);
    canvas_keys(ui, editor, commands);
}

fn clipboard(ui: &Ui, editor: &Editor, commands: &mut Vec<Command>) {
    for event in ui.input(|i| i.events.clone()) {
        match event {
            Event::Copy if editor.is_enabled(Action::Copy) => commands.push(Command::Do(Action::Copy)),
            Event::Cut if editor.is_enabled(Action::Cut) => commands.push(Command::Do(Action::Cut)),
            Event::Paste(text) => commands.push(Command::PasteText(text)),
            _ => {}
        }
    }
}

fn canvas_keys(ui: &Ui, editor: &mut Editor, commands: &mut Vec<Command>) {
    let pressed = |key: Key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::Backspace) {
        commands.push(Command::Do(Action::Delete));
    }
    if ui.input_mut(|i| i.consume_shortcut(&egui::KeyboardShortcut::new(Modifiers::COMMAND, Key::Y))) {
        commands.push(Command::Do(Action::Redo));
    }
    let view = &mut editor.tab_mut().view;
    if pressed(Key::Escape) {
        if view.gesture != Gesture::None {
            view.gesture = Gesture::None;
        } else if view.attrs_open.take().is_none() && view.search.take().is_none() {
            commands.push(Command::Select(BTreeSet::new()));
        }
    }
    if !view.selection.is_empty() && !ui.ctx().egui_wants_keyboard_input() {
        let far = if ui.input(|i| i.modifiers.shift) { 20.0 } else { 5.0 };
        for (key, direction) in [
            (Key::ArrowLeft, Vec2::new(-1.0, 0.0)),
            (Key::ArrowRight, Vec2::new(1.0, 0.0)),
            (Key::ArrowUp, Vec2::new(0.0, -1.0)),
            (Key::ArrowDown, Vec2::new(0.0, 1.0)),
        ] {
            if ui.input(|i| i.key_pressed(key)) {
                commands.push(Command::Move(direction * far));
            }
        }
    }
}
