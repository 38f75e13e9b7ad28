//! What stands in menus and has a shortcut.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::state::State;

/// What stands in menus and has a shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new page.
    New,
    /// Opens a page.
    Open,
    /// Saves the page.
    Save,
    /// Saves the page under another name.
    SaveAs,
    /// Closes the page.
    Close,
    /// Ends the program.
    Quit,
    /// Takes back the last change.
    Undo,
    /// Does the last undone change again.
    Redo,
    /// Copies and deletes the selected blocks.
    Cut,
    /// Copies the selected blocks.
    Copy,
    /// Pastes blocks.
    Paste,
    /// Makes copies of the selected blocks.
    Duplicate,
    /// Deletes what is selected.
    Delete,
    /// Selects all blocks.
    SelectAll,
    /// Searches for a block to place.
    AddBlock,
    /// Shows the whole page.
    Fit,
    /// Shows the page at 100 %.
    ZoomReset,
    /// Shows or hides the palette.
    Palette,
    /// Shows or hides the inspector.
    Inspector,
    /// The light theme.
    Light,
    /// The dark theme.
    Dark,
    /// The system's theme.
    System,
    /// Runs the page.
    Run,
    /// Stops the run under way.
    Stop,
    /// Switches running with every edit on or off.
    RunAsYouEdit,
    /// The next page.
    NextPage,
    /// The page before.
    PreviousPage,
    /// Gives the selected block another id.
    Rename,
    /// Tells of gestures and keys.
    Help,
}

const fn command(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

const fn shifted(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key))
}

impl Action {
    /// All actions; those with more modifiers come before those whose shortcut they contain.
    pub const ALL: [Action; 29] = [
        // Those with Shift first: a key with Shift is also that key.
        Action::Stop,
        Action::PreviousPage,
        Action::Rename,
        Action::SaveAs,
        Action::Redo,
        Action::New,
        Action::Open,
        Action::Save,
        Action::Close,
        Action::Quit,
        Action::Undo,
        Action::Cut,
        Action::Copy,
        Action::Paste,
        Action::Duplicate,
        Action::Delete,
        Action::SelectAll,
        Action::AddBlock,
        Action::Fit,
        Action::ZoomReset,
        Action::Palette,
        Action::Inspector,
        Action::Light,
        Action::Dark,
        Action::System,
        Action::Run,
        Action::RunAsYouEdit,
        Action::NextPage,
        Action::Help,
    ];

    /// The text in menus.
    pub const fn text(self) -> &'static str {
        match self {
            Action::New => "New page",
            Action::Open => "Open…",
            Action::Save => "Save",
            Action::SaveAs => "Save as…",
            Action::Close => "Close page",
            Action::Quit => "Quit",
            Action::Undo => "Undo",
            Action::Redo => "Redo",
            Action::Cut => "Cut",
            Action::Copy => "Copy",
            Action::Paste => "Paste",
            Action::Duplicate => "Duplicate",
            Action::Delete => "Delete",
            Action::SelectAll => "Select all",
            Action::AddBlock => "Add block…",
            Action::Fit => "Show all",
            Action::ZoomReset => "Zoom to 100 %",
            Action::Palette => "Palette",
            Action::Inspector => "Inspector",
            Action::Light => "Light theme",
            Action::Dark => "Dark theme",
            Action::System => "System theme",
            Action::Run => "Run now",
            Action::Stop => "Stop",
            Action::RunAsYouEdit => "Run as you edit",
            Action::NextPage => "Next page",
            Action::PreviousPage => "Previous page",
            Action::Rename => "Rename",
            Action::Help => "Gestures and keys",
        }
    }

    /// The shortcut, if there is one. Cut, copy and paste reach the program as events of their own.
    pub const fn shortcut(self) -> Option<KeyboardShortcut> {
        match self {
            Action::New => command(Key::N),
            Action::Open => command(Key::O),
            Action::Save => command(Key::S),
            Action::SaveAs => shifted(Key::S),
            Action::Close => command(Key::W),
            Action::Quit => command(Key::Q),
            Action::Undo => command(Key::Z),
            Action::Redo => shifted(Key::Z),
            Action::Cut => command(Key::X),
            Action::Copy => command(Key::C),
            Action::Paste => command(Key::V),
            Action::Duplicate => command(Key::D),
            Action::Delete => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Delete)),
            Action::SelectAll => command(Key::A),
            Action::AddBlock => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Space)),
            Action::Fit => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Home)),
            Action::ZoomReset => command(Key::Num0),
            Action::Run => Some(KeyboardShortcut::new(Modifiers::NONE, Key::F5)),
            Action::Stop => Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::F5)),
            Action::PreviousPage => Some(KeyboardShortcut::new(Modifiers::CTRL.plus(Modifiers::SHIFT), Key::Tab)),
            Action::Rename => Some(KeyboardShortcut::new(Modifiers::NONE, Key::F2)),
            Action::NextPage => Some(KeyboardShortcut::new(Modifiers::CTRL, Key::Tab)),
            Action::Help => Some(KeyboardShortcut::new(Modifiers::NONE, Key::F1)),
            _ => None,
        }
    }
}

impl State {
    /// Whether an action can be taken now, on the page at `index`.
    pub(crate) fn is_enabled(&self, action: Action, index: usize) -> bool {
        let tab = &self.tabs[index];
        let selected = !tab.view.selection.is_empty();
        match action {
            Action::Undo => tab.document.undo_label().is_some(),
            Action::Redo => tab.document.redo_label().is_some(),
            Action::Cut | Action::Copy | Action::Duplicate => selected,
            Action::Delete => selected || tab.view.wire.is_some(),
            Action::SelectAll | Action::Fit => !tab.document.page.blocks.is_empty(),
            Action::NextPage | Action::PreviousPage => self.tabs.len() > 1,
            Action::Stop => tab.run.is_running(),
            Action::Rename => tab.view.selected_block().is_some(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shortcut is taken for a key with more modifiers too, so these must be asked first.
    #[test]
    fn shortcuts_with_more_modifiers_come_first() {
        let shortcuts: Vec<_> = Action::ALL.into_iter().filter_map(|a| Some((a, a.shortcut()?))).collect();
        for (later, (action, shortcut)) in shortcuts.iter().enumerate() {
            for (earlier, other) in &shortcuts[..later] {
                let swallows = other.logical_key == shortcut.logical_key
                    && shortcut.modifiers.contains(other.modifiers)
                    && shortcut.modifiers != other.modifiers;
                assert!(!swallows, "{earlier:?} takes the keys of {action:?}");
            }
        }
    }
}
