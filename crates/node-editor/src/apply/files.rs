//! Pages and their files: names, saving, closing.

use std::path::PathBuf;

use node_core::Page;

use crate::dialog::{Dialog, FileDialog};
use crate::editor::Editor;
use crate::host::SaveRefusal;

impl Editor {
    pub(super) fn fresh_page_name(&self) -> String {
        let taken = |name: &str| self.tabs.iter().any(|t| t.document.name() == name);
        let names = std::iter::once("untitled".to_owned()).chain((2..).map(|n| format!("untitled_{n}")));
        names.into_iter().find(|name| !taken(name)).unwrap_or_default()
    }

    pub(crate) fn ask_where(&mut self, tab: usize) {
        let document = &self.tabs[tab].document;
        let (folder, name) = match &document.path {
            Some(path) => {
                (path.parent().map(PathBuf::from), path.file_name().map(|n| n.to_string_lossy().into_owned()))
            }
            None => (None, None),
        };
        let folder = folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or_else(|| self.host.folder());
        let name = name.unwrap_or_else(|| format!("{}.json", document.name()));
        self.dialog = Some(Dialog::SaveAs { tab, files: FileDialog::new(folder, name) });
    }

    /// Saves a page; asks where if it has no file. Returns whether it is saved.
    pub(crate) fn save(&mut self, tab: usize, force: bool) -> bool {
        match self.tabs[tab].document.path.clone() {
            Some(path) => self.save_to(tab, path, force),
            None => {
                self.ask_where(tab);
                false
            }
        }
    }

    /// Saves a page to a file. What stands in the way becomes a dialog; the page stays as it is.
    pub(crate) fn save_to(&mut self, tab: usize, path: PathBuf, force: bool) -> bool {
        let document = &mut self.tabs[tab].document;
        match self.host.save(&path, &document.page, force) {
            Ok(()) => {
                document.mark_saved();
                self.notice = Some(format!("Saved {}.", path.display()));
                if document.page.name.is_none()
                    && let Some(stem) = path.file_stem()
                {
                    document.fallback_name = stem.to_string_lossy().into_owned();
                }
                document.path = Some(path);
                true
            }
            Err(SaveRefusal::Failed(why)) => {
                let lines = vec![
                    format!("{}: {why}", path.display()),
                    "Nothing has been lost: the page is still open. Save it elsewhere.".to_owned(),
                ];
                self.dialog = Some(Dialog::Message { title: "The page could not be saved".to_owned(), lines });
                false
            }
            Err(refusal) => {
                self.dialog = Some(Dialog::Overwrite { tab, path, changed: refusal == SaveRefusal::Changed });
                false
            }
        }
    }

    pub(super) fn close_tab(&mut self, index: usize) {
        let Some(tab) = self.tabs.get(index) else { return };
        if tab.document.is_changed() {
            self.active = index;
            self.dialog = Some(Dialog::Unsaved { tab: index });
        } else {
            self.drop_tab(index);
        }
    }

    /// Closes a page without asking.
    pub(crate) fn drop_tab(&mut self, index: usize) {
        self.tabs.remove(index);
        if self.active > index || self.active == self.tabs.len() {
            self.active = self.active.saturating_sub(1);
        }
        if self.tabs.is_empty() {
            let name = self.fresh_page_name();
            self.open_page(Page::default(), &name, None);
        }
    }
}
