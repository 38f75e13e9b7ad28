//! Dialogs: files, what is not saved, what went wrong.
//!
//! The file dialog is the editor's own: desktops without a portal, and remote ones, have no other that works.

mod arrays;
mod buttons;
mod commands;
mod files;
mod gradient;
mod place;
mod value;

use egui::{Frame, Id, Margin, Modal, RichText, ScrollArea, Ui};

use super::help;
use crate::actions::{Action, Keymap};
use crate::command::{Command, Glance};
use node_core::number::bytes_text;

use crate::host::SaveRefusal;
use crate::size;
use crate::state::State;
use crate::state::dialog::{Answer, Dialog, Saved};
use crate::state::tab::TabId;
use crate::widgets::theme::semibold;
use buttons::buttons;
use files::Purpose;

/// Draws the open dialog, if there is one.
pub fn show(ui: &mut Ui, state: &State, keymap: &Keymap, commands: &mut Vec<Command>) {
    let Some(was) = &state.dialog else { return };
    let mut dialog = was.clone();
    let mut chosen = None;
    let id = Id::unique(("dialog", std::mem::discriminant(&dialog)));
    let title = title(&dialog, state);
    let area = Modal::default_area(id).accessible_name(title.clone());
    let frame = Frame::popup(ui.style()).inner_margin(Margin::same(16));
    let response = Modal::new(id).area(area).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width(&dialog));
        ui.label(RichText::new(&title).family(semibold()).size(size::HEADING));
        ui.add_space(6.0);
        body(ui, &mut dialog, state, keymap, &mut chosen)
    });
    if let Some(action) = chosen {
        // Closed first: the action may open another.
        commands.extend([Command::Look(Glance::Dialog(None)), Command::Do(action)]);
        return;
    }
    let answer = if response.should_close() { Some(Answer::Cancel) } else { response.inner };
    match answer {
        Some(answer) => commands.push(Command::Answer(Box::new(dialog), answer)),
        None if dialog != *was => commands.push(Command::Look(Glance::Dialog(Some(Box::new(dialog))))),
        None => {}
    }
}

fn width(dialog: &Dialog) -> f32 {
    match dialog {
        Dialog::Value(_) => 640.0,
        Dialog::Help => 600.0,
        Dialog::Commands(_) => 520.0,
        _ => 460.0,
    }
}

fn title(dialog: &Dialog, state: &State) -> String {
    let name = |tab: &TabId| state.index_of(*tab).map_or("", |i| state.tabs[i].document.name()).to_owned();
    match dialog {
        Dialog::Open(_) => "Open a page".to_owned(),
        Dialog::Data { feeds: Some(port), .. } => format!("Feed {port}"),
        Dialog::Data { .. } => "Add data".to_owned(),
        Dialog::SaveResult { what: Saved::Result(block), .. } => format!("Save the result of {block}"),
        Dialog::SaveResult { tab, what: Saved::Report, .. } => format!("Save a report or a picture of {}", name(tab)),
        Dialog::SaveResult { tab, what: Saved::Graph, .. } => format!("Export {} to TensorFlow", name(tab)),
        Dialog::SaveImport { from, .. } => {
            format!("Save the page of {}", from.file_name().unwrap_or_default().to_string_lossy())
        }
        Dialog::Arrays { feeds: Some(port), .. } => format!("Which array feeds {port}?"),
        Dialog::Arrays { .. } => "Which arrays?".to_owned(),
        Dialog::Value(value) => format!("Value of {}", value.name),
        Dialog::Gradient(_) => "Add a gradient".to_owned(),
        Dialog::Place(place) => format!("Where {} runs", name(&place.tab)),
        Dialog::Device(_) => "Device".to_owned(),
        Dialog::Recover { .. } => "Nudge ended before these were saved".to_owned(),
        Dialog::Help => "How to work here".to_owned(),
        Dialog::Commands(_) => "Commands".to_owned(),
        Dialog::SaveAs { tab, .. } => format!("Save {} as", name(tab)),
        Dialog::Compare { tab, .. } => format!("{} on the disk", name(tab)),
        Dialog::Unsaved { tab } => format!("{} has changes that are not saved", name(tab)),
        Dialog::Overwrite { refusal: SaveRefusal::Changed, .. } => "Somebody else changed the file".to_owned(),
        Dialog::Overwrite { refusal: SaveRefusal::ReadOnly, .. } => "The file is read-only".to_owned(),
        Dialog::Overwrite { .. } => "There is a file of that name already".to_owned(),
        Dialog::Message { title, .. } => title.clone(),
    }
}

/// Draws what a dialog holds; an action of the list is `chosen`.
fn body(
    ui: &mut Ui,
    dialog: &mut Dialog,
    state: &State,
    keymap: &Keymap,
    chosen: &mut Option<Action>,
) -> Option<Answer> {
    match dialog {
        Dialog::Open(files) => files::body(ui, files, state, Purpose::Open),
        Dialog::SaveAs { files, .. } => files::body(ui, files, state, Purpose::Save),
        Dialog::SaveImport { from, files, .. } => {
            if let Some((count, bytes)) = state.constants_of_import(from) {
                let size = bytes_text(bytes);
                ui.label(format!(
                    "{count} of its constants are large ({size}): they go to a file beside the page, which its blocks read."
                ));
                ui.add_space(4.0);
            }
            files::body(ui, files, state, Purpose::Save)
        }
        Dialog::Data { files, .. } => files::body(ui, files, state, Purpose::Data),
        Dialog::SaveResult { files, .. } => files::body(ui, files, state, Purpose::Result),
        Dialog::Arrays { choices, wrong, feeds, .. } => arrays::body(ui, choices, wrong, feeds.is_some()),
        Dialog::Value(value) => value::body(ui, value, state),
        Dialog::Gradient(gradient) => gradient::body(ui, gradient, state),
        Dialog::Place(place) => place::body(ui, place, state),
        Dialog::Device(device) => place::device(ui, device, state),
        Dialog::Commands(list) => commands::body(ui, list, state, keymap, chosen),
        Dialog::Help => {
            help::show(ui, keymap);
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
            let has_file = state.index_of(*tab).is_some_and(|index| state.tabs[index].document.path.is_some());
            ui.label(match has_file {
                true => "Without saving, the changes since the last save are lost.",
                false => "It was never saved: without saving, all of it is lost.",
            });
            let typed = state.index_of(*tab).map(|index| &state.tabs[index].view.typing);
            if let Some(text) = typed.and_then(|typed| typed.values().next()) {
                ui.label(format!("What is typed but not good yet is lost in any case: {text}"));
            }
            buttons(ui, &[("Save", Answer::Yes), ("Don't save", Answer::No), ("Cancel", Answer::Cancel)], Some(0))
        }
        Dialog::Compare { lines, .. } => {
            ui.label("What is on the disk, compared with what is open here: + more, − less, ~ otherwise.");
            ui.add_space(4.0);
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for line in lines.iter() {
                    ui.label(RichText::new(line).monospace());
                }
            });
            let answers = [("Reload", Answer::Reload), ("Keep mine", Answer::Yes), ("Later", Answer::Cancel)];
            buttons(ui, &answers, Some(2))
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
