//! Dialogs: which is open, what it is about, and what is typed into it.

mod gradient;
pub(crate) mod place;

use std::path::PathBuf;

pub use gradient::GradientDialog;
pub use place::{DeviceDialog, PlaceDialog};

use egui::Pos2;
use node_core::value::Wanted;
use node_core::{BlockId, Direction, PortRef, Value};

use super::tab::{Tab, TabId};
use super::view::Field;
use crate::host::{Recovered, SaveRefusal};

/// What comes once a page is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays open.
    Stay,
    /// It is closed.
    Close,
}

/// What is saved of a page beside the page itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// The result of this block.
    Result(BlockId),
    /// A report or a picture.
    Report,
    /// TensorFlow's graph.
    Graph,
}

/// A dialog that is open.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// Opens a page.
    Open(FileDialog),
    /// Chooses a file that holds arrays, for a page.
    Data {
        /// The page.
        tab: TabId,
        /// Which.
        files: FileDialog,
        /// The output that its array is given to; without one blocks are made.
        feeds: Option<PortRef>,
    },
    /// Saves a result, or what is made of the page.
    SaveResult {
        /// The page.
        tab: TabId,
        /// What of it.
        what: Saved,
        /// Where.
        files: FileDialog,
        /// The file that is there already and that the person has been told of.
        over: Option<PathBuf>,
    },
    /// Chooses where an imported page is, with the file of its constants.
    SaveImport {
        /// What it comes from.
        from: PathBuf,
        /// Where.
        files: FileDialog,
        /// The file that is there already and that the person has been told of.
        over: Option<PathBuf>,
    },
    /// Chooses among the arrays of files.
    Arrays {
        /// The page that they are for.
        tab: TabId,
        /// What there is to choose from.
        choices: Vec<ArrayChoice>,
        /// Where their blocks go, on the page.
        at: Option<Pos2>,
        /// The output that one is given to; without one blocks are made.
        feeds: Option<PortRef>,
        /// What is wrong with other files that came with them.
        wrong: Vec<String>,
    },
    /// Saves a page under another name.
    SaveAs {
        /// Which page.
        tab: TabId,
        /// What comes then.
        then: Then,
        /// Where.
        files: FileDialog,
    },
    /// A page is not saved.
    Unsaved {
        /// Which page.
        tab: TabId,
    },
    /// What is different in a page's file on the disk.
    Compare {
        /// Which page.
        tab: TabId,
        /// The differences.
        lines: Vec<String>,
    },
    /// Something is in the way of saving.
    Overwrite {
        /// Which page.
        tab: TabId,
        /// What comes then.
        then: Then,
        /// Where.
        path: PathBuf,
        /// What stands in the way.
        refusal: SaveRefusal,
    },
    /// Edits a value.
    Value(ValueDialog),
    /// Asks which gradient a page is to have.
    Gradient(GradientDialog),
    /// Asks where a page is to run.
    Place(PlaceDialog),
    /// Asks where a cluster is to compute blocks.
    Device(DeviceDialog),
    /// Unsaved changes of an earlier session were found.
    Recover {
        /// The pages.
        found: Vec<Recovered>,
    },
    /// Lists all commands, to be searched.
    Commands(CommandList),
    /// Tells of gestures and keys.
    Help,
    /// Something went wrong.
    Message {
        /// What.
        title: String,
        /// In detail.
        lines: Vec<String>,
    },
}

impl Dialog {
    /// The page that it is about.
    pub fn tab(&self) -> Option<TabId> {
        match self {
            Dialog::SaveAs { tab, .. }
            | Dialog::Unsaved { tab }
            | Dialog::Compare { tab, .. }
            | Dialog::Arrays { tab, .. }
            | Dialog::Data { tab, .. }
            | Dialog::SaveResult { tab, .. }
            | Dialog::Overwrite { tab, .. } => Some(*tab),
            Dialog::Value(value) => Some(value.tab),
            Dialog::Gradient(gradient) => Some(gradient.tab),
            Dialog::Place(place) => Some(place.tab),
            Dialog::Device(device) => Some(device.tab),
            Dialog::SaveImport { .. } => None,
            Dialog::Open(_) | Dialog::Recover { .. } | Dialog::Commands(_) | Dialog::Help | Dialog::Message { .. } => {
                None
            }
        }
    }
}

