//! What the editor needs from the program around it: files, which this crate does not know.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use node_core::access::{Files, NoFiles};
use node_core::check::{CheckedPage, Feeds};
use node_core::{BlockId, Page, PortRef, Problem, Registry, Tensor};
use node_engine::analysis::Stop;
use node_engine::executor::Wake;

use crate::state::clusters::{Devices, Told};

/// Why a page was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveRefusal {
    /// Somebody else changed the file since it was opened.
    Changed,
    /// There is a file of that name already.
    Exists,
    /// The file's permissions protect it.
    ReadOnly,
    /// The system refused.
    Failed(String),
}

/// What may be at a place where a page is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Nothing.
    Nothing,
    /// What the page was opened from, or saved to, as it was then.
    Own,
    /// Anything that may be written.
    Anything,
    /// Anything, also what its permissions protect.
    EvenReadOnly,
}

/// What has become of a file since it was read or written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// Nothing, as far as is known.
    Same,
    /// Somebody else has written it.
    Other,
    /// It is not there any more.
    Gone,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Whether it is a file; folders come first.
    pub is_file: bool,
    /// Its name.
    pub name: String,
}

/// A page whose changes an earlier session did not come to save.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// The page.
    pub page: Page,
    /// Its name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
    /// Whether that file is what it was when the changes were made.
    pub is_current: bool,
    /// Where it was kept.
    pub kept: PathBuf,
}

/// A page with changes that are not saved.
#[derive(Clone, Debug)]
pub struct Unsaved {
    /// Which page of the session: the same number as long as it is open.
    pub key: u64,
    /// The page.
    pub page: Arc<Page>,
    /// Its name, if it has none of its own.
    pub name: String,
    /// Which file it is, if it is one.
    pub path: Option<PathBuf>,
}

/// The files that the blocks of a page may read.
#[derive(Clone)]
pub struct DataFiles {
    /// As a check sees them, …
    pub check: Arc<dyn Files>,
    /// … and as a run does.
    pub run: Arc<dyn Files>,
}

impl Default for DataFiles {
    /// None.
    fn default() -> DataFiles {
        DataFiles { check: Arc::new(NoFiles), run: Arc::new(NoFiles) }
    }
}

/// A graph of another program, read as a page.
#[derive(Clone, Debug, Default)]
pub struct ImportedPage {
    /// The page.
    pub page: Page,
    /// Tensors that are to stand in a file beside the page, by the parts of it that blocks read.
    pub constants: Vec<(BlockId, Tensor)>,
    /// What has no counterpart, a line each.
    pub left_out: Vec<String>,
}

/// A page that is reported.
#[derive(Clone)]
pub struct Reported {
    /// Its name.
    pub name: String,
    /// The page.
    pub checked: Arc<CheckedPage>,
    /// All block types.
    pub registry: Arc<Registry>,
    /// What is fed to it.
    pub feeds: Feeds,
    /// The files that its blocks read.
    pub files: DataFiles,
    /// The part of elements beyond which clipping is told.
    pub clipped: f64,
}

/// The program around the editor.
pub trait Host {
    /// The files that the blocks of a page may read which is saved at `page`, if it is saved.
    fn data_files(&mut self, page: Option<&Path>) -> DataFiles {
        let _ = page;
        DataFiles::default()
    }

    /// Whether files that pages read may have changed since the last call; `wake` is called once they have.
    fn data_changed(&mut self, wake: &Wake) -> bool {
        let _ = wake;
        false
    }

    /// All pages may read the files of this folder, and of those in it, from now on: the person has said so.
    fn allow_data(&mut self, folder: &Path) {
        let _ = folder;
    }

    /// Begins to write results to a file, in the format of its ending, in the place of what may be there; each with its
    /// name. `Err` if that cannot be, and nothing is written. `wake` is called once it is done.
    fn write_results(
        &mut self,
        path: &Path,
        page: &str,
        results: Vec<(PortRef, Tensor)>,
        wake: &Wake,
    ) -> Result<(), String> {
        let _ = (page, results, wake);
        Err(format!("{}: this program writes no results", path.display()))
    }

    /// Begins to write a report (`.html`) or a picture (`.svg`, `.png`) of a page, as `write_results` does.
    fn write_report(&mut self, path: &Path, page: Reported, wake: &Wake) -> Result<(), String> {
        let _ = (page, wake);
        Err(format!("{}: this program writes no reports", path.display()))
    }

    /// What is wrong with a cluster's address, and how one is written.
    fn check_target(&self, target: &str) -> Result<(), String> {
        Err(format!("{target}: this program knows no clusters"))
    }

    /// What is wrong with a device's name, and how one is written.
    fn check_device(&self, device: &str) -> Result<(), String> {
        let _ = device;
        Ok(())
    }

