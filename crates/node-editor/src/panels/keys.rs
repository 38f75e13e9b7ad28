//! Keys: shortcuts of actions, and keys that mean something on the canvas. Text fields keep theirs.

use egui::{Event, Key, Modifiers, PointerButton, Ui, Vec2};

use crate::actions::Action;
use crate::command::{Command, Glance};
use crate::state::State;

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

/// Turns keys into commands; `was_typing` says whether a text field had the focus at the end of the last frame.
pub fn collect(ui: &Ui, state: &State, was_typing: bool) -> Pressed {
    let keys = Keys {
        // Escape takes the focus from a field before anybody sees the key; it was still the field's.
        typing: ui.ctx().text_edit_focused() || was_typing,
        popup: egui::Popup::is_any_open(ui.ctx()),
        focused: ui.ctx().egui_wants_keyboard_input(),
        searching: state.tab().view.search.is_some(),
    };
    let events = ui.input_mut(|i| std::mem::take(&mut i.events));
    let let_go = events.iter().rposition(is_let_go).unwrap_or(0);
    let mut layers = state.tab().view.layers();
    let mut pressed = Pressed::default();
    let mut left = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        // What goes to another page comes after all edits of this one, and what follows it stays behind it.
        let early = index < let_go && pressed.after.is_empty();
        let heard = keys.command(&event);
        // Text that is selected in a label is copied too.
        if heard.is_none() || !matches!(event, Event::Key { .. }) {
            left.push(event);
        }
        match heard {
            // Done at once before the pointer is let go, so that what it held is not dropped.
            Some(Command::Escape) if early && layers > 0 => {
                layers -= 1;
                pressed.before.push(Command::Look(Glance::CloseLayer));
            }
            Some(command) if early && !command.goes_elsewhere() => pressed.before.push(command),
            Some(command) => pressed.after.push(command),
            None => {}
        }
    }
    ui.input_mut(|i| i.events = left);
    pressed
}

fn is_let_go(event: &Event) -> bool {
    matches!(event, Event::PointerButton { button: PointerButton::Primary, pressed: false, .. })
}

/// Whose the keys are in this frame.
struct Keys {
    /// A text field has them.
    typing: bool,
    /// A popup takes plain keys.
    popup: bool,
    /// A control has the focus; it takes Space and arrows for itself.
    focused: bool,
    /// The search for a block takes arrows.
    searching: bool,
}

impl Keys {
    /// What an event asks for; nothing if it is not the editor's.
    fn command(&self, event: &Event) -> Option<Command> {
        match event {
            Event::Key { key, pressed: true, modifiers, .. } => match self.action(*key, *modifiers) {
                Some(action) => Some(Command::Do(action)),
                None if self.typing || self.popup => None,
                None => self.canvas_key(*key, *modifiers),
            },
            _ if self.typing || self.popup => None,
            Event::Copy => Some(Command::Do(Action::Copy)),
            Event::Cut => Some(Command::Do(Action::Cut)),
            Event::Paste(text) => Some(Command::PasteText(text.clone())),
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
    fn canvas_key(&self, key: Key, modifiers: Modifiers) -> Option<Command> {
        let command = match key {
            Key::Backspace if modifiers.is_none() => Command::Do(Action::Delete),
            Key::Questionmark => Command::Do(Action::Help),
            Key::Y if modifiers.matches_logically(Modifiers::COMMAND) => Command::Do(Action::Redo),
            Key::Escape => Command::Escape,
            _ => {
                let direction = direction(key).filter(|_| !self.focused && !self.searching)?;
                Command::Move(direction * if modifiers.shift { 20.0 } else { 5.0 })
            }
        };
        Some(command)
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
