//! Everything that a person can do. Drawing returns commands; one place applies them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::{Key, KeyboardShortcut, Modifiers, Pos2, Vec2};
use node_core::page::Written;
use node_core::{BlockId, Wire};

use crate::editor::TabId;
use crate::view_state::{Field, PortEnd, Search};

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

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Something that stands in menus.
    Do(Action),
    /// Shows another page.
    SelectTab(TabId),
    /// Closes a page.
    CloseTab(TabId),
    /// Opens a page's file.
    OpenPath(PathBuf),
    /// Gives up the gesture, else closes what is open on the canvas, else selects nothing.
    Escape,
    /// Selects blocks and nothing else.
    Select(BTreeSet<BlockId>),
    /// Selects a wire and nothing else.
    SelectWire(Option<Wire>),
    /// Selects a block and brings it into view.
    Reveal(BlockId),
    /// Shows everything that there is to say of the page.
    ShowRemarks,
    /// Opens the editor of a value, which has room for many lines.
    EditValue(Field),
    /// Places a new block.
    Add {
        /// Its type.
        type_name: String,
        /// Its top left corner, on the page; in the middle of the view if not given.
        at: Option<Pos2>,
        /// A port to wire to it.
        connect: Option<PortEnd>,
    },
    /// Adds a wire, in place of one that was taken off.
    Connect {
        /// The wire.
        wire: Wire,
        /// The wire that was taken off.
        instead_of: Option<Wire>,
        /// The wire of a list whose row it takes.
        row: Option<Wire>,
    },
    /// Removes a wire.
    Disconnect(Wire),
    /// Moves the selected blocks.
    Move(Vec2),
    /// Sets or removes an attribute.
    SetAttr {
        /// The block.
        block: BlockId,
        /// The attribute.
        name: String,
        /// The value, or nothing for the default.
        value: Option<Written>,
    },
    /// Sets or removes several attributes.
    SetAttrs {
        /// The block.
        block: BlockId,
        /// The attributes; nothing stands for the default.
        values: Vec<(String, Option<Written>)>,
    },
    /// Sets or removes a literal.
    SetInput {
        /// The block.
        block: BlockId,
        /// The input.
        name: String,
        /// The literal, or nothing to remove it.
        value: Option<Written>,
    },
    /// Gives a block another id.
    Rename {
        /// The id now.
        from: BlockId,
        /// The id to be.
        to: BlockId,
    },
    /// Names the page.
    NamePage(String),
    /// Makes an `Attrs` block with a block's own values and wires it.
    AttrsFrom {
        /// The block.
        block: BlockId,
        /// Where the new block goes, on the page.
        at: Pos2,
    },
    /// Removes all wires of the selected blocks.
    DisconnectSelected,
    /// Opens the search for a block.
    Search(Search),
    /// Pastes text.
    PasteText(String),
    /// Says something in the status bar.
    Notice(String),
}

impl Command {
    /// Whether it goes to another page, or to a file: that comes after everything else of a frame, which is about the page
    /// that was shown when it was asked for.
    pub fn goes_elsewhere(&self) -> bool {
        match self {
            Command::SelectTab(_) | Command::CloseTab(_) | Command::OpenPath(_) => true,
            Command::Do(action) => matches!(
                action,
                Action::New
                    | Action::Open
                    | Action::Save
                    | Action::SaveAs
                    | Action::Close
                    | Action::Quit
                    | Action::NextPage
                    | Action::PreviousPage
            ),
            _ => false,
        }
    }

    /// Whether what is being typed in fields is to be kept first: so it is with everything but what fields ask for
    /// themselves, and what changes the look alone.
    pub fn leaves_fields(&self) -> bool {
        match self {
            Command::SetAttr { .. }
            | Command::SetAttrs { .. }
            | Command::SetInput { .. }
            | Command::Rename { .. }
            | Command::NamePage(_)
            | Command::Notice(_) => false,
            Command::Do(action) => !matches!(
                action,
                Action::Palette
                    | Action::Inspector
                    | Action::Light
                    | Action::Dark
                    | Action::System
                    | Action::Fit
                    | Action::ZoomReset
                    | Action::Stop
                    | Action::RunAsYouEdit
                    | Action::Help
            ),
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
