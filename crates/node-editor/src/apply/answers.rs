//! What comes of the answer to a dialog.

use super::work::Work;
use crate::command::{Asked, Command};
use crate::host::{Over, SaveRefusal};
use crate::state::State;
use crate::state::dialog::{Answer, Dialog, FileDialog, Then};
use crate::state::tab::TabId;
use crate::typed;

impl Work<'_> {
    pub(super) fn answer(&mut self, dialog: Dialog, answer: Answer) {
        let (state, ctx) = (&mut *self.state, self.ctx);
        state.dialog = None;
        match (dialog, answer) {
            // What a message says does not depend on the answer.
            (Dialog::Message { .. } | Dialog::Help | Dialog::Commands(_), Answer::Cancel) => {}
            (Dialog::Recover { .. } | Dialog::Compare { .. } | Dialog::Gradient(_), Answer::Cancel) => {}
            (Dialog::Gradient(gradient), Answer::Yes) => {
                if let Some(index) = state.index_of(gradient.tab) {
                    Work { state, index, ctx }.add_gradient(gradient);
                }
            }
            (Dialog::Place(_) | Dialog::Device(_), Answer::Cancel) => {}
            (Dialog::Place(place), answer) => {
                if let Some(index) = state.index_of(place.tab) {
                    Work { state, index, ctx }.place(place, answer);
                }
            }
            (Dialog::Device(device), Answer::Yes) => {
                if let Some(index) = state.index_of(device.tab) {
                    Work { state, index, ctx }.set_device(device);
                }
            }
            (Dialog::SaveImport { from, .. }, Answer::Cancel) => state.give_up_import(&from),
            (Dialog::SaveImport { from, files, over }, Answer::File(path)) => {
                let is_known = over.as_deref() == Some(path.as_path());
                if let Err((why, over)) = state.save_import(ctx, &from, &path, is_known) {
                    state.dialog = Some(Dialog::SaveImport { from, files: files.again(why), over });
                }
            }
            (Dialog::Data { .. } | Dialog::Arrays { .. } | Dialog::SaveResult { .. }, Answer::Cancel) => {}
            (Dialog::SaveResult { tab, what, files, over }, Answer::File(path)) => {
                let is_known = over.as_deref() == Some(path.as_path());
                if let Some(index) = state.index_of(tab)
                    && let Err((why, over)) = (Work { state, index, ctx }).save_result(&what, &path, is_known)
                {
                    state.dialog = Some(Dialog::SaveResult { tab, what, files: files.again(why), over });
                }
            }
            (Dialog::Data { tab, feeds: Some(port), .. }, Answer::File(path)) => {
                if let Some(index) = state.index_of(tab) {
                    Work { state, index, ctx }.feed_file(&path, port);
                }
            }
            (Dialog::Data { tab, .. }, Answer::File(path)) => {
                state.apply(
                    ctx,
                    Asked { page: tab, canvas: None, command: Command::Drop { paths: vec![path], at: None } },
                );
            }
            (Dialog::Arrays { tab, choices, at, feeds, .. }, Answer::Yes) => {
                let chosen = choices.into_iter().filter(|choice| choice.is_chosen);
                let mut arrays: Vec<_> = chosen.map(|choice| (choice.path, choice.part)).collect();
                let Some(index) = state.index_of(tab) else { return };
                let mut work = Work { state, index, ctx };
                match (feeds, arrays.pop()) {
                    (Some(port), Some((path, part))) => work.begin_feeding(port, path, part),
                    (Some(_), None) => {}
                    (None, last) => {
                        arrays.extend(last);
                        work.add_files(&arrays, at);
                    }
                }
            }
            (_, Answer::Cancel) => state.stay(),
            (Dialog::Open(_), Answer::File(path)) => state.open_path(&path),
            (Dialog::SaveAs { tab, then, files }, Answer::File(path)) => {
                let quitting = state.quitting;
                state.save_to(tab, path, None, then);
                state.ask_again(tab, then, files, quitting);
            }
            (Dialog::Unsaved { tab }, Answer::Yes) => {
                if let Some(index) = state.index_of(tab) {
                    state.tabs[index].view.typing.clear();
                }
                state.save(tab, if state.quitting { Then::Stay } else { Then::Close });
            }
            (Dialog::Unsaved { tab }, _) if state.quitting => {
                // Until the program ends nothing is lost: the person may think again.
                if let Some(index) = state.index_of(tab) {
                    state.tabs[index].given_up = true;
                }
            }
            (Dialog::Unsaved { tab }, _) => state.drop_tab(tab),
            (Dialog::Overwrite { tab, path, then, refusal }, Answer::Yes) => {
                let protected = refusal == SaveRefusal::ReadOnly;
                let over = if protected { Over::EvenReadOnly } else { Over::Anything };
                state.save_to(tab, path, Some(over), then);
            }
            (Dialog::Overwrite { tab, then, .. }, Answer::No) => state.ask_where(tab, then),
            (Dialog::Overwrite { tab, path, .. }, Answer::Reload) => state.reload(tab, &path),
            (Dialog::Compare { tab, .. }, Answer::Reload) => state.reload_from_disk(tab),
            (Dialog::Compare { tab, .. }, Answer::Yes) => state.keep_mine(tab),
            (Dialog::Value(value), Answer::Yes) => {
                let Some(tab) = state.page(value.tab) else { return };
                let command = typed::of_dialog(&tab.document.checked, &value).ok().flatten();
                command
                    .into_iter()
                    .for_each(|command| state.apply(ctx, Asked { page: value.tab, canvas: None, command }));
            }
            (Dialog::Recover { found }, Answer::Yes) => state.open_recovered(found),
            (Dialog::Recover { found }, Answer::No) => state.host.discard(&found),
            _ => {}
        }
    }
}

impl State {
    /// What could not be saved is told where the name can be mended.
    fn ask_again(&mut self, tab: TabId, then: Then, files: FileDialog, quitting: bool) {
        if let Some(Dialog::Message { lines, .. }) = &self.dialog {
            let files = files.again(lines.first().cloned().unwrap_or_default());
            self.dialog = Some(Dialog::SaveAs { tab, then, files });
            self.quitting = quitting;
        }
    }
}
