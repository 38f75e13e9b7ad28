//! Dialogs: files, what is not saved, what went wrong.
//!
//! The file dialog is the editor's own: desktops without a portal, and remote ones, have no other that works.

mod files;
mod value;

use std::path::PathBuf;

use egui::{Align, Button, Frame, Id, Key, Layout, Margin, Modal, RichText, ScrollArea, Ui};

use crate::command::Command;
use crate::editor::{Editor, TabId};
use crate::host::{Over, Recovered, SaveRefusal};
use crate::theme::semibold;
use crate::tokens::{Tokens, size};
pub use files::FileDialog;
pub use value::ValueDialog;

/// What comes once a page is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays open.
    Stay,
    /// It is closed.
    Close,
}

/// A dialog that is open.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Opens a page.
    Open(FileDialog),
    /// Saves a page under another name.
    SaveAs {
        /// Which page.
        tab: TabId,
        /// What comes then.
        then: Then,
        /// Where.
        files: FileDialog,
    },
    /// A page is not saved.
    Unsaved {
        /// Which page.
        tab: TabId,
    },
    /// Something is in the way of saving.
    Overwrite {
        /// Which page.
        tab: TabId,
        /// What comes then.
        then: Then,
        /// Where.
        path: PathBuf,
        /// What stands in the way.
        refusal: SaveRefusal,
    },
    /// Edits a value.
    Value(ValueDialog),
    /// Unsaved changes of an earlier session were found.
    Recover {
        /// The pages.
        found: Vec<Recovered>,
    },
    /// Tells of gestures and keys.
    Help,
    /// Something went wrong.
    Message {
        /// What.
        title: String,
        /// In detail.
        lines: Vec<String>,
    },
}

impl Dialog {
    /// The page that it is about.
    pub fn tab(&self) -> Option<TabId> {
        match self {
            Dialog::SaveAs { tab, .. } | Dialog::Unsaved { tab } | Dialog::Overwrite { tab, .. } => Some(*tab),
            Dialog::Value(value) => Some(value.tab),
            Dialog::Open(_) | Dialog::Recover { .. } | Dialog::Help | Dialog::Message { .. } => None,
        }
    }
}

/// What a person answers.
enum Answer {
    Stay,
    Cancel,
    Yes,
    No,
    Reload,
    File(PathBuf),
}

/// Draws the open dialog, if there is one, and does what the person answers.
pub fn show(ui: &mut Ui, editor: &mut Editor, commands: &mut Vec<Command>) {
    let Some(mut dialog) = editor.dialog.take() else { return };
    let id = Id::unique(("dialog", std::mem::discriminant(&dialog)));
    let title = title(&dialog, editor);
    let area = Modal::default_area(id).accessible_name(title.clone());
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    let response = Modal::new(id).area(area).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width(&dialog));
        ui.label(RichText::new(&title).family(semibold()).size(size::HEADING));
        ui.add_space(6.0);
        body(ui, &mut dialog, editor)
    });
    let answer = if response.should_close() { Answer::Cancel } else { response.inner };
    match answer {
        Answer::Stay => editor.dialog = Some(dialog),
        // What a message says does not depend on the answer.
        Answer::Cancel if matches!(dialog, Dialog::Message { .. } | Dialog::Help | Dialog::Recover { .. }) => {}
        Answer::Cancel => editor.stay(),
        answer => settle(dialog, answer, editor, commands),
    }
}

fn width(dialog: &Dialog) -> f32 {
    match dialog {
        Dialog::Value(_) => 640.0,
        Dialog::Help => 600.0,
        _ => 460.0,
    }
}

fn title(dialog: &Dialog, editor: &Editor) -> String {
    let name = |tab: &TabId| editor.index_of(*tab).map_or("", |i| editor.tabs[i].document.name()).to_owned();
    match dialog {
        Dialog::Open(_) => "Open a page".to_owned(),
        Dialog::Value(value) => value.title(),
        Dialog::Recover { .. } => "Nudge ended before these were saved".to_owned(),
        Dialog::Help => "How to work here".to_owned(),
        Dialog::SaveAs { tab, .. } => format!("Save {} as", name(tab)),
        Dialog::Unsaved { tab } => format!("{} has changes that are not saved", name(tab)),
        Dialog::Overwrite { refusal: SaveRefusal::Changed, .. } => "Somebody else changed the file".to_owned(),
        Dialog::Overwrite { refusal: SaveRefusal::ReadOnly, .. } => "The file is read-only".to_owned(),
        Dialog::Overwrite { .. } => "There is a file of that name already".to_owned(),
        Dialog::Message { title, .. } => title.clone(),
    }
}

