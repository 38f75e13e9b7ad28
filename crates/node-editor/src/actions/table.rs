//! The table of actions.

use egui::{ThemePreference, Vec2};

use super::row::{Kind, Menu, Row};
use crate::arrange::Side;
use crate::state::State;
use crate::state::analysis::Topic;
use crate::state::dialog::Then;
use crate::state::dock::Pane;

/// What a row says where it says nothing else.
const PLAIN: Row = Row {
    id: "",
    name: "",
    keys: &[],
    menu: None,
    help: "",
    kind: Kind::Page,
    enabled: |_, _| true,
    on: None,
    what: |_| None,
    run: |_| {},
};

/// How far arrows move blocks, in points of the page, and how far with Shift.
const STEP: f32 = 5.0;
const LEAP: f32 = 20.0;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident { $($key:ident: $value:expr),+ $(,)? })+) => {
        /// An action.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// All actions, in the order of the menus.
            pub const ALL: &[Action] = &[$(Action::$name),+];

            /// What there is to know of it.
            pub fn row(self) -> &'static Row {
                match self {
                    $(Action::$name => {
                        static ROW: Row = Row { $($key: $value,)+ ..PLAIN };
                        &ROW
                    })+
                }
            }
        }
    };
}

fn several_pages(state: &State, _: usize) -> bool {
    state.tabs().len() > 1
}

fn selected(state: &State, page: usize) -> bool {
    !state.tabs()[page].view.selection.is_empty()
}

fn several_blocks(state: &State, page: usize) -> bool {
    state.tabs()[page].view.selection.len() > 1
}

fn three_blocks(state: &State, page: usize) -> bool {
    state.tabs()[page].view.selection.len() > 2
}

fn one_block(state: &State, page: usize) -> bool {
    state.tabs()[page].view.selected_block().is_some()
}

fn has_result(state: &State, page: usize) -> bool {
    let tab = &state.tabs()[page];
    let result = tab.view.selected_block().and_then(|id| tab.result(id));
    result.and_then(|result| result.tensors()).is_some_and(|tensors| !tensors.is_empty())
}

fn any_block(state: &State, page: usize) -> bool {
    !state.tabs()[page].document.page.blocks.is_empty()
}

