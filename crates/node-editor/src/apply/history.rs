//! Changes of a page, one step of undo each, and what follows from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_core::check::Changes;
use node_core::edit::EditError;
use node_core::{BlockId, Edit, Page, Registry};

use super::work::Work;
use crate::command::Command;
use crate::state::document::{Document, gone};

impl Work<'_> {
    /// Changes the page; what does not fit is said in the status bar.
    pub(super) fn edit(&mut self, label: &str, edit: Edit) -> bool {
        let registry = self.state.registry.clone();
        let before = self.tab().document.page.clone();
        let result = self.tab_mut().document.edit(label, edit, &registry);
        self.state.notice = result.as_ref().err().map(|error| format!("Cannot {label}: {error}."));
        self.after_change(&before);
        result.is_ok()
    }

    /// Does what is done again and again while a number is dragged: what this drag has done before is taken back first.
    pub(super) fn scrub(&mut self, command: Command, goes_on: bool) {
        let registry = self.state.registry.clone();
        let tab = self.tab_mut();
        if goes_on && tab.view.scrubbed == Some(tab.document.revision()) {
            // What cannot be taken back stays, and this comes upon it.
            let _ = tab.document.take_back(&registry);
        }
        let before = self.tab().document.revision();
        self.apply(command);
        let tab = self.tab_mut();
        let now = tab.document.revision();
        // Dragged back to where it was, there is no step to be taken back the next time.
        tab.view.scrubbed = (now != before).then_some(now);
    }

    /// Takes back the last change.
    pub(crate) fn undo(&mut self) {
        self.travel("Undo", Document::undo_label, Document::undo);
    }

    /// Does the last change that was taken back again.
    pub(crate) fn redo(&mut self) {
        self.travel("Redo", Document::redo_label, Document::redo);
    }

    fn travel(
        &mut self,
        name: &str,
        label: fn(&Document) -> Option<&str>,
        go: fn(&mut Document, &Registry) -> Result<bool, EditError>,
    ) {
        let registry = self.state.registry.clone();
        let document = &mut self.tab_mut().document;
        let before = document.page.clone();
        let said = format!("{name}: {}", label(document).unwrap_or_default());
        let result = go(document, &registry);
        self.say(match result {
            Ok(_) => said,
            Err(error) => format!("{name} failed: {error}."),
        });
        self.after_change(&before);
        // What has come back is what the person looks at.
        let now = self.tab().document.page.clone();
        let back: BTreeSet<BlockId> = Changes::between(&before, &now).added.into_iter().cloned().collect();
        if !back.is_empty() {
            self.select(back);
        }
    }

    fn after_change(&mut self, before: &Page) {
        let tab = self.tab_mut();
        let page = tab.document.page.clone();
        let changes = Changes::between(before, &page);
        let gone = gone(before, &page, &changes);
        let was_running = tab.run.is_running();
        if !gone.is_empty() {
            tab.sent = None;
        }
        tab.run.follow(&gone);
        tab.view.results.follow(&gone);
        let page_id = tab.id;
        self.state.dock.follow(page_id, &gone);
        let tab = self.tab_mut();
        if !gone.is_empty() && was_running {
            tab.submitted = None;
            // With every edit a new run begins; else the old one ends here, and says so.
            if !self.state.run_as_you_edit {
                self.state.break_off_run(self.index);
            }
        }
        let is_decorated_otherwise = !Arc::ptr_eq(&before.decor, &page.decor);
        if !(changes.removed.is_empty() && changes.off.is_empty()) || is_decorated_otherwise {
            let view = &mut self.tab_mut().view;
            view.retain(|id| page.blocks.contains_key(id), |wire| page.wires.contains(wire), &page.decor);
        }
    }
}
