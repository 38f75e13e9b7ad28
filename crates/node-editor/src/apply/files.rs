//! Pages and their files: names, saving, closing.

use std::path::PathBuf;
use std::sync::Arc;

use node_core::{Edit, Page};

use crate::host::{Over, SaveRefusal};
use crate::state::State;
use crate::state::dialog::{Dialog, FileDialog, Then};
use crate::state::tab::TabId;

impl State {
    pub(crate) fn ask_where(&mut self, tab: TabId, then: Then) {
        let Some(document) = self.index_of(tab).map(|index| &self.tabs[index].document) else { return };
        let folder = self.folder_for(document);
        let name = document.path.as_ref().and_then(|path| path.file_name()).map(|n| n.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| format!("{}.json", document.name()));
        self.dialog = Some(Dialog::SaveAs { tab, then, files: FileDialog::new(folder, name) });
    }

    /// Saves a page; asks where if it has no file.
    pub(crate) fn save(&mut self, tab: TabId, then: Then) {
        let path = self.index_of(tab).and_then(|index| self.tabs[index].document.path.clone());
        match path {
            Some(path) => self.save_to(tab, path, None, then),
            None => self.ask_where(tab, then),
        }
    }

    /// Saves a page to a file, over what the person has said, else over its own file alone, and then what is to come. What
    /// stands in the way becomes a dialog; the page stays as it is.
    pub(crate) fn save_to(&mut self, tab: TabId, path: PathBuf, over: Option<Over>, then: Then) {
        let Some(index) = self.index_of(tab) else { return };
        let holder = self.tab_of_file(&path);
        if holder.is_some_and(|holder| holder != index) {
            return self.could_not_save(format!("{} is open here as another page.", path.display()));
        }
        let over = over.unwrap_or(if holder.is_some() { Over::Own } else { Over::Nothing });
        let named = self.data_named_from(index, &path);
        let document = &mut self.tabs[index].document;
        let mut page = document.page.clone();
        let fits = |edit: &Edit| edit.clone().apply(Arc::make_mut(&mut page)).is_ok();
        let named = named.filter(fits);
        match self.host.save(&path, &page, over) {
            Ok(()) => {
                if let Some(edit) = named {
                    // It has just been seen to fit.
                    let _ = document.edit("name files from the page's folder", edit, &self.registry);
                }
                document.mark_saved();
                self.notice = Some(format!("Saved {}.", path.display()));
                if document.page.name.is_none()
                    && let Some(stem) = path.file_stem()
                {
                    document.name_after(&stem.to_string_lossy());
                }
                document.path = Some(path.clone());
                let files = self.host.data_files(Some(&path));
                self.tabs[index].document.reads(files, &self.registry);
                self.was_in_folder_of(&path);
                if then == Then::Close {
                    self.drop_tab(tab);
                }
            }
            Err(SaveRefusal::Failed(why)) => self.could_not_save(format!("{}: {why}", path.display())),
            Err(refusal) => self.dialog = Some(Dialog::Overwrite { tab, path, then, refusal }),
        }
    }

    fn could_not_save(&mut self, why: String) {
        let lines = vec![why, "Nothing has been lost: the page is still open. Save it elsewhere.".to_owned()];
        self.dialog = Some(Dialog::Message { title: "The page could not be saved".to_owned(), lines });
        self.stay();
    }

    /// The program does not end after all, and no page's changes are given up.
    pub(crate) fn stay(&mut self) {
        self.quitting = false;
        self.tabs.iter_mut().for_each(|tab| tab.given_up = false);
    }

    pub(crate) fn close_page(&mut self, tab: TabId) {
        let Some(index) = self.index_of(tab) else { return };
        if self.tabs[index].is_changed() {
            self.active = index;
            self.dialog = Some(Dialog::Unsaved { tab });
        } else {
            self.drop_tab(tab);
        }
    }

    /// Closes a page without asking.
    pub(crate) fn drop_tab(&mut self, tab: TabId) {
        let Some(index) = self.index_of(tab) else { return };
        if self.dialog.as_ref().is_some_and(|dialog| dialog.tab() == Some(tab)) {
            self.dialog = None;
        }
        self.tabs.remove(index);
        self.runs.has_closed = true;
        if self.active > index || self.active == self.tabs.len() {
            self.active = self.active.saturating_sub(1);
        }
        if self.tabs.is_empty() {
            let name = self.fresh_page_name();
            self.open_page(Page::default(), &name, None);
        }
    }
    /// Asks about the next page that is not saved, if the person wants to leave; else the program may end.
    pub(crate) fn step_quit(&mut self) {
        if !self.quitting || self.dialog.is_some() {
            return;
        }
        match self.tabs.iter().position(|tab| tab.is_changed() && !tab.given_up) {
            Some(index) => {
                self.active = index;
                self.dialog = Some(Dialog::Unsaved { tab: self.tab().id });
            }
            None => {
                self.quitting = false;
                self.may_quit = true;
            }
        }
    }
}