    /// Begins to compare a page here and on a cluster, port by port, until `stop`; lines to tell come when it has ended.
    fn check_against(
        &mut self,
        page: Reported,
        target: &str,
        (wake, stop): (&Wake, &Stop),
    ) -> Result<Receiver<Told>, String> {
        let _ = (page, wake, stop);
        self.check_target(target).map(|()| std::sync::mpsc::channel().1)
    }

    /// Begins to ask a cluster for its devices; `wake` is called when they have come.
    fn devices(&mut self, target: &str, wake: &Wake) -> Result<Receiver<Devices>, String> {
        let _ = wake;
        self.check_target(target).map(|()| std::sync::mpsc::channel().1)
    }

    /// Results that are being written: the file, and how much of it is done, from 0 to 1.
    fn writing(&self) -> Vec<(PathBuf, f32)> {
        Vec::new()
    }

    /// Stops writing; what was there before stays.
    fn stop_writing(&mut self) {}

    /// Files to which results have been written since the last call, or why they could not be.
    fn written_results(&mut self) -> Vec<(PathBuf, Result<(), String>)> {
        Vec::new()
    }

    /// The folders that were allowed so.
    fn allowed_data(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// The files that hold arrays, and folders, in a folder, sorted.
    fn data_entries(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        self.entries(folder)
    }

    /// Reads the page at `path`.
    fn load(&mut self, path: &Path) -> Result<Page, Vec<Problem>>;

    /// Whether a file is a graph of another program, by its name.
    fn is_graph(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// Begins to read a graph as a page, beside the window; `wake` is called when there is something to tell.
    fn begin_import(&mut self, path: &Path, registry: &Arc<Registry>, wake: &Wake) -> Result<(), String> {
        let _ = (registry, wake);
        Err(format!("{}: this program reads no graphs", path.display()))
    }

    /// The graphs that are being read, and how much is done of each, from 0 to 1.
    fn importing(&self) -> Vec<(PathBuf, f32)> {
        Vec::new()
    }

    /// Stops reading graphs.
    fn stop_importing(&mut self) {}

    /// The graphs that have been read since this was asked; those that were stopped are none.
    fn imported(&mut self) -> Vec<(PathBuf, Result<ImportedPage, Vec<Problem>>)> {
        Vec::new()
    }

    /// Begins to write a page with the file of its constants, over what may be there; it is told as written results are.
    fn write_import(&mut self, path: &Path, imported: ImportedPage, wake: &Wake) -> Result<(), String> {
        let _ = (imported, wake);
        Err(format!("{}: this program writes no graphs", path.display()))
    }

    /// The page that comes of another program's file, with a line for all that has no counterpart; nothing if `path` is no
    /// such file.
    fn import(&mut self, path: &Path, registry: &Registry) -> Option<(Page, Vec<String>)> {
        let _ = (path, registry);
        None
    }

    /// Writes a page to `path`, over what may be there.
    fn save(&mut self, path: &Path, page: &Page, over: Over) -> Result<(), SaveRefusal>;

    /// What has become of the file at `path`; a glance where its time and length are what they were.
    fn on_disk(&mut self, path: &Path) -> OnDisk {
        let _ = path;
        OnDisk::Same
    }

    /// What the file at `path` holds now may be replaced: the person has said so.
    fn accept(&mut self, path: &Path) {
        let _ = path;
    }

    /// Reads the page at `path`, which is not what is open here.
    fn peek(&mut self, path: &Path) -> Result<Page, Vec<Problem>> {
        self.load(path)
    }

    /// What an earlier session did not come to save.
    fn recovered(&mut self) -> Vec<Recovered>;

    /// Forgets what was recovered: it is open again, or nobody wants it.
    fn discard(&mut self, recovered: &[Recovered]);

    /// The pages as they are now, for as long as they are not saved: an earlier call's are forgotten. Once they are safe,
    /// so is what they were recovered from. Returns at once.
    fn keep(&mut self, unsaved: Vec<Unsaved>, instead_of: &[Recovered]);

    /// What the file at `path` holds is not what the page was made from: saving asks first.
    fn unsee(&mut self, path: &Path);

    /// The session ends: where pages are kept that were never saved.
    fn finish(&mut self) -> Vec<PathBuf>;

    /// The one spelling of a path by which two paths of one file are found to be the same.
    fn identity(&self, path: &Path) -> PathBuf;

    /// Folders and pages in a folder, sorted.
    fn entries(&self, folder: &Path) -> Result<Vec<Entry>, String>;

    /// Folders in a folder, and all files that can be opened as a page.
    fn openable(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        self.entries(folder)
    }

    /// The folder in which dialogs begin.
    fn folder(&self) -> PathBuf;

    /// A page as text, for the clipboard.
    fn to_text(&self, page: &Page) -> String;

    /// A page from text, from the clipboard.
    fn parse(&self, text: &str) -> Option<Page>;
}
