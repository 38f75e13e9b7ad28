//! The open pages: opening them, which is shown, and where their files are.

use std::path::{Path, PathBuf};

use node_core::{Page, Problem};

use crate::state::State;
use crate::state::dialog::Dialog;
use crate::state::document::Document;
use crate::state::tab::{Tab, TabId};

/// So many files are remembered.
const RECENT: usize = 12;

impl State {
    /// Opens a page that is in memory.
    pub(crate) fn open_page(&mut self, page: Page, fallback_name: &str, path: Option<PathBuf>) {
        let files = self.host.data_files(path.as_deref());
        let document = Document::new(page, fallback_name.to_owned(), path, files, &self.registry);
        self.open_document(document);
    }

    /// Opens a document beside the others, in the place of an empty one that nobody has touched.
    pub(crate) fn open_document(&mut self, document: Document) {
        self.last_tab += 1;
        let tab = Tab::new(TabId(self.last_tab), document);
        match self.tabs.as_slice() {
            [only] if only.document.path.is_none() && only.document.page.blocks.is_empty() && !only.is_changed() => {
                self.tabs = vec![tab];
            }
            _ => self.tabs.push(tab),
        }
        self.active = self.tabs.len() - 1;
    }

    /// Puts another document into an open tab.
    pub(crate) fn put_document(&mut self, index: usize, document: Document) {
        self.last_tab += 1;
        self.runs.has_closed = true;
        self.tabs[index] = Tab::new(TabId(self.last_tab), document);
    }

    /// Opens the page file at `path`, or shows what is wrong with it.
    pub(crate) fn open_path(&mut self, path: &Path) {
        if let Some(open) = self.tab_of_file(path) {
            self.active = open;
            return;
        }
        if self.host.is_graph(path) {
            return self.imports.wanted.push(path.to_owned());
        }
        let registry = self.registry.clone();
        if let Some((page, left_out)) = self.host.import(path, &registry) {
            return self.open_imported(path, page, left_out);
        }
        match self.host.load(path) {
            Ok(page) => {
                let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
                self.open_page(page, &name, Some(path.to_owned()));
                self.was_in_folder_of(path);
            }
            Err(problems) => self.could_not_open(path, &problems),
        }
    }

    /// A page that came of another program's file has none of its own yet.
    pub(super) fn open_imported(&mut self, path: &Path, page: Page, left_out: Vec<String>) {
        let name = path.file_stem().map(|s| node_core::page::scope_of(&s.to_string_lossy())).unwrap_or_default();
        self.open_page(page, &name, None);
        self.notice = Some(format!("Imported {}; the file stays as it is.", path.display()));
        self.tell_left_out(left_out);
    }

    /// Tells what of an imported file has no counterpart.
    pub(super) fn tell_left_out(&mut self, left_out: Vec<String>) {
        if !left_out.is_empty() {
            let title = "Not all of the file has a counterpart here".to_owned();
            self.dialog = Some(Dialog::Message { title, lines: left_out });
        }
    }

    pub(crate) fn could_not_open(&mut self, path: &Path, problems: &[Problem]) {
        let found = problems.iter().map(|p| p.in_file(path.display()));
        let lines = match self.dialog.take() {
            Some(Dialog::Message { lines, .. }) => lines.into_iter().chain(found).collect(),
            _ => found.collect(),
        };
        self.dialog = Some(Dialog::Message { title: "This page cannot be opened".to_owned(), lines });
    }

    /// Dialogs begin in this folder, until a file is opened or saved in another.
    pub(crate) fn begin_in(&mut self, folder: &Path) {
        self.folder = Some(folder.to_owned());
    }

    /// A file was opened or saved: dialogs begin in its folder, and it is the newest of the recent ones.
    pub(crate) fn was_in_folder_of(&mut self, path: &Path) {
        self.folder = path.parent().map(Path::to_owned).filter(|folder| !folder.as_os_str().is_empty());
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|other| *other != path);
        self.recent.insert(0, path);
        self.recent.truncate(RECENT);
    }

    /// Shows the page at `index`.
    pub(crate) fn show_tab(&mut self, index: usize) {
        self.active = index.min(self.tabs.len().saturating_sub(1));
    }

    /// Shows a page, if it is still open.
    pub(super) fn show_page(&mut self, page: TabId) {
        if let Some(index) = self.index_of(page) {
            self.show_tab(index);
        }
    }

    /// Shows the page that comes `steps` after the one that is shown.
    pub(crate) fn show_next_page(&mut self, steps: usize) {
        self.show_tab((self.active + steps) % self.tabs.len());
    }
}
