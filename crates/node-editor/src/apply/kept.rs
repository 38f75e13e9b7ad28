//! What is not saved is kept for a next session, should this one end without being asked to.

use std::path::Path;

use egui::Context;

use crate::host::Recovered;
use crate::state::State;
use crate::state::document::Document;
use crate::state::tab::{Tab, TabId};

/// Changes are kept at most so often, in seconds: none is older than a second when it is being written.
const EVERY: f64 = 0.8;

impl State {
    /// Offers what an earlier session did not come to save.
    pub(crate) fn offer_recovered(&mut self) {
        self.recovered = self.host.recovered();
    }

    /// Asks about what was recovered once nothing else is being asked or told.
    pub(crate) fn ask_about_recovered(&mut self) {
        if self.dialog.is_none() && !self.recovered.is_empty() {
            let found = std::mem::take(&mut self.recovered);
            self.dialog = Some(crate::state::dialog::Dialog::Recover { found });
        }
    }

    /// Has the unsaved pages kept, if they are others than those that are.
    pub(crate) fn keep_unsaved(&mut self, ctx: &Context) {
        let changed = |tab: &&Tab| tab.document.is_changed() && !tab.given_up;
        let pages: Vec<_> = self.tabs.iter().filter(changed).map(|tab| (tab.id, tab.document.revision())).collect();
        if pages == self.kept.pages {
            return;
        }
        let now = ctx.input(|i| i.time);
        let due = self.kept.at + EVERY;
        if now < due && !self.kept.pages.is_empty() && !pages.is_empty() {
            ctx.request_repaint_after_secs((due - now) as f32);
            return;
        }
        self.kept.at = now;
        self.kept.pages = pages;
        let unsaved = self.unsaved();
        self.host.keep(unsaved, &[]);
    }

    /// The program ends, and has not asked what is to be saved: where it is kept.
    pub(crate) fn break_off(&mut self) -> Vec<std::path::PathBuf> {
        let unsaved = self.unsaved();
        self.host.keep(unsaved, &[]);
        self.host.finish()
    }

    /// Opens what was recovered, as pages with changes to be saved.
    pub(crate) fn open_recovered(&mut self, found: Vec<Recovered>) {
        for recovered in &found {
            let open = recovered.path.as_deref().and_then(|path| self.tab_of_file(path));
            // Two sessions may have left changes of one file: neither is lost, the second is a page of its own.
            let is_taken = open.is_some_and(|index| self.tabs[index].is_changed());
            let path = recovered.path.clone().filter(|_| !is_taken);
            // Reading a file is seeing it: not one that is open, whose own saving is to notice what has changed.
            let saved = path.as_deref().and_then(|path| self.host.load(path).ok()).unwrap_or_default();
            if let Some(path) = path.as_deref().filter(|_| !recovered.is_current) {
                self.host.unsee(path);
            }
            let files = self.host.data_files(path.as_deref());
            let mut document = Document::new(saved, recovered.name.clone(), path, files, &self.registry);
            document.take_over(recovered.page.clone(), &self.registry);
            match open.filter(|_| !is_taken) {
                Some(open) => self.put_document(open, document),
                None => self.open_document(document),
            }
        }
        let unsaved = self.unsaved();
        self.host.keep(unsaved, &found);
    }

    /// Reads a page's file again; what was changed here is lost.
    pub(crate) fn reload(&mut self, tab: TabId, path: &Path) {
        let Some(index) = self.index_of(tab) else { return };
        match self.host.load(path) {
            Ok(page) => {
                let name = self.tabs[index].document.fallback_name.clone();
                let files = self.host.data_files(Some(path));
                let document = Document::new(page, name, Some(path.to_owned()), files, &self.registry);
                self.put_document(index, document);
                self.notice = Some(format!("Read {} again.", path.display()));
            }
            Err(problems) => self.could_not_open(path, &problems),
        }
    }
}
