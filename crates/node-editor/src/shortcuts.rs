//! Keys: shortcuts of actions, and keys that mean something on the canvas. Text fields keep theirs.

use egui::{Event, Key, Modifiers, PointerButton, Ui, Vec2};

use crate::command::{Action, Command};
use crate::editor::Editor;

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

/// What the keys of a frame ask for: each press, in the order in which they came, however many a slow frame holds.
#[derive(Default)]
pub struct Pressed {
    /// Before the pointer was let go in this frame: done before what the pointer asks for.
    pub before: Vec<Command>,
    /// After it, or in a frame without it.
    pub after: Vec<Command>,
}

/// Turns keys into commands.
pub fn collect(ui: &Ui, editor: &mut Editor) -> Pressed {
    let keys = Keys {
        // Escape takes the focus from a field before anybody sees the key; it was still the field's.
        typing: ui.ctx().text_edit_focused() || editor.was_typing,
        popup: egui::Popup::is_any_open(ui.ctx()),
        focused: ui.ctx().egui_wants_keyboard_input(),
    };
    let events = ui.input_mut(|i| std::mem::take(&mut i.events));
    let let_go = events.iter().rposition(is_let_go).unwrap_or(0);
    let mut pressed = Pressed::default();
    let mut left = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        // What goes to another page comes after all edits of this one, and what follows it stays behind it.
        let early = index < let_go && pressed.after.is_empty();
        let heard = keys.command(editor, &event);
        // Text that is selected in a label is copied too.
        if heard.is_none() || !matches!(event, Event::Key { .. }) {
            left.push(event);
        }
        match heard {
            Some(Heard::Command(command)) if early && !command.goes_elsewhere() => pressed.before.push(command),
            Some(Heard::Command(command)) => pressed.after.push(command),
            Some(Heard::Escape) if early => pressed.before.extend(editor.escape()),
            Some(Heard::Escape) => pressed.after.push(Command::Escape),
            None => {}
        }
    }
    ui.input_mut(|i| i.events = left);
    pressed
}

fn is_let_go(event: &Event) -> bool {
    matches!(event, Event::PointerButton { button: PointerButton::Primary, pressed: false, .. })
}

/// What became of an event that is the editor's.
enum Heard {
    Command(Command),
    /// Done at once before the pointer is let go, so that what it held is not dropped.
    Escape,
}

/// Whose the keys are in this frame.
struct Keys {
    /// A text field has them.
    typing: bool,
    /// A popup takes plain keys.
    popup: bool,
    /// A control has the focus; it takes Space and arrows for itself.
    focused: bool,
}

impl Keys {
    /// What an event asks for; nothing if it is not the editor's.
    fn command(&self, editor: &Editor, event: &Event) -> Option<Heard> {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => match self.action(*key, *modifiers) {
                Some(action) => Some(Heard::Command(Command::Do(action))),
                None if self.typing || self.popup => None,
                None => self.canvas_key(editor, *key, *modifiers),
            },
            _ if self.typing || self.popup => None,
            Event::Copy => Some(Heard::Command(Command::Do(Action::Copy))),
            Event::Cut => Some(Heard::Command(Command::Do(Action::Cut))),
            Event::Paste(text) => Some(Heard::Command(Command::PasteText(text.clone()))),
            _ => None,
        }
    }

    /// The action whose shortcut this is.
    fn action(&self, key: Key, modifiers: Modifiers) -> Option<Action> {
        Action::ALL.into_iter().find(|action| {
            let Some(shortcut) = action.shortcut() else { return false };
            let plain = shortcut.modifiers == Modifiers::NONE;
            shortcut.logical_key == key
                && modifiers.matches_logically(shortcut.modifiers)
                && (!self.typing || ALWAYS.contains(action))
                && !(plain && self.popup)
                && !(key == Key::Space && self.focused)
        })
    }

    /// Keys that mean something on the canvas. Whether a block is selected is known when the command is carried out:
    /// what comes before it in the same frame may select.
    fn canvas_key(&self, editor: &Editor, key: Key, modifiers: Modifiers) -> Option<Heard> {
        let command = match key {
            Key::Backspace if modifiers.is_none() => Command::Do(Action::Delete),
            Key::Questionmark => Command::Do(Action::Help),
            Key::Y if modifiers.matches_logically(Modifiers::COMMAND) => Command::Do(Action::Redo),
            Key::Escape => return Some(Heard::Escape),
            _ => {
                let direction = direction(key).filter(|_| !self.focused && editor.tab().view.search.is_none())?;
                Command::Move(direction * if modifiers.shift { 20.0 } else { 5.0 })
            }
        };
        Some(Heard::Command(command))
    }
}

fn direction(key: Key) -> Option<Vec2> {
    match key {
        Key::ArrowLeft => Some(Vec2::new(-1.0, 0.0)),
        Key::ArrowRight => Some(Vec2::new(1.0, 0.0)),
        Key::ArrowUp => Some(Vec2::new(0.0, -1.0)),
        Key::ArrowDown => Some(Vec2::new(0.0, 1.0)),
        _ => None,
    }
}
