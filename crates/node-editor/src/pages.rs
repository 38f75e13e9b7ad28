//! The open pages: opening them, which is shown, and where their files are.

use std::path::{Path, PathBuf};

use node_core::{Page, Problem};

use crate::dialog::Dialog;
use crate::document::Document;
use crate::editor::{Editor, Tab, TabId};

impl Editor {
    /// Opens a page that is in memory.
    pub fn open_page(&mut self, page: Page, fallback_name: &str, path: Option<PathBuf>) {
        let document = Document::new(page, fallback_name.to_owned(), path, &self.registry);
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
        self.has_closed = true;
        self.tabs[index] = Tab::new(TabId(self.last_tab), document);
    }

    /// Opens the page file at `path`, or shows what is wrong with it.
    pub fn open_path(&mut self, path: &Path) {
        if let Some(open) = self.tab_of_file(path) {
            self.active = open;
            return;
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

    pub(crate) fn could_not_open(&mut self, path: &Path, problems: &[Problem]) {
        let found = problems.iter().map(|p| p.in_file(path.display()));
        let lines = match self.dialog.take() {
            Some(Dialog::Message { lines, .. }) => lines.into_iter().chain(found).collect(),
            _ => found.collect(),
        };
        self.dialog = Some(Dialog::Message { title: "This page cannot be opened".to_owned(), lines });
    }

    /// Which open page is the file at `path`, however that is spelled.
    pub(crate) fn tab_of_file(&self, path: &Path) -> Option<usize> {
        let file = self.host.identity(path);
        let is_it = |tab: &Tab| tab.document.path.as_deref().is_some_and(|own| self.host.identity(own) == file);
        self.tabs.iter().position(is_it)
    }

    /// Dialogs begin in this folder, until a file is opened or saved in another.
    pub fn begin_in(&mut self, folder: &Path) {
        self.folder = Some(folder.to_owned());
    }

    /// Dialogs begin where a file was opened or saved last.
    pub(crate) fn was_in_folder_of(&mut self, path: &Path) {
        self.folder = path.parent().map(Path::to_owned).filter(|folder| !folder.as_os_str().is_empty());
    }

    /// The folder in which a dialog about a page begins: that of its own file, of the one that is shown, of the last.
    pub(crate) fn folder_for(&self, document: &Document) -> PathBuf {
        let parent = |document: &Document| document.path.as_deref().and_then(Path::parent).map(Path::to_owned);
        let folder = parent(document).or_else(|| parent(&self.tab().document)).or_else(|| self.folder.clone());
        folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or_else(|| self.host.folder())
    }

    /// Where a page stands among the open ones, if it is still open.
    pub(crate) fn index_of(&self, id: TabId) -> Option<usize> {
        self.tabs.iter().position(|tab| tab.id == id)
    }

    /// Shows the page at `index`.
    pub fn show_tab(&mut self, index: usize) {
        self.active = index.min(self.tabs.len().saturating_sub(1));
    }

    /// Shows the page that was opened first.
    pub fn show_first_page(&mut self) {
        self.active = 0;
    }
}
