//! Results that are saved.

use std::path::{Path, PathBuf};

use node_core::{PortRef, Tensor};

use super::data::waking;
use super::work::Work;
use crate::host::Reported;
use crate::state::State;
use crate::state::dialog::{Dialog, FileDialog, Saved};

impl Work<'_> {
    /// Asks where to save the result of the selected block.
    pub(crate) fn ask_where_to_save_result(&mut self) {
        let Some(block) = self.tab().view.selected_block().cloned() else { return };
        let folder = self.state.folder_for(&self.tab().document);
        let several = self.tab().result(&block).and_then(|r| r.tensors()).is_some_and(|tensors| tensors.len() > 1);
        let name = format!("{block}{}", if several { ".npz" } else { ".npy" });
        let (tab, files) = (self.tab().id, FileDialog::new(folder, name));
        self.state.dialog = Some(Dialog::SaveResult { tab, what: Saved::Result(block), files, over: None });
    }

    /// Asks where to save a report or a picture of the page.
    pub(crate) fn ask_where_to_save_report(&mut self) {
        let folder = self.state.folder_for(&self.tab().document);
        let files = FileDialog::new(folder, format!("{}.html", self.tab().document.name()));
        let (tab, what) = (self.tab().id, Saved::Report);
        self.state.dialog = Some(Dialog::SaveResult { tab, what, files, over: None });
    }

    /// Asks where to write the page as a graph.
    pub(crate) fn ask_where_to_export(&mut self) {
        let folder = self.state.folder_for(&self.tab().document);
        let files = FileDialog::new(folder, format!("{}.pb", self.tab().document.name()));
        let (tab, what) = (self.tab().id, Saved::Graph);
        self.state.dialog = Some(Dialog::SaveResult { tab, what, files, over: None });
    }

    /// What a report, a picture or a graph of the page is made of.
    pub(super) fn reported(&self) -> Reported {
        let tab = self.tab();
        Reported {
            name: tab.document.name().to_owned(),
            checked: tab.document.checked.clone(),
            registry: self.state.registry.clone(),
            feeds: tab.document.feeds(&self.state.registry),
            files: tab.document.files.clone(),
            clipped: self.state.appearance.warn_clipped / 100.0,
        }
    }

    /// Begins to write a block's result, or what is made of the page; over a file that is there only if that `is_known`. Else why not, and the file.
    pub(crate) fn save_result(
        &mut self,
        what: &Saved,
        path: &Path,
        is_known: bool,
    ) -> Result<(), (String, Option<PathBuf>)> {
        if path.is_dir() {
            return Err(("This is a folder; write the name of a file in it.".to_owned(), None));
        }
        if path.exists() && !is_known {
            let why = "There is a file of that name. Save again to replace it.".to_owned();
            return Err((why, Some(path.to_owned())));
        }
        let wake = waking(self.ctx);
        let Saved::Result(block) = what else {
            let page = self.reported();
            return self.state.host.write_report(path, page, &wake).map_err(|why| (why, None));
        };
        let tab = self.tab();
        let found = tab.document.checked.blocks.get(block).zip(tab.result(block));
        let setup = found.and_then(|(checked, result)| Some((checked.setup.as_ref()?, result.tensors()?)));
        let none = || (format!("{block} has no result; run the page first."), None);
        let (setup, tensors) = setup.ok_or_else(none)?;
        let named = setup.ports.outputs().iter().zip(tensors);
        let results: Vec<(PortRef, Tensor)> =
            named.filter_map(|(port, tensor)| Some((PortRef::new(block, &port.name), tensor.clone()?))).collect();
        if results.is_empty() {
            return Err(none());
        }
        let name = tab.document.name().to_owned();
        self.state.host.write_results(path, &name, results, &wake).map_err(|why| (why, None))?;
        Ok(())
    }
}

impl State {
    /// Tells of results that have been written.
    pub(crate) fn tell_of_written(&mut self) {
        for (path, written) in self.host.written_results() {
            match written {
                Ok(()) if self.open_written_import(&path) => {}
                Ok(()) => self.notice = Some(format!("Saved {}.", path.display())),
                Err(why) => {
                    self.imports.written.retain(|(written, _)| *written != path);
                    let lines = vec![format!("{}: {why}", path.display())];
                    self.notice = None;
                    self.dialog = Some(Dialog::Message { title: "The result could not be saved".to_owned(), lines });
                }
            }
        }
    }
}
