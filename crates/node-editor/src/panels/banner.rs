//! What there is to decide about the page that is shown, over its canvas: its file has changed on the disk, or its blocks
//! want to read files elsewhere.

use std::path::Path;

use egui::{Area, Frame, Id, Order, Rect, RichText, Ui, vec2};

use crate::command::{Command, OfDisk};
use crate::state::tab::{Disk, Tab};
use crate::widgets::tokens::Tokens;

/// Draws it, if there is something to decide.
pub fn show(ui: &mut Ui, canvas: Rect, tab: &Tab, commands: &mut Vec<Command>) {
    let folder = tab.document.outside.first().filter(|_| tab.asks_for_data);
    let Some((says, answers)) = of_disk(tab).or_else(|| folder.map(|folder| of_data(folder))) else { return };
    let tokens = Tokens::of(ui);
    let area = Area::new(Id::unique("banner")).order(Order::Middle).fixed_pos(canvas.left_top() + vec2(12.0, 10.0));
    area.constrain_to(canvas).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_max_width(canvas.width() - 48.0);
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new("▲").color(tokens.warning));
                ui.label(says);
                for (text, command) in answers {
                    if ui.button(text).clicked() {
                        commands.push(command);
                    }
                }
            });
        });
    });
}

/// What is said, and what can be answered.
type Asked = (String, Vec<(&'static str, Command)>);

fn of_disk(tab: &Tab) -> Option<Asked> {
    let disk = tab.disk?;
    let name = tab.document.path.as_ref().and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy();
    let keep = ("Keep mine", Command::Disk(OfDisk::Keep));
    Some(match disk {
        Disk::Other => (
            format!("{name} has changed on the disk."),
            vec![("Reload", Command::Disk(OfDisk::Reload)), keep, ("Compare", Command::Disk(OfDisk::Compare))],
        ),
        Disk::Gone => (format!("{name} is not on the disk any more."), vec![keep]),
    })
}

/// A page that comes from elsewhere is not to look around on one's disk.
fn of_data(folder: &Path) -> Asked {
    let says = format!("This page wants to read files in {} and the folders below it.", folder.display());
    (says, vec![("Allow", Command::AllowData(folder.to_owned())), ("Not now", Command::RefuseData)])
}