/// An array of a file that holds several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayChoice {
    /// The file, as the page names it.
    pub path: String,
    /// The array.
    pub part: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// What a person answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing, and nothing is to come of it.
    Cancel,
    /// What the dialog offers.
    Yes,
    /// What it offers instead.
    No,
    /// The file is to be read again.
    Reload,
    /// A file was chosen.
    File(PathBuf),
}

/// The list of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandList {
    /// What is typed.
    pub text: String,
    /// Which match is marked.
    pub marked: usize,
}

/// Choosing a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDialog {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) error: Option<String>,
    pub(crate) opened: bool,
}

impl FileDialog {
    /// In a folder, with a name to begin with.
    pub fn new(folder: PathBuf, name: String) -> FileDialog {
        FileDialog { folder, name, error: None, opened: false }
    }

    /// The same again, with why it could not be.
    pub fn again(self, why: String) -> FileDialog {
        FileDialog { error: Some(why), opened: false, ..self }
    }
}

/// Values with more elements than this are replaced as a whole, not shown as text.
const SHOWN: usize = 50_000;

/// A value that is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueDialog {
    /// The page.
    pub tab: TabId,
    /// Which value.
    pub field: Field,
    /// Its name.
    pub name: String,
    /// What is typed.
    pub text: String,
    /// How many elements the value has that is not shown, if it is not.
    pub left_out: Option<usize>,
    /// Why what is typed cannot be kept.
    pub error: Option<String>,
    /// Whether the text has had its first frame.
    pub opened: bool,
}

impl ValueDialog {
    /// For the value of a field as it is now. `None` for fields that hold no value.
    pub fn new(tab: &Tab, field: Field) -> Option<ValueDialog> {
        let (id, name) = match &field {
            Field::Attr(id, name) | Field::Literal(id, name) => (id, name),
            _ => return None,
        };
        let value = value(tab, &field);
        let leaves = value.map_or(0, |value| value.leaves(usize::MAX));
        let left_out = Some(leaves).filter(|leaves| *leaves > SHOWN);
        let text = value.filter(|_| left_out.is_none()).map(|value| in_rows(value, wanted(tab, id, &field)));
        let (name, text) = (format!("{id}.{name}"), text.unwrap_or_default());
        Some(ValueDialog { tab: tab.id, field, name, text, left_out, error: None, opened: false })
    }

    /// Whether nothing was typed over a value that is not shown: it stays.
    pub fn keeps_what_is_left_out(&self) -> bool {
        self.left_out.is_some() && self.text.trim().is_empty()
    }
}

fn value<'t>(tab: &'t Tab, field: &Field) -> Option<&'t Value> {
    match field {
        Field::Attr(id, name) => tab.document.page.block(id.as_str())?.attrs.get(name),
        Field::Literal(id, name) => tab.document.page.block(id.as_str())?.inputs.get(name),
        _ => None,
    }
}

fn wanted(tab: &Tab, id: &BlockId, field: &Field) -> Wanted {
    let block = tab.document.checked.blocks.get(id);
    let spec = block.and_then(|block| block.spec());
    let found = match (spec, field) {
        (Some(spec), Field::Attr(_, name)) => {
            spec.attr(name).map(|attr| attr.wanted(block.and_then(|block| block.fixed_dtype(attr))))
        }
        (Some(spec), Field::Literal(_, name)) => {
            spec.port(Direction::In, name).map(|port| port.wanted(block.and_then(|block| block.bound_dtype(name))))
        }
        _ => None,
    };
    found.unwrap_or(Wanted::Numbers)
}

/// The value's text, each row of numbers on a line of its own. Texts stay on one: a line break in them would be another.
fn in_rows(value: &Value, wanted: Wanted) -> String {
    let text = value.typed_text(wanted);
    if text.contains('"') { text } else { text.replace("], [", "],\n [") }
}