fn body(ui: &mut Ui, dialog: &mut Dialog, editor: &Editor) -> Answer {
    match dialog {
        Dialog::Open(files) => files::body(ui, files, editor, "Open"),
        Dialog::SaveAs { files, .. } => files::body(ui, files, editor, "Save"),
        Dialog::Value(value) => value.body(ui, editor),
        Dialog::Help => {
            crate::help::show(ui);
            buttons(ui, &[("Close", Answer::Cancel)], Some(0))
        }
        Dialog::Recover { found } => {
            for recovered in found.iter() {
                ui.label(recovered.path.as_ref().map_or(recovered.name.clone(), |path| path.display().to_string()));
            }
            ui.add_space(4.0);
            ui.label("Opened, they are pages with changes to be saved. Their files are as they were.");
            let answers = [("Open them", Answer::Yes), ("Discard them", Answer::No), ("Later", Answer::Cancel)];
            buttons(ui, &answers, Some(0))
        }
        Dialog::Unsaved { tab } => {
            let has_file = editor.index_of(*tab).is_some_and(|index| editor.tabs[index].document.path.is_some());
            ui.label(match has_file {
                true => "Without saving, the changes since the last save are lost.",
                false => "It was never saved: without saving, all of it is lost.",
            });
            let typed = editor.index_of(*tab).map(|index| &editor.tabs[index].view.typing);
            if let Some(text) = typed.and_then(|typed| typed.values().next()) {
                ui.label(format!("What is typed but not good yet is lost in any case: {text}"));
            }
            buttons(ui, &[("Save", Answer::Yes), ("Don't save", Answer::No), ("Cancel", Answer::Cancel)], Some(0))
        }
        Dialog::Overwrite { path, refusal, .. } => {
            ui.label(path.display().to_string());
            ui.label(match refusal {
                SaveRefusal::Changed => "It is not what was opened here. Saving replaces what the other wrote.",
                SaveRefusal::ReadOnly => "Its permissions protect it. Replacing it leaves them as they are.",
                _ => "Saving replaces it.",
            });
            let mut answers = vec![("Replace it", Answer::Yes), ("Save as…", Answer::No), ("Cancel", Answer::Cancel)];
            if *refusal == SaveRefusal::Changed {
                answers.insert(2, ("Reload, losing my changes", Answer::Reload));
            }
            buttons(ui, &answers, Some(1))
        }
        Dialog::Message { lines, .. } => {
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for line in lines.iter() {
                    ui.label(line);
                }
            });
            buttons(ui, &[("OK", Answer::Cancel)], Some(0))
        }
    }
}

/// Buttons for the answers, the first at the right. Enter gives the one that is emphasized, unless a control has the
/// focus.
fn buttons(ui: &mut Ui, answers: &[(&str, Answer)], emphasized: Option<usize>) -> Answer {
    ui.add_space(10.0);
    let tokens = Tokens::of(ui);
    let mut given = None;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for (nth, (text, _)) in answers.iter().enumerate() {
            let is_emphasized = emphasized == Some(nth);
            let button = match is_emphasized {
                true => Button::new(RichText::new(*text).color(tokens.on_accent)).fill(tokens.accent),
                false => Button::new(*text),
            };
            if ui.add(button).clicked() {
                given = Some(nth);
            }
        }
    });
    let enter = ui.memory(|memory| memory.focused().is_none()) && ui.input(|i| i.key_pressed(Key::Enter));
    let given = given.or(emphasized.filter(|_| enter));
    match given.map(|nth| &answers[nth].1) {
        None => Answer::Stay,
        Some(Answer::Yes) => Answer::Yes,
        Some(Answer::No) => Answer::No,
        Some(Answer::Reload) => Answer::Reload,
        Some(_) => Answer::Cancel,
    }
}

fn settle(dialog: Dialog, answer: Answer, editor: &mut Editor, commands: &mut Vec<Command>) {
    match (dialog, answer) {
        (Dialog::Open(_), Answer::File(path)) => commands.push(Command::OpenPath(path)),
        (Dialog::SaveAs { tab, then, files }, Answer::File(path)) => {
            let quitting = editor.quitting;
            editor.save_to(tab, path, None, then);
            // What could not be is told where the name can be mended.
            if let Some(Dialog::Message { lines, .. }) = &editor.dialog {
                let files = files.again(lines.first().cloned().unwrap_or_default());
                editor.dialog = Some(Dialog::SaveAs { tab, then, files });
                editor.quitting = quitting;
            }
        }
        (Dialog::Unsaved { tab }, Answer::Yes) => {
            if let Some(index) = editor.index_of(tab) {
                editor.tabs[index].view.typing.clear();
            }
            editor.save(tab, if editor.quitting { Then::Stay } else { Then::Close });
        }
        (Dialog::Unsaved { tab }, _) if editor.quitting => {
            // Until the program ends nothing is lost: the person may think again.
            if let Some(index) = editor.index_of(tab) {
                editor.tabs[index].given_up = true;
            }
        }
        (Dialog::Unsaved { tab }, _) => editor.drop_tab(tab),
        (Dialog::Overwrite { tab, path, then, refusal }, Answer::Yes) => {
            let protected = refusal == SaveRefusal::ReadOnly;
            let over = if protected { Over::EvenReadOnly } else { Over::Anything };
            editor.save_to(tab, path, Some(over), then);
        }
        (Dialog::Overwrite { tab, then, .. }, Answer::No) => editor.ask_where(tab, then),
        (Dialog::Overwrite { tab, path, .. }, Answer::Reload) => editor.reload(tab, &path),
        (Dialog::Value(value), Answer::Yes) => {
            // What it asks for is about the page that is shown.
            if let Some(index) = editor.index_of(value.tab) {
                editor.show_tab(index);
                commands.extend(value.command(editor));
            }
        }
        (Dialog::Recover { found }, Answer::Yes) => editor.open_recovered(found),
        (Dialog::Recover { found }, Answer::No) => editor.host.discard(&found),
        _ => {}
    }
}