table! {
    /// A new page.
    New {
        id: "new", name: "New page", keys: &["Ctrl+N"], menu: Some((Menu::File, 0)), kind: Kind::Elsewhere,
        help: "Opens an empty page beside the others",
        run: |work| work.new_page(),
    }
    /// Opens a page.
    Open {
        id: "open", name: "Open…", keys: &["Ctrl+O"], menu: Some((Menu::File, 0)), kind: Kind::Elsewhere,
        help: "Opens a page's file",
        run: |work| work.ask_what_to_open(),
    }
    /// Adds blocks that read files.
    AddData {
        id: "add_data", name: "Add data…", menu: Some((Menu::File, 0)), kind: Kind::Elsewhere,
        help: "Adds a block that reads an array from a file: .npy, .npz, .safetensors, .csv, .png, .jpg",
        run: |work| work.ask_for_data(None),
    }
    /// Begins the next session with these pages, or not.
    Reopen {
        id: "reopen", name: "Reopen pages at start", menu: Some((Menu::File, 2)), kind: Kind::Look,
        help: "Has the next start without a page open those that are open now",
        on: Some(|state, _| state.reopens),
        run: |work| work.state.reopens ^= true,
    }
    /// Saves the page.
    Save {
        id: "save", name: "Save", keys: &["Ctrl+S"], menu: Some((Menu::File, 1)), kind: Kind::Elsewhere,
        help: "Saves the page; asks where, if it has no file",
        run: |work| work.state.save(work.tab().id, Then::Stay),
    }
    /// Saves the page under another name.
    SaveAs {
        id: "save_as", name: "Save as…", keys: &["Ctrl+Shift+S"], menu: Some((Menu::File, 1)), kind: Kind::Elsewhere,
        help: "Saves the page in another file",
        run: |work| work.state.ask_where(work.tab().id, Then::Stay),
    }
    /// Saves the result of the selected block.
    SaveResult {
        id: "save_result", name: "Save result…", menu: Some((Menu::File, 1)), kind: Kind::Elsewhere,
        help: "Writes the selected block's result to a file: .npy, .npz, .safetensors, .csv, .png, .json",
        enabled: has_result,
        run: |work| work.ask_where_to_save_result(),
    }
    /// Saves a report or a picture of the page.
    SaveReport {
        id: "save_report", name: "Save report…", menu: Some((Menu::File, 1)), kind: Kind::Elsewhere,
        help: "Writes the page and what it does into one file to send to a colleague: .html; or a picture of it: .svg, .png",
        run: |work| work.ask_where_to_save_report(),
    }
    /// Writes the page as a graph.
    ExportGraph {
        id: "export_graph", name: "Export to TensorFlow…", menu: Some((Menu::File, 1)), kind: Kind::Elsewhere,
        help: "Writes the page as a graph of TensorFlow's: .pb, .pbtxt; or as a Python program: .py",
        run: |work| work.ask_where_to_export(),
    }
    /// Closes the page.
    Close {
        id: "close", name: "Close page", keys: &["Ctrl+W"], menu: Some((Menu::File, 2)), kind: Kind::Elsewhere,
        help: "Closes the page; asks, if it is not saved",
        run: |work| work.state.close_page(work.tab().id),
    }
    /// Ends the program.
    Quit {
        id: "quit", name: "Quit", keys: &["Ctrl+Q"], menu: Some((Menu::File, 2)), kind: Kind::Elsewhere,
        help: "Ends the program; asks about each page that is not saved",
        run: |work| work.state.quitting = true,
    }
    /// The next page.
    NextPage {
        id: "next_page", name: "Next page", keys: &["Control+Tab"], kind: Kind::Elsewhere,
        help: "Shows the page whose tab comes next",
        enabled: several_pages,
        run: |work| work.state.show_next_page(1),
    }
    /// The page before.
    PreviousPage {
        id: "previous_page", name: "Previous page", keys: &["Control+Shift+Tab"], kind: Kind::Elsewhere,
        help: "Shows the page whose tab comes before",
        enabled: several_pages,
        run: |work| work.state.show_next_page(work.state.tabs().len() - 1),
    }
    /// Takes back the last change.
    Undo {
        id: "undo", name: "Undo", keys: &["Ctrl+Z"], menu: Some((Menu::Edit, 0)),
        help: "Takes back the last change of the page",
        enabled: |state, page| state.tabs()[page].document.undo_label().is_some(),
        what: |tab| tab.document.undo_label(),
        run: |work| work.undo(),
    }
    /// Does the last undone change again.
    Redo {
        id: "redo", name: "Redo", keys: &["Ctrl+Shift+Z", "Ctrl+Y"], menu: Some((Menu::Edit, 0)),
        help: "Does the last change that was taken back again",
        enabled: |state, page| state.tabs()[page].document.redo_label().is_some(),
        what: |tab| tab.document.redo_label(),
        run: |work| work.redo(),
    }
    /// Copies and deletes the selected blocks.
    Cut {
        id: "cut", name: "Cut", keys: &["Ctrl+X"], menu: Some((Menu::Edit, 1)),
        help: "Copies the selected blocks and deletes them",
        enabled: selected,
        run: |work| work.cut(),
    }
    /// Copies the selected blocks.
    Copy {
        id: "copy", name: "Copy", keys: &["Ctrl+C"], menu: Some((Menu::Edit, 1)),
        help: "Copies the selected blocks, as JSON: it works across pages and programs",
        enabled: selected,
        run: |work| work.copy(),
    }
    /// Pastes blocks.
    Paste {
        id: "paste", name: "Paste", keys: &["Ctrl+V"], menu: Some((Menu::Edit, 1)),
        help: "Pastes copied blocks at the pointer",
        run: |work| work.ask_for_paste(false),
    }
    /// Pastes blocks, wired as they were.
    PasteWired {
        id: "paste_wired", name: "Paste with wires", keys: &["Ctrl+Shift+V"], menu: Some((Menu::Edit, 1)),
        help: "Pastes copied blocks with the wires that came to them from others, where these are on the page",
        run: |work| work.ask_for_paste(true),
    }
    /// Makes copies of the selected blocks.
    Duplicate {
        id: "duplicate", name: "Duplicate", keys: &["Ctrl+D"], menu: Some((Menu::Edit, 1)),
        help: "Makes copies of the selected blocks beside them",
        enabled: selected,
        run: |work| work.duplicate(),
    }
    /// Makes copies of the selected blocks at the pointer.
    DuplicateHere {
        id: "duplicate_here", name: "Duplicate at pointer", keys: &["Shift+D"], menu: Some((Menu::Edit, 1)),
        help: "Makes copies of the selected blocks where the pointer is",
        enabled: selected,
        run: |work| work.duplicate_here(),
    }
    /// Gives the selected block another id.
    Rename {
        id: "rename", name: "Rename", keys: &["F2"], menu: Some((Menu::Edit, 1)),
        help: "Gives the selected block another id, the selected frame another title; writes the selected note",
        enabled: |state, page| one_block(state, page) || state.tabs()[page].view.picked.is_some(),
        run: |work| work.rename_in_place(),
    }
    /// Deletes what is selected.
    Delete {
        id: "delete", name: "Delete", keys: &["Delete", "Backspace", "X"], menu: Some((Menu::Edit, 1)),
        help: "Deletes the selected blocks, or the selected wire, note or frame",
        enabled: |state, page| {
            let view = &state.tabs()[page].view;
            selected(state, page) || view.wire.is_some() || view.picked.is_some()
        },
        run: |work| work.delete(),
    }
    /// Deletes what is selected, and heals what it was part of.
    Dissolve {
        id: "dissolve", name: "Dissolve", keys: &["Ctrl+Delete", "Ctrl+Backspace"], menu: Some((Menu::Edit, 1)),
        help: "Deletes the selected blocks and wires past them what read of them",
        enabled: selected,
        run: |work| work.dissolve(),
    }
    /// Pulls blocks out.
    Extract {
        id: "extract", name: "Extract", menu: Some((Menu::Edit, 1)),
        help: "Pulls the selected blocks out of their chains, which are wired past them",
        enabled: selected,
        run: |work| work.extract(),
    }
    /// Mutes blocks.
    Mute {
        id: "mute", name: "Mute", keys: &["M"], menu: Some((Menu::Edit, 1)),
        help: "Has the selected blocks let their inputs through instead of computing, or compute again",
        enabled: selected,
        on: Some(|state, _| {
            let tab = state.tab();
            !tab.view.selection.is_empty() && tab.view.selection.iter().all(|id| tab.document.is_muted(id))
        }),
        run: |work| work.mute(),
    }
    /// Asks where a cluster computes blocks.
    Device {
        id: "device", name: "Device…", menu: Some((Menu::Edit, 1)),
        help: "Chooses where a cluster computes the selected blocks: /job:worker/task:1, say",
        enabled: selected,
        run: |work| work.ask_for_device(),
    }
    /// Makes one set for several blocks.
    ShareAttributes {
        id: "share_attributes", name: "Share these attributes", menu: Some((Menu::Edit, 1)),
        help: "Makes one set of the attributes that the selected blocks have in common, and wires it to all of them",
        enabled: several_blocks,
        run: |work| work.share_attributes(),
    }
    /// Moves blocks with the pointer.
    Carry {
        id: "carry", name: "Move", keys: &["G"],
        help: "Has the selected blocks follow the pointer until it is clicked",
        enabled: selected,
        run: |work| work.carry(),
    }
    /// Selects all blocks.
    SelectAll {
        id: "select_all", name: "Select all", keys: &["Ctrl+A"], menu: Some((Menu::Edit, 2)),
        help: "Selects all blocks of the page",
        enabled: any_block,
        run: |work| work.select_all(),
    }
    /// Finds blocks.
    Find {
        id: "find", name: "Find…", keys: &["Ctrl+F"], menu: Some((Menu::Edit, 2)), kind: Kind::Look,
        help: "Finds blocks in all open pages by id, type, attribute or value; Enter goes round",
        run: |work| work.open_find(),
    }
    /// Searches for a block to place.
    AddBlock {
        id: "add_block", name: "Add block…", keys: &["Space", "Shift+A", "Tab"], menu: Some((Menu::Edit, 3)),
        help: "Searches for a block to place at the pointer",
        run: |work| work.open_search(),
    }
    /// Moves the selected blocks to the left.
    MoveLeft {
        id: "move_left", name: "Move left", keys: &["Left"],
        help: "Moves the selected blocks a little to the left",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(-STEP, 0.0)),
    }
    /// Moves the selected blocks to the right.
    MoveRight {
        id: "move_right", name: "Move right", keys: &["Right"],
        help: "Moves the selected blocks a little to the right",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(STEP, 0.0)),
    }
    /// Moves the selected blocks up.
    MoveUp {
        id: "move_up", name: "Move up", keys: &["Up"],
        help: "Moves the selected blocks a little upwards",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(0.0, -STEP)),
    }
    /// Moves the selected blocks down.
    MoveDown {
        id: "move_down", name: "Move down", keys: &["Down"],
        help: "Moves the selected blocks a little downwards",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(0.0, STEP)),
    }
    /// Moves the selected blocks far to the left.
    LeapLeft {
        id: "leap_left", name: "Move far left", keys: &["Shift+Left"],
        help: "Moves the selected blocks by a square of the grid to the left",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(-LEAP, 0.0)),
    }
    /// Moves the selected blocks far to the right.
    LeapRight {
        id: "leap_right", name: "Move far right", keys: &["Shift+Right"],
        help: "Moves the selected blocks by a square of the grid to the right",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(LEAP, 0.0)),
    }
    /// Moves the selected blocks far up.
    LeapUp {
        id: "leap_up", name: "Move far up", keys: &["Shift+Up"],
        help: "Moves the selected blocks by a square of the grid upwards",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(0.0, -LEAP)),
    }
    /// Moves the selected blocks far down.
    LeapDown {
        id: "leap_down", name: "Move far down", keys: &["Shift+Down"],
        help: "Moves the selected blocks by a square of the grid downwards",
        enabled: selected,
        run: |work| work.move_selection(Vec2::new(0.0, LEAP)),
    }
    /// Puts blocks in layers.
    Tidy {
        id: "tidy", name: "Tidy", keys: &["T"], menu: Some((Menu::Arrange, 0)),
        help: "Puts the selected blocks, or all, in layers: wires run from left to right",
        enabled: any_block,
        run: |work| work.tidy(),
    }
    /// Brings the left edges of the selected blocks in line.
    AlignLeft {
        id: "align_left", name: "Align left", menu: Some((Menu::Arrange, 1)),
        help: "Brings the left edges of the selected blocks in line",
        enabled: several_blocks,
        run: |work| work.align(Side::Left),
    }
    /// Puts the selected blocks one above the other.
    AlignCenter {
        id: "align_center", name: "Align centers", menu: Some((Menu::Arrange, 1)),
        help: "Puts the selected blocks one above the other",
        enabled: several_blocks,
        run: |work| work.align(Side::Center),
    }
    /// Brings the right edges of the selected blocks in line.
    AlignRight {
        id: "align_right", name: "Align right", menu: Some((Menu::Arrange, 1)),
        help: "Brings the right edges of the selected blocks in line",
        enabled: several_blocks,
        run: |work| work.align(Side::Right),
    }
    /// Brings the upper edges of the selected blocks in line.
    AlignTop {
        id: "align_top", name: "Align top", menu: Some((Menu::Arrange, 1)),
        help: "Brings the upper edges of the selected blocks in line",
        enabled: several_blocks,
        run: |work| work.align(Side::Top),
    }
    /// Puts the selected blocks one beside the other.
    AlignMiddle {
        id: "align_middle", name: "Align middles", menu: Some((Menu::Arrange, 1)),
        help: "Puts the selected blocks one beside the other",
        enabled: several_blocks,
        run: |work| work.align(Side::Middle),
    }
    /// Brings the lower edges of the selected blocks in line.
    AlignBottom {
        id: "align_bottom", name: "Align bottom", menu: Some((Menu::Arrange, 1)),
        help: "Brings the lower edges of the selected blocks in line",
        enabled: several_blocks,
        run: |work| work.align(Side::Bottom),
    }
    /// Leaves equal gaps between the selected blocks, from left to right.
    DistributeAcross {
        id: "distribute_horizontally", name: "Distribute horizontally", menu: Some((Menu::Arrange, 2)),
        help: "Leaves equal gaps between the selected blocks, from left to right",
        enabled: three_blocks,
        run: |work| work.distribute(true),
    }
    /// Leaves equal gaps between the selected blocks, from above.
    DistributeDown {
        id: "distribute_vertically", name: "Distribute vertically", menu: Some((Menu::Arrange, 2)),
        help: "Leaves equal gaps between the selected blocks, from above",
        enabled: three_blocks,
        run: |work| work.distribute(false),
    }
    /// Puts a frame around blocks.
    Frame {
        id: "frame", name: "Frame", keys: &["Ctrl+J"], menu: Some((Menu::Arrange, 3)),
        help: "Puts a frame with a title around the selected blocks; they move with it",
        enabled: selected,
        run: |work| work.frame_selection(),
    }
    /// Takes blocks out of frames.
    LeaveFrame {
        id: "leave_frame", name: "Take out of the frame", menu: Some((Menu::Arrange, 3)),
        help: "Takes the selected blocks out of the frame that they are in",
        enabled: |state, page| {
            let tab = &state.tabs()[page];
            let is_in = |id| tab.document.page.decor.frames.values().any(|frame| frame.blocks.contains(id));
            tab.view.selection.iter().any(is_in)
        },
        run: |work| work.leave_frame(),
    }
    /// Adds a note.
    AddNote {
        id: "add_note", name: "Add note", keys: &["N"], menu: Some((Menu::Edit, 3)),
        help: "Puts a note at the pointer, written in Markdown",
        run: |work| work.add_note(),
    }
    /// Goes to bookmark 1.
    BookmarkOne {
        id: "go_to_1", name: "Go to bookmark 1", keys: &["Ctrl+1"], kind: Kind::Look,
        help: "Shows what bookmark 1 was set to",
        run: |work| work.go_to_view(1),
    }
    /// Goes to bookmark 2.
    BookmarkTwo {
        id: "go_to_2", name: "Go to bookmark 2", keys: &["Ctrl+2"], kind: Kind::Look,
        help: "Shows what bookmark 2 was set to",
        run: |work| work.go_to_view(2),
    }
    /// Goes to bookmark 3.
    BookmarkThree {
        id: "go_to_3", name: "Go to bookmark 3", keys: &["Ctrl+3"], kind: Kind::Look,
        help: "Shows what bookmark 3 was set to",
        run: |work| work.go_to_view(3),
    }
    /// Goes to bookmark 4.
    BookmarkFour {
        id: "go_to_4", name: "Go to bookmark 4", keys: &["Ctrl+4"], kind: Kind::Look,
        help: "Shows what bookmark 4 was set to",
        run: |work| work.go_to_view(4),
    }
    /// Goes to bookmark 5.
    BookmarkFive {
        id: "go_to_5", name: "Go to bookmark 5", keys: &["Ctrl+5"], kind: Kind::Look,
        help: "Shows what bookmark 5 was set to",
        run: |work| work.go_to_view(5),
    }
    /// Goes to bookmark 6.
    BookmarkSix {
        id: "go_to_6", name: "Go to bookmark 6", keys: &["Ctrl+6"], kind: Kind::Look,
        help: "Shows what bookmark 6 was set to",
        run: |work| work.go_to_view(6),
    }
    /// Goes to bookmark 7.
    BookmarkSeven {
        id: "go_to_7", name: "Go to bookmark 7", keys: &["Ctrl+7"], kind: Kind::Look,
        help: "Shows what bookmark 7 was set to",
        run: |work| work.go_to_view(7),
    }
    /// Goes to bookmark 8.
    BookmarkEight {
        id: "go_to_8", name: "Go to bookmark 8", keys: &["Ctrl+8"], kind: Kind::Look,
        help: "Shows what bookmark 8 was set to",
        run: |work| work.go_to_view(8),
    }
    /// Goes to bookmark 9.
    BookmarkNine {
        id: "go_to_9", name: "Go to bookmark 9", keys: &["Ctrl+9"], kind: Kind::Look,
        help: "Shows what bookmark 9 was set to",
        run: |work| work.go_to_view(9),
    }
    /// Sets bookmark 1.
    SetBookmarkOne {
        id: "set_1", name: "Set bookmark 1", keys: &["Ctrl+Shift+1"],
        help: "Keeps what is seen now as bookmark 1, in the page",
        run: |work| work.set_view(1),
    }
    /// Sets bookmark 2.
    SetBookmarkTwo {
        id: "set_2", name: "Set bookmark 2", keys: &["Ctrl+Shift+2"],
        help: "Keeps what is seen now as bookmark 2, in the page",
        run: |work| work.set_view(2),
    }
    /// Sets bookmark 3.
    SetBookmarkThree {
        id: "set_3", name: "Set bookmark 3", keys: &["Ctrl+Shift+3"],
        help: "Keeps what is seen now as bookmark 3, in the page",
        run: |work| work.set_view(3),
    }
    /// Sets bookmark 4.
    SetBookmarkFour {
        id: "set_4", name: "Set bookmark 4", keys: &["Ctrl+Shift+4"],
        help: "Keeps what is seen now as bookmark 4, in the page",
        run: |work| work.set_view(4),
    }
    /// Sets bookmark 5.
    SetBookmarkFive {
        id: "set_5", name: "Set bookmark 5", keys: &["Ctrl+Shift+5"],
        help: "Keeps what is seen now as bookmark 5, in the page",
        run: |work| work.set_view(5),
    }
    /// Sets bookmark 6.
    SetBookmarkSix {
        id: "set_6", name: "Set bookmark 6", keys: &["Ctrl+Shift+6"],
        help: "Keeps what is seen now as bookmark 6, in the page",
        run: |work| work.set_view(6),
    }
    /// Sets bookmark 7.
    SetBookmarkSeven {
        id: "set_7", name: "Set bookmark 7", keys: &["Ctrl+Shift+7"],
        help: "Keeps what is seen now as bookmark 7, in the page",
        run: |work| work.set_view(7),
    }
    /// Sets bookmark 8.
    SetBookmarkEight {
        id: "set_8", name: "Set bookmark 8", keys: &["Ctrl+Shift+8"],
        help: "Keeps what is seen now as bookmark 8, in the page",
        run: |work| work.set_view(8),
    }
    /// Sets bookmark 9.
    SetBookmarkNine {
        id: "set_9", name: "Set bookmark 9", keys: &["Ctrl+Shift+9"],
        help: "Keeps what is seen now as bookmark 9, in the page",
        run: |work| work.set_view(9),
    }
    /// Goes along a wire to what the selected block needs.
    WalkBack {
        id: "walk_back", name: "Go to input", keys: &["Alt+Left"],
        help: "Selects the block that the selected one gets its first input from",
        enabled: one_block,
        run: |work| work.walk_back(),
    }
    /// Goes along a wire to what needs the selected block.
    WalkOn {
        id: "walk_on", name: "Go to output", keys: &["Alt+Right"],
        help: "Selects the first block that takes what the selected one gives",
        enabled: one_block,
        run: |work| work.walk_on(),
    }
    /// Shows the whole page.
    Fit {
        id: "show_all", name: "Show all", keys: &["Home"], menu: Some((Menu::View, 0)), kind: Kind::Look,
        help: "Shows the whole page",
        enabled: any_block,
        run: |work| work.tab_mut().view.camera_set = false,
    }
    /// Shows what is selected.
    FitSelection {
        id: "show_selection", name: "Show selection", keys: &["F"], menu: Some((Menu::View, 0)), kind: Kind::Look,
        help: "Shows the selected blocks, at 100 % at most",
        enabled: selected,
        run: |work| work.show_selection(),
    }
    /// Puts what is selected in the middle.
    Center {
        id: "center", name: "Center", keys: &["."], menu: Some((Menu::View, 0)), kind: Kind::Look,
        help: "Puts the selected blocks in the middle of the view, at the zoom that it has",
        enabled: selected,
        run: |work| work.center_selection(),
    }
    /// Shows the page at 100 %.
    ZoomReset {
        id: "zoom_reset", name: "Zoom to 100 %", keys: &["Ctrl+0"], menu: Some((Menu::View, 0)), kind: Kind::Look,
        help: "Shows blocks at their own size",
        run: |work| work.zoom_to_full(),
    }
    /// Gives the keys to the next panel.
    NextPanel {
        id: "next_panel", name: "Next panel", keys: &["F6"], kind: Kind::Look,
        help: "Gives the keys to the palette, the inspector and the canvas in turn; Tab walks inside a panel",
        run: |work| work.next_panel(),
    }
    /// Shows or hides the palette.
    Palette {
        id: "palette", name: "Palette", menu: Some((Menu::View, 1)), kind: Kind::Look,
        help: "Shows or hides the palette of blocks",
        on: Some(|state, _| state.appearance.palette_open),
        run: |work| work.state.appearance.palette_open ^= true,
    }
    /// Shows or hides the inspector.
    Inspector {
        id: "inspector", name: "Inspector", menu: Some((Menu::View, 1)), kind: Kind::Look,
        help: "Shows or hides the inspector",
        on: Some(|state, _| state.appearance.inspector_open),
        run: |work| work.state.appearance.inspector_open ^= true,
    }
    /// Another canvas.
    SplitCanvas {
        id: "split_canvas", name: "New canvas", menu: Some((Menu::View, 3)), kind: Kind::Look,
        help: "Puts another canvas beside the one that has the keys; it shows the same page, and then any",
        run: |work| work.split_canvas(),
    }
    /// An inspector that stays.
    Pin {
        id: "pin", name: "Pin in an inspector", menu: Some((Menu::View, 3)), kind: Kind::Look,
        help: "Has an inspector of its own stay with the selected block",
        enabled: one_block,
        run: |work| work.pin_selected(),
    }
    /// The backward pass.
    AddGradient {
        id: "add_gradient", name: "Add gradient…", menu: Some((Menu::Edit, 3)),
        help: "Adds the blocks of the backward pass: the gradient of an output for others",
        enabled: any_block,
        run: |work| work.ask_for_gradient(),
    }
    /// The list of problems.
    Problems {
        id: "problems", name: "Problems", menu: Some((Menu::View, 3)), kind: Kind::Look,
        help: "Shows or hides a panel with all problems and warnings of the page",
        on: Some(|state, _| state.dock.panes().contains(&Pane::Problems)),
        run: |work| work.state.dock.toggle(Pane::Problems),
    }
    /// Where the page's error arises.
    ErrorAgainstFloat {
        id: "error_against_float", name: "Error against float", menu: Some((Menu::Run, 1)), kind: Kind::Look,
        help: "Shows where the page's error arises: beside the same page with its quantizers muted; blocks are coloured by it",
        run: |work| work.analyse(Topic::Error),
    }
    /// What becomes of the page's gradients.
    GradientAudit {
        id: "gradient_audit", name: "Gradient audit", menu: Some((Menu::Run, 1)), kind: Kind::Look,
        help: "Shows which gradients quantizers stop, block by block and along chains",
        run: |work| work.analyse(Topic::Gradients),
    }
    /// One value after the other.
    Sweep {
        id: "sweep", name: "Sweep…", menu: Some((Menu::Run, 1)), kind: Kind::Look,
        help: "Runs the page with one value of an attribute after the other, and plots a figure of each run",
        run: |work| work.analyse(Topic::Sweep),
    }
    /// The panel of analyses.
    Analysis {
        id: "analysis", name: "Analysis", menu: Some((Menu::View, 3)), kind: Kind::Look,
        help: "Shows or hides the panel of error, gradients and sweeps",
        on: Some(|state, _| state.dock.panes().contains(&Pane::Analysis)),
        run: |work| work.state.dock.toggle(Pane::Analysis),
    }
    /// All panels where they were first.
    ResetLayout {
        id: "reset_layout", name: "Reset layout", menu: Some((Menu::View, 3)), kind: Kind::Look,
        help: "Puts all panels where they were first",
        run: |work| work.reset_layout(),
    }
    /// Shows or hides the map.
    Minimap {
        id: "minimap", name: "Minimap", menu: Some((Menu::View, 1)), kind: Kind::Look,
        help: "Shows or hides the small map of a page that is not all in view",
        on: Some(|state, _| state.appearance.minimap),
        run: |work| work.state.appearance.minimap ^= true,
    }
    /// The light theme.
    Light {
        id: "light_theme", name: "Light theme", menu: Some((Menu::View, 2)), kind: Kind::Look,
        help: "Dark text on a light ground",
        on: Some(|_, ctx| ctx.options(|o| o.theme_preference == ThemePreference::Light)),
        run: |work| work.ctx.set_theme(ThemePreference::Light),
    }
    /// The dark theme.
    Dark {
        id: "dark_theme", name: "Dark theme", menu: Some((Menu::View, 2)), kind: Kind::Look,
        help: "Light text on a dark ground",
        on: Some(|_, ctx| ctx.options(|o| o.theme_preference == ThemePreference::Dark)),
        run: |work| work.ctx.set_theme(ThemePreference::Dark),
    }
    /// The system's theme.
    System {
        id: "system_theme", name: "System theme", menu: Some((Menu::View, 2)), kind: Kind::Look,
        help: "The theme that the desktop has",
        on: Some(|_, ctx| ctx.options(|o| o.theme_preference == ThemePreference::System)),
        run: |work| work.ctx.set_theme(ThemePreference::System),
    }
    /// Runs the page.
    Run {
        id: "run", name: "Run now", keys: &["F5"], menu: Some((Menu::Run, 0)),
        help: "Runs what has changed since the last run",
        run: |work| work.run(),
    }
    /// Stops the run under way.
    Stop {
        id: "stop", name: "Stop", keys: &["Shift+F5"], menu: Some((Menu::Run, 0)), kind: Kind::Look,
        help: "Stops the run under way; what it has given stays",
        enabled: |state, page| state.tabs()[page].run.is_running(),
        run: |work| work.state.stop_run(work.index),
    }
    /// Asks where the page runs.
    RunOn {
        id: "run_on", name: "Run on…", menu: Some((Menu::Run, 0)), kind: Kind::Look,
        help: "Chooses where the page runs: on this machine, or on a TensorFlow cluster, whose devices it lists",
        run: |work| work.ask_where_to_run(),
    }
    /// Compares the page here and on a cluster.
    CheckAgainst {
        id: "check_against", name: "Check against TensorFlow", menu: Some((Menu::Run, 1)), kind: Kind::Look,
        help: "Compares all ports to the bit with what a TensorFlow cluster gives; tells where they begin to differ, and why",
        run: |work| work.check_against(),
    }
    /// One step.
    Step {
        id: "step", name: "One step", keys: &["F8"], menu: Some((Menu::Run, 2)), kind: Kind::Page,
        help: "Makes one step: updates change their variables at its end",
        enabled: |state, page| state.tabs()[page].training.under_way.is_none(),
        run: |work| work.train(Some(1)),
    }
    /// Steps.
    Train {
        id: "train", name: "Training…", menu: Some((Menu::Run, 2)), kind: Kind::Look,
        help: "Shows the panel of steps: so many, or until they are stopped, with the courses of scalars",
        run: |work| work.show_training(),
    }
    /// No more steps.
    StopTraining {
        id: "stop_training", name: "Stop training", keys: &["Shift+F8"], menu: Some((Menu::Run, 2)), kind: Kind::Look,
        help: "Ends the steps after the one that is being made",
        enabled: |state, page| state.tabs()[page].training.under_way.is_some(),
        run: |work| work.stop_training(),
    }
    /// Variables as they were.
    ResetTraining {
        id: "reset_training", name: "Reset training", menu: Some((Menu::Run, 2)), kind: Kind::Look,
        help: "Has variables be again what they were before the first step",
        enabled: |state, page| !state.tabs()[page].document.progress().is_begin(),
        run: |work| work.reset_training(),
    }
    /// Variables as they are.
    KeepValues {
        id: "keep_values", name: "Keep these values", menu: Some((Menu::Run, 2)),
        help: "Writes what variables have become into the page, as their initial values",
        enabled: |state, page| !state.tabs()[page].document.progress().is_begin(),
        run: |work| work.keep_values(),
    }
    /// Switches running with every edit on or off.
    RunAsYouEdit {
        id: "run_as_you_edit", name: "Run as you edit", menu: Some((Menu::Run, 0)), kind: Kind::Look,
        help: "Runs the page with every edit, or not",
        on: Some(|state, _| state.run_as_you_edit),
        run: |work| work.state.run_as_you_edit ^= true,
    }
    /// The list of commands.
    Commands {
        id: "commands", name: "Commands…", keys: &["Ctrl+P"], menu: Some((Menu::Help, 0)), kind: Kind::Look,
        help: "Lists everything in this table, to be searched and done",
        run: |work| work.list_commands(),
    }
    /// Tells of gestures and keys.
    Help {
        id: "help", name: "Gestures and keys", keys: &["F1", "?"], menu: Some((Menu::Help, 0)), kind: Kind::Look,
        help: "Tells of gestures and keys",
        run: |work| work.tell_how(),
    }
}
