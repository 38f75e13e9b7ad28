//! Choosing a file: a folder's pages, and a name.

use std::path::{Path, PathBuf};

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Id, Key, RichText, ScrollArea, TextEdit, Ui};

use super::buttons::buttons;
use crate::host::Entry;
use crate::state::State;
use crate::state::dialog::{Answer, FileDialog};
use crate::widgets::tokens::Tokens;

/// What a file is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To open a page.
    Open,
    /// To save one.
    Save,
    /// To read arrays from.
    Data,
    /// To write arrays to.
    Result,
}

impl Purpose {
    /// What the button says.
    fn verb(self) -> &'static str {
        match self {
            Purpose::Open => "Open",
            Purpose::Save | Purpose::Result => "Save",
            Purpose::Data => "Add",
        }
    }
}

/// Draws it.
pub fn body(ui: &mut Ui, files: &mut FileDialog, state: &State, purpose: Purpose) -> Option<Answer> {
    let is_data = matches!(purpose, Purpose::Data | Purpose::Result);
    let tokens = Tokens::of(ui);
    ui.horizontal(|ui| {
        if ui.button("Up").on_hover_text("The folder above").clicked()
            && let Some(above) = files.folder.parent()
        {
            files.folder = above.to_owned();
        }
        ui.label(RichText::new(files.folder.display().to_string()).color(tokens.muted));
    });
    let entries = match purpose {
        Purpose::Data | Purpose::Result => state.host.data_entries(&files.folder),
        Purpose::Open => state.host.openable(&files.folder),
        Purpose::Save => state.host.entries(&files.folder),
    };
    let mut chosen = None;
    ScrollArea::vertical().max_height(260.0).min_scrolled_height(260.0).auto_shrink([false, false]).show(ui, |ui| {
        match &entries {
            Ok(entries) if entries.is_empty() => {
                let nothing = if is_data { "There are no files with arrays here." } else { "There are no pages here." };
                ui.label(RichText::new(nothing).color(tokens.muted));
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
        .hint_text(if is_data { "name or path of a file" } else { "name or path of a page" })
        .desired_width(f32::INFINITY);
    let response = ui.add(field).accessible_name("File name");
    if !files.opened {
        files.opened = true;
        response.request_focus();
        // Whoever types replaces the name and keeps its ending.
        let ending = if is_data { ".npy" } else { ".json" };
        let stem = files.name.strip_suffix(ending).unwrap_or(&files.name).chars().count();
        let mut state = TextEditState::load(ui.ctx(), response.id).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(stem))));
        state.store(ui.ctx(), response.id);
    }
    if let Some(error) = &files.error {
        ui.label(RichText::new(error).color(tokens.error));
    }
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let answer = buttons(ui, &[(purpose.verb(), Answer::Yes), ("Cancel", Answer::Cancel)], None);
    if let Some(path) = chosen {
        return Some(Answer::File(path));
    }
    match answer {
        Some(Answer::Yes) => choose(files, purpose),
        None if entered => choose(files, purpose),
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

fn choose(files: &mut FileDialog, purpose: Purpose) -> Option<Answer> {
    let name = files.name.trim();
    if name.is_empty() {
        files.error = Some("Choose a file, or type its name.".to_owned());
        return None;
    }
    // `v1.2` has no ending of a page either. What is opened may have any, if it is written out.
    let opens = purpose == Purpose::Open;
    let has_ending = matches!(purpose, Purpose::Data | Purpose::Result)
        || name.ends_with(".json")
        || (opens && Path::new(name).extension().is_some());
    Some(Answer::File(files.folder.join(if has_ending { name.to_owned() } else { format!("{name}.json") })))
}
