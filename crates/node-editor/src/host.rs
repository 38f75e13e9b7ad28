//! What the editor needs from the program around it: files, which this crate does not know.

use std::path::{Path, PathBuf};

use node_core::{Page, Problem};

/// Why a page was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveRefusal {
    /// Somebody else changed the file since it was opened.
    Changed,
    /// There is a file of that name already.
    Exists,
    /// The system refused.
    Failed(String),
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Whether it is a file; folders come first.
    pub is_file: bool,
    /// Its name.
    pub name: String,
}

/// The program around the editor.
pub trait Host {
    /// Reads the page at `path`.
    fn load(&mut self, path: &Path) -> Result<Page, Vec<Problem>>;

    /// Writes a page to `path`; `force` replaces whatever is there.
    fn save(&mut self, path: &Path, page: &Page, force: bool) -> Result<(), SaveRefusal>;

    /// Folders and pages in a folder, sorted.
    fn entries(&self, folder: &Path) -> Result<Vec<Entry>, String>;

    /// The folder in which dialogs begin.
    fn folder(&self) -> PathBuf;

    /// A page as text, for the clipboard.
    fn to_text(&self, page: &Page) -> String;

    /// A page from text, from the clipboard.
    fn parse(&self, text: &str) -> Option<Page>;
}
