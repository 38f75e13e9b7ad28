//! Graphs of other programs on their way to being pages.

use std::path::PathBuf;

use crate::host::ImportedPage;

/// What is under way.
#[derive(Debug, Default)]
pub struct Imports {
    /// Files that are to be read.
    pub wanted: Vec<PathBuf>,
    /// Pages that are read, and want a place: their constants stand in a file beside them.
    pub read: Vec<(PathBuf, ImportedPage)>,
    /// Pages that are being written, and what is to be told of each once it is open.
    pub written: Vec<(PathBuf, Vec<String>)>,
}
