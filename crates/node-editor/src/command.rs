//! Everything that a person can do. Drawing returns commands; one place applies them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use egui::{Pos2, Rect, Vec2};
use node_core::page::Written;
use node_core::{BlockId, Fix, PortRef, Tensor, Wire};

use crate::actions::{Action, Kind};
use crate::state::analysis::Analysis;
use crate::state::dialog::{Answer, Dialog};
use crate::state::dock::Pane;
use crate::state::find::Find;
use crate::state::results::{Shown, View};
use crate::state::tab::TabId;
use crate::state::view::{Camera, Field, Gesture, Menu, Picked, PortEnd, Search};

/// A command and the page that it is for, whichever is shown when it is done.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The page.
    pub page: TabId,
    /// The canvas through which it was looked at, if it was asked for on one.
    pub canvas: Option<u32>,
    /// What is to be done.
    pub command: Command,
}

/// A change of how things are looked at. It is done as soon as the panel that asks for it is drawn, so that the frame that
/// hears it shows it; pages stay as they are.
#[derive(Clone, Debug)]
pub enum Glance {
    /// Where the canvas is on the screen, and what it shows.
    Canvas(Rect, Camera),
    /// Whether the wheel pans.
    WheelPans(bool),
    /// Gives up the gesture, else closes what is open on the canvas.
    CloseLayer,
    /// What the pointer is doing on the canvas.
    Gesture(Gesture),
    /// What is selected while the pointer still does it; the order of blocks stays.
    Selection(BTreeSet<BlockId>),
    /// The selected wire.
    Wire(Option<Wire>),
    /// The selected note or frame.
    Picked(Option<Picked>),
    /// The search for a block, as typed so far.
    Search(Option<Search>),
    /// The field that is edited on the canvas.
    InPlace(Option<Field>),
    /// The block whose attributes are edited on the canvas.
    AttrsOf(Option<BlockId>),
    /// The block on whose port or wire the pointer rests.
    Hovered(Option<BlockId>),
    /// What on the page the context menu is about.
    Menu(Option<Menu>),
    /// What is typed in a field; nothing where it has been entered or given up.
    Typing(Field, Option<String>),
    /// Whether a block's whole documentation is shown.
    Documentation(bool),
    /// Whether attributes are shown as text.
    AsText(bool),
    /// Whether that text was shown, and so could take the focus.
    TextHadFocus(bool),
    /// The view that an inspector shows.
    View(u32, View),
    /// What is looked at of a result in an inspector.
    Shown(u32, PortRef, Box<Shown>),
    /// The cell that is edited: the inspector, the constant, and the number of the element.
    Cell(Option<(u32, BlockId, usize)>),
    /// The element of which it is asked why it has its value: the inspector, the output, and the number of the element.
    Why(Option<(u32, PortRef, usize)>),
    /// Keeps what an output gives now, to be compared with; nothing keeps it no more.
    Keep(PortRef, Option<Tensor>),
    /// Of how many percent of clipped elements a warning tells.
    WarnClipped(f64),
    /// What is asked of the page as a whole.
    Analysis(Box<Analysis>),
    /// How many steps are typed, and which courses are drawn.
    Training(String, Option<Vec<PortRef>>),
    /// The search for blocks of all pages; nothing closes it.
    Find(Option<Find>),
    /// What is typed into the palette's search.
    PaletteSearch(String),
    /// A heading of the palette, which is folded or unfolded.
    Fold(String),
    /// What is typed into a dialog; nothing closes it.
    Dialog(Option<Box<Dialog>>),
}

/// What comes of a page whose file has changed on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfDisk {
    /// It is read again.
    Reload,
    /// It stays as it is here.
    Keep,
    /// The differences are listed.
    Compare,
}

/// What becomes of a wire's bends.
#[derive(Clone, Copy, Debug)]
pub enum Bending {
    /// One more, behind so many.
    Add(usize, Pos2),
    /// One stands elsewhere.
    Move(usize, Pos2),
    /// One goes.
    Remove(usize),
}

