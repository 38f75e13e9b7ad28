//! Graphs of other programs: read beside the window, and opened as pages.

use std::path::{Path, PathBuf};

use egui::Context;

use super::data::waking;
use crate::host::ImportedPage;
use crate::state::State;
use crate::state::dialog::{Dialog, FileDialog};

impl State {
    /// Begins to read what is to be imported, opens what has been read, and asks where it is to be where it has to be
    /// somewhere.
    pub(crate) fn follow_imports(&mut self, ctx: &Context) {
        for path in std::mem::take(&mut self.imports.wanted) {
            let registry = self.registry.clone();
            if let Err(why) = self.host.begin_import(&path, &registry, &waking(ctx)) {
                self.dialog = Some(not_read(vec![why]));
            }
        }
        for (path, imported) in self.host.imported() {
            match imported {
                Ok(imported) if imported.constants.is_empty() => {
                    self.open_imported(&path, imported.page, imported.left_out);
                }
                Ok(imported) => self.imports.read.push((path, imported)),
                Err(problems) => {
                    let lines = problems.iter().map(|problem| problem.in_file(path.display())).collect();
                    self.dialog = Some(not_read(lines));
                }
            }
        }
        if self.dialog.is_none()
            && let Some((path, _)) = self.imports.read.first()
        {
            let name = path.with_extension("json").file_name().unwrap_or_default().to_string_lossy().into_owned();
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let files = FileDialog::new(folder, name);
            self.dialog = Some(Dialog::SaveImport { from: path.clone(), files, over: None });
        }
    }

    /// Begins to write an imported page with its constants; over a file that is there only if that `is_known`. Else why
    /// not, and the file.
    pub(crate) fn save_import(
        &mut self,
        ctx: &Context,
        from: &Path,
        path: &Path,
        is_known: bool,
    ) -> Result<(), (String, Option<PathBuf>)> {
        if path.is_dir() {
            return Err(("This is a folder; write the name of a file in it.".to_owned(), None));
        }
        if self.tab_of_file(path).is_some() {
            return Err(("This page is open; choose another name, or close it first.".to_owned(), None));
        }
        if path.exists() && !is_known {
            let why = "There is a file of that name. Save again to replace it.".to_owned();
            return Err((why, Some(path.to_owned())));
        }
        let Some(at) = self.imports.read.iter().position(|(read, _)| read == from) else { return Ok(()) };
        let (from, imported) = self.imports.read.remove(at);
        let lines = imported.left_out.clone();
        match self.host.write_import(path, imported.clone(), &waking(ctx)) {
            Ok(()) => {
                self.imports.written.push((path.to_owned(), lines));
                Ok(())
            }
            Err(why) => {
                self.imports.read.insert(at, (from, imported));
                Err((why, None))
            }
        }
    }

    /// An imported page has no place: it is not opened.
    pub(crate) fn give_up_import(&mut self, from: &Path) {
        self.imports.read.retain(|(path, _)| path != from);
        self.notice = Some(format!("{} was not imported.", from.display()));
    }

    /// Opens an imported page that has been written, and says whether that is what `path` was.
    pub(crate) fn open_written_import(&mut self, path: &Path) -> bool {
        let Some(at) = self.imports.written.iter().position(|(written, _)| written == path) else { return false };
        let (_, left_out) = self.imports.written.remove(at);
        self.open_path(path);
        self.tell_left_out(left_out);
        true
    }

    /// What there is to say of the page that is asked about: how many constants go to a file of their own.
    pub(crate) fn constants_of_import(&self, from: &Path) -> Option<(usize, u64)> {
        let (_, ImportedPage { constants, .. }) = self.imports.read.iter().find(|(path, _)| path == from)?;
        Some((constants.len(), constants.iter().map(|(_, tensor)| tensor.bytes()).sum()))
    }
}

fn not_read(lines: Vec<String>) -> Dialog {
    Dialog::Message { title: "This graph cannot be read".to_owned(), lines }
}
