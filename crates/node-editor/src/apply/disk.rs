//! Files that others change while they are open here.

use node_core::Page;

use crate::host::OnDisk;
use crate::state::State;
use crate::state::dialog::Dialog;
use crate::state::differences::differences;
use crate::state::tab::{Disk, TabId};

impl State {
    /// Looks whether the files of the open pages are what they were.
    pub(crate) fn look_at_disk(&mut self) {
        for tab in &mut self.tabs {
            let Some(path) = tab.document.path.clone() else { continue };
            tab.disk = match self.host.on_disk(&path) {
                OnDisk::Same => None,
                OnDisk::Other => Some(Disk::Other),
                OnDisk::Gone => Some(Disk::Gone),
            };
        }
    }

    /// Reads a page's file again, in the place of what is here.
    pub(crate) fn reload_from_disk(&mut self, tab: TabId) {
        let path = self.page(tab).and_then(|tab| tab.document.path.clone());
        path.into_iter().for_each(|path| self.reload(tab, &path));
    }

    /// The page stays as it is here: it has changes to be saved, and they replace what is on the disk.
    pub(crate) fn keep_mine(&mut self, tab: TabId) {
        let Some(index) = self.index_of(tab) else { return };
        let Some(path) = self.tabs[index].document.path.clone() else { return };
        // Reading it is seeing it: saving does not ask again.
        let there = self.host.load(&path);
        if there.is_err() {
            self.host.accept(&path);
        }
        let there = there.unwrap_or_else(|_| Page { name: Some(String::new()), ..Page::default() });
        self.tabs[index].document.is_saved_as(there);
        self.tabs[index].disk = None;
        self.notice = Some(format!("Kept; saving replaces what {} holds now.", path.display()));
    }

    /// Lists what is different on the disk.
    pub(crate) fn compare_with_disk(&mut self, tab: TabId) {
        let Some(index) = self.index_of(tab) else { return };
        let Some(path) = self.tabs[index].document.path.clone() else { return };
        let lines = match self.host.peek(&path) {
            Ok(there) => {
                let lines = differences(&self.tabs[index].document.page, &there);
                if lines.is_empty() { vec!["The same page, written otherwise.".to_owned()] } else { lines }
            }
            Err(problems) => problems.iter().map(|problem| problem.in_file(path.display())).collect(),
        };
        self.dialog = Some(Dialog::Compare { tab, lines });
    }
}