/// Something to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Something that stands in menus.
    Do(Action),
    /// Looks at things otherwise.
    Look(Glance),
    /// Answers a dialog.
    Answer(Box<Dialog>, Answer),
    /// Shows another page.
    ShowPage(TabId),
    /// Closes a page.
    ClosePage(TabId),
    /// Gives up the gesture, else closes what is open on the canvas, else selects nothing.
    Escape,
    /// Selects blocks and nothing else.
    Select(BTreeSet<BlockId>),
    /// Selects a wire and nothing else.
    SelectWire(Option<Wire>),
    /// Selects a block and has the inspector show it.
    Inspect(BlockId),
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
        /// A wire to put it into, where it fits.
        onto: Option<Wire>,
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
    Move {
        /// How far.
        by: Vec2,
        /// Whether they are pulled out of their chains, which are healed.
        out: bool,
        /// A wire to put the one block into.
        onto: Option<Wire>,
    },
    /// Removes wires.
    Cut(Vec<Wire>),
    /// Removes all wires at a port.
    Unplug(PortEnd),
    /// Makes a constant of what a port has, and wires it where it was.
    MakeConstant(PortEnd),
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
    /// Does what a warning of a block says can be done about it.
    Fix(BlockId, Fix),
    /// Sets attributes and literals to what is typed for them, in one step that is called so.
    Assign(String, Vec<(PortRef, String)>),
    /// Begins the sweep that is typed.
    BeginSweep,
    /// Stops it.
    StopSweep,
    /// Makes so many steps; without a number as many as come until they are stopped.
    Train(Option<u64>),
    /// Ends them after the one that is being made.
    StopTraining,
    /// Has variables begin again.
    ResetTraining,
    /// Writes what variables have become into the page.
    KeepValues,
    /// Sets or removes a literal.
    SetInput {
        /// The block.
        block: BlockId,
        /// The input.
        name: String,
        /// The literal, or nothing to remove it.
        value: Option<Written>,
    },
    /// Does something that is done again and again while a number is dragged: one step of undo.
    Scrub {
        /// What.
        command: Box<Command>,
        /// Whether it takes the place of the last.
        goes_on: bool,
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
    /// Bends a wire otherwise.
    Bend(Wire, Bending),
    /// Decides what comes of a page whose file has changed on the disk.
    Disk(OfDisk),
    /// Has an inspector of its own show a port, or a whole block.
    Pin(PortRef),
    /// Closes a panel.
    ClosePane(Pane),
    /// Opens the page's file at a path.
    OpenPath(PathBuf),
    /// Takes in files that were dropped: pages are opened, of arrays blocks are made.
    Drop {
        /// The files.
        paths: Vec<PathBuf>,
        /// Where they were dropped, on the page.
        at: Option<Pos2>,
    },
    /// Asks for a file whose array is given to an output.
    AskForFeed(PortRef),
    /// Gives an output nothing from outside any more.
    StopFeeding(PortRef),
    /// Lets pages read the files of a folder.
    AllowData(PathBuf),
    /// Stops reading graphs.
    StopImporting,
    /// Stops writing results.
    StopWriting,
    /// Ends the comparison with a cluster.
    StopComparing,
    /// Leaves it that the page may not read other folders, and has it ask no more.
    RefuseData,
    /// Selects a note or a frame and nothing else.
    Pick(Picked),
    /// Moves a note or a frame without blocks, or makes a note larger.
    Shift {
        /// Which.
        what: Picked,
        /// How far.
        by: Vec2,
        /// Whether it is made larger.
        corner: bool,
    },
    /// Gives a frame a title.
    TitleFrame(String, String),
    /// Gives a frame a colour, or none of its own.
    ColorFrame(String, Option<&'static str>),
    /// Takes a frame away; its blocks stay.
    RemoveFrame(String),
    /// Writes a note.
    WriteNote(String, String),
    /// Removes all wires of the selected blocks.
    DisconnectSelected,
    /// Goes to the next block that is searched for, or to the one before.
    FindNext {
        /// To the one before.
        back: bool,
    },
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
            Command::Answer(..) | Command::ShowPage(_) | Command::ClosePage(_) => true,
            Command::OpenPath(_) | Command::Disk(_) | Command::Drop { .. } => true,
            Command::Do(action) => action.row().kind == Kind::Elsewhere,
            _ => false,
        }
    }

    /// Whether it is for nothing but a page that is open.
    pub fn is_about_a_page(&self) -> bool {
        !matches!(self, Command::Answer(..) | Command::ShowPage(_) | Command::ClosePage(_))
    }

    /// Whether what is being typed in fields is to be kept first: so it is with everything but what fields ask for
    /// themselves, and what changes the look alone.
    pub fn leaves_fields(&self) -> bool {
        match self {
            Command::SetAttr { .. }
            | Command::SetAttrs { .. }
            | Command::SetInput { .. }
            | Command::Scrub { .. }
            | Command::Rename { .. }
            | Command::NamePage(_)
            | Command::TitleFrame(..)
            | Command::WriteNote(..)
            | Command::Look(_)
            | Command::Answer(..)
            | Command::Notice(_) => false,
            Command::Do(action) => action.row().kind != Kind::Look,
            _ => true,
        }
    }
}
