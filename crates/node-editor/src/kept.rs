//! What is not saved is kept for a next session, should this one end without being asked to.

use std::path::Path;

use egui::Context;

use crate::document::Document;
use crate::editor::{Editor, Tab, TabId};
use crate::host::{Recovered, Unsaved};

/// Changes are kept at most so often, in seconds.
const EVERY: f64 = 3.0;

/// What was kept last, and when.
#[derive(Default)]
pub(crate) struct Kept {
    pages: Vec<(TabId, u64)>,
    at: f64,
}

impl Editor {
    /// Offers what an earlier session did not come to save.
    pub fn offer_recovered(&mut self) {
        let found = self.host.recovered();
        if !found.is_empty() {
            self.dialog = Some(crate::dialog::Dialog::Recover { found });
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
        self.host.keep(unsaved);
    }

    /// The pages with changes that are not saved and not given up.
    pub fn unsaved(&self) -> Vec<Unsaved> {
        let changed = self.tabs.iter().filter(|tab| tab.document.is_changed() && !tab.given_up);
        let unsaved = changed.map(|tab| Unsaved {
            page: tab.document.page.clone(),
            name: tab.document.fallback_name.clone(),
            path: tab.document.path.clone(),
        });
        unsaved.collect()
    }

    /// The program ends, and has not asked what is to be saved: where it is kept.
    pub fn break_off(&mut self) -> Vec<std::path::PathBuf> {
        let unsaved = self.unsaved();
        self.host.keep(unsaved);
        self.host.finish()
    }

    /// Opens what was recovered, as pages with changes to be saved.
    pub(crate) fn open_recovered(&mut self, found: Vec<Recovered>) {
        for recovered in &found {
            let saved = recovered.path.as_deref().and_then(|path| self.host.load(path).ok()).unwrap_or_default();
            let (name, path) = (recovered.name.clone(), recovered.path.clone());
            let mut document = Document::new(saved, name, path, &self.registry);
            document.take_over(recovered.page.clone(), &self.registry);
            match recovered.path.as_deref().and_then(|path| self.tab_of_file(path)) {
                Some(open) => self.put_document(open, document),
                None => self.open_document(document),
            }
        }
        let unsaved = self.unsaved();
        self.host.keep(unsaved);
        self.host.discard(&found);
    }

    /// Reads a page's file again; what was changed here is lost.
    pub(crate) fn reload(&mut self, tab: TabId, path: &Path) {
        let Some(index) = self.index_of(tab) else { return };
        match self.host.load(path) {
            Ok(page) => {
                let name = self.tabs[index].document.fallback_name.clone();
                let document = Document::new(page, name, Some(path.to_owned()), &self.registry);
                self.put_document(index, document);
                self.notice = Some(format!("Read {} again.", path.display()));
            }
            Err(problems) => self.could_not_open(path, &problems),
        }
    }
}
