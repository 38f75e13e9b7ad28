//! Dialogs: files, what is not saved, what went wrong.
//!
//! The file dialog is the editor's own: desktops without a portal, and remote ones, have no other that works.

use std::path::{Path, PathBuf};

use egui::{Align, Frame, Id, Key, Layout, Margin, Modal, RichText, ScrollArea, TextEdit, Ui};

use crate::command::Command;
use crate::editor::{Editor, TabId};
use crate::host::{Entry, Over, SaveRefusal};
use crate::theme::semibold;
use crate::tokens::{Tokens, size};

/// Choosing a file.
#[derive(Clone, Debug)]
pub struct FileDialog {
    folder: PathBuf,
    name: String,
    error: Option<String>,
    opened: bool,
}

impl FileDialog {
    /// In a folder, with a name to begin with.
    pub fn new(folder: PathBuf, name: String) -> FileDialog {
        FileDialog { folder, name, error: None, opened: false }
    }
}

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
            Dialog::Open(_) | Dialog::Message { .. } => None,
        }
    }
}

/// What a person answers.
enum Answer {
    Stay,
    Cancel,
    Yes,
    No,
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
        ui.set_width(460.0);
        ui.label(RichText::new(&title).family(semibold()).size(size::HEADING));
        ui.add_space(6.0);
        body(ui, &mut dialog, editor)
    });
    let answer = if response.should_close() { Answer::Cancel } else { response.inner };
    match answer {
        Answer::Stay => editor.dialog = Some(dialog),
        // What a message says does not depend on the answer.
        Answer::Cancel if matches!(dialog, Dialog::Message { .. }) => {}
        Answer::Cancel => editor.stay(),
        answer => settle(dialog, answer, editor, commands),
    }
}

fn title(dialog: &Dialog, editor: &Editor) -> String {
    let name = |tab: &TabId| editor.index_of(*tab).map_or("", |i| editor.tabs[i].document.name()).to_owned();
    match dialog {
        Dialog::Open(_) => "Open a page".to_owned(),
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
        Dialog::Open(files) => file_body(ui, files, editor, "Open"),
        Dialog::SaveAs { files, .. } => file_body(ui, files, editor, "Save"),
        Dialog::Unsaved { tab } => {
            ui.label("Without saving, the changes since the last save are lost.");
            let typed = editor.index_of(*tab).map(|index| &editor.tabs[index].view.typing);
            if let Some(text) = typed.and_then(|typed| typed.values().next()) {
                ui.label(format!("What is typed but not good yet is lost in any case: {text}"));
            }
            buttons(ui, &[("Save", Answer::Yes), ("Don't save", Answer::No), ("Cancel", Answer::Cancel)])
        }
        Dialog::Overwrite { path, refusal, .. } => {
            ui.label(path.display().to_string());
            ui.label(match refusal {
                SaveRefusal::Changed => "It is not what was opened here. Saving replaces what the other wrote.",
                SaveRefusal::ReadOnly => "Its permissions protect it. Replacing it leaves them as they are.",
                _ => "Saving replaces it.",
            });
            buttons(ui, &[("Replace it", Answer::Yes), ("Save as…", Answer::No), ("Cancel", Answer::Cancel)])
        }
        Dialog::Message { lines, .. } => {
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for line in lines.iter() {
                    ui.label(line);
                }
            });
            buttons(ui, &[("OK", Answer::Cancel)])
        }
    }
}

fn buttons(ui: &mut Ui, answers: &[(&str, Answer)]) -> Answer {
    ui.add_space(10.0);
    let mut given = Answer::Stay;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        for (text, answer) in answers {
            if ui.button(*text).clicked() {
                given = match answer {
                    Answer::Yes => Answer::Yes,
                    Answer::No => Answer::No,
                    _ => Answer::Cancel,
                };
            }
        }
    });
    given
}

fn file_body(ui: &mut Ui, files: &mut FileDialog, editor: &Editor, verb: &str) -> Answer {
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        if ui.button("Up").on_hover_text("The folder above").clicked()
            && let Some(above) = files.folder.parent()
        {
            files.folder = above.to_owned();
        }
        ui.label(RichText::new(files.folder.display().to_string()).color(tokens.muted));
    });
    let entries = editor.host.entries(&files.folder);
    let mut chosen = None;
    ScrollArea::vertical().max_height(260.0).min_scrolled_height(260.0).auto_shrink([false, false]).show(ui, |ui| {
        match &entries {
            Ok(entries) if entries.is_empty() => {
                ui.label(RichText::new("There are no pages here.").color(tokens.muted));
            }
            Ok(entries) => entries.iter().for_each(|entry| list_entry(ui, entry, files, &mut chosen)),
            Err(error) => {
                ui.label(RichText::new(error).color(tokens.error));
            }
        }
    });
    ui.add_space(4.0);
    let field = TextEdit::singleline(&mut files.name)
        .id(Id::unique("file name"))
        .hint_text("name or path of a page")
        .desired_width(f32::INFINITY);
    let response = ui.add(field).accessible_name("File name");
    if !files.opened {
        files.opened = true;
        response.request_focus();
    }
    if let Some(error) = &files.error {
        ui.label(RichText::new(error).color(tokens.error));
    }
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let answer = buttons(ui, &[(verb, Answer::Yes), ("Cancel", Answer::Cancel)]);
    if let Some(path) = chosen {
        return Answer::File(path);
    }
    match answer {
        Answer::Yes => choose(files, verb == "Open"),
        Answer::Stay if entered => choose(files, verb == "Open"),
        other => other,
    }
}

fn list_entry(ui: &mut Ui, entry: &Entry, files: &mut FileDialog, chosen: &mut Option<PathBuf>) {
    let text = if entry.is_file { entry.name.clone() } else { format!("{}/", entry.name) };
    let response = ui.selectable_label(entry.is_file && files.name == entry.name, text);
    if response.clicked() {
        if entry.is_file {
            files.name = entry.name.clone();
        } else {
            files.folder = files.folder.join(&entry.name);
        }
    }
    if response.double_clicked() && entry.is_file {
        *chosen = Some(files.folder.join(&entry.name));
    }
}

fn choose(files: &mut FileDialog, opens: bool) -> Answer {
    let name = files.name.trim();
    if name.is_empty() {
        files.error = Some("Choose a file, or type its name.".to_owned());
        return Answer::Stay;
    }
    // `v1.2` has no ending of a page either. What is opened may have any, if it is written out.
    let has_ending = name.ends_with(".json") || (opens && Path::new(name).extension().is_some());
    Answer::File(files.folder.join(if has_ending { name.to_owned() } else { format!("{name}.json") }))
}

fn settle(dialog: Dialog, answer: Answer, editor: &mut Editor, commands: &mut Vec<Command>) {
    match (dialog, answer) {
        (Dialog::Open(_), Answer::File(path)) => commands.push(Command::OpenPath(path)),
        (Dialog::SaveAs { tab, then, .. }, Answer::File(path)) => editor.save_to(tab, path, None, then),
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
        _ => {}
    }
}
