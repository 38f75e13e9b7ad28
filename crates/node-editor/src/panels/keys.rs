//! Keys: shortcuts of actions, and keys that mean something on the canvas. Text fields keep theirs.

use egui::{Event, FocusDirection, Key, Modifiers, PointerButton, Ui};

use crate::actions::{Action, Keymap, Kind};
use crate::command::{Command, Glance};
use crate::state::State;
use crate::widgets::fields::is_paste_taken;

/// What the keys of a frame ask for: each press, in the order in which they came, however many a slow frame holds.
#[derive(Default)]
pub struct Pressed {
    /// Before the pointer was let go in this frame: done before what the pointer asks for.
    pub before: Vec<Command>,
    /// After it, or in a frame without it.
    pub after: Vec<Command>,
}

/// Turns keys into commands; `was_typing` says whether a text field had the focus at the end of the last frame.
pub fn collect(ui: &Ui, state: &State, keymap: &Keymap, was_typing: bool) -> Pressed {
    let listening = Listening {
        keymap,
        // Escape takes the focus from a field before anybody sees the key; it was still the field's.
        typing: ui.ctx().text_edit_focused() || was_typing,
        popup: egui::Popup::is_any_open(ui.ctx()),
        focused: ui.ctx().egui_wants_keyboard_input(),
        paste_taken: is_paste_taken(ui),
        searching: state.tab().view.search.is_some(),
        on_canvas: state.tab().view.canvas.zip(ui.pointer_latest_pos()).is_some_and(|(canvas, at)| canvas.contains(at)),
    };
    let events = ui.input_mut(|i| std::mem::take(&mut i.events));
    let let_go = events.iter().rposition(is_let_go).unwrap_or(0);
    let mut layers = state.tab().view.layers();
    let mut pressed = Pressed::default();
    let mut left = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        // What goes to another page comes after all edits of this one, and what follows it stays behind it.
        let early = index < let_go && pressed.after.is_empty();
        let heard = listening.command(&event);
        if heard.is_some() && matches!(event, Event::Key { key: Key::Tab, .. }) {
            // It was to go to the next control.
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
        }
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
struct Listening<'k> {
    keymap: &'k Keymap,
    /// A text field has them.
    typing: bool,
    /// A popup takes plain keys.
    popup: bool,
    /// A control has the focus; it takes Space, arrows, Home and End for itself.
    focused: bool,
    /// A control that has the focus takes what is pasted.
    paste_taken: bool,
    /// The search for a block takes arrows.
    searching: bool,
    /// The pointer is on the canvas; elsewhere Tab goes from control to control.
    on_canvas: bool,
}

impl Listening<'_> {
    /// What an event asks for; nothing if it is not the editor's. What is possible is known when the command is carried
    /// out: what comes before it in the same frame may select.
    fn command(&self, event: &Event) -> Option<Command> {
        match event {
            Event::Key { key: Key::Escape, pressed: true, .. } => self.is_free().then_some(Command::Escape),
            Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
                // With Shift a digit is another sign, on each keyboard its own.
                let digit = physical_key.filter(|key| modifiers.shift && key.name().parse::<u8>().is_ok());
                let action = self.action(*key, *modifiers);
                action.or_else(|| self.action(digit?, *modifiers)).map(Command::Do)
            }
            Event::Copy if self.is_free() => self.action(Key::C, Modifiers::COMMAND).map(Command::Do),
            Event::Cut if self.is_free() => self.action(Key::X, Modifiers::COMMAND).map(Command::Do),
            Event::Paste(_) if self.paste_taken => None,
            // It also comes where pasting has other keys, and was asked for.
            Event::Paste(text) => match self.action(Key::V, Modifiers::COMMAND) {
                Some(action) if action != Action::Paste => Some(Command::Do(action)),
                _ => self.is_free().then(|| Command::PasteText(text.clone())),
            },
            _ => None,
        }
    }

    /// Whether neither a field nor a popup has the keys.
    fn is_free(&self) -> bool {
        !self.typing && !self.popup
    }

    /// The action whose keys these are, unless somebody else takes them.
    fn action(&self, key: Key, modifiers: Modifiers) -> Option<Action> {
        let (keys, action) = self.keymap.action(key, modifiers)?;
        let is_arrow = matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown);
        let leads_to_end = matches!(key, Key::Home | Key::End);
        // A field has its own undo, copy and selection: what is about the page waits, but for a run.
        let is_of_page = action.row().kind == Kind::Page && action != Action::Run;
        let taken = self.typing && (is_of_page || !keys.are_no_text())
            || self.popup && keys.is_plain()
            || self.focused && (key == Key::Space || is_arrow || leads_to_end && keys.is_plain())
            || self.searching && is_arrow
            || key == Key::Tab && keys.is_plain() && (self.focused || !self.on_canvas);
        (!taken).then_some(action)
    }
}
