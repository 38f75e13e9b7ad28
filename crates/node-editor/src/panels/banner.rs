//! What there is to decide about the page that is shown, over its canvas: its file has changed on the disk.

use egui::{Area, Frame, Id, Order, Rect, RichText, Ui, vec2};

use crate::command::{Command, OfDisk};
use crate::state::tab::{Disk, Tab};
use crate::widgets::tokens::Tokens;

/// Draws it, if there is something to decide.
pub fn show(ui: &mut Ui, canvas: Rect, tab: &Tab, commands: &mut Vec<Command>) {
    let Some(disk) = tab.disk else { return };
    let tokens = Tokens::of(ui);
    let name = tab.document.path.as_ref().and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy();
    let area = Area::new(Id::unique("banner")).order(Order::Middle).fixed_pos(canvas.left_top() + vec2(12.0, 10.0));
    area.constrain_to(canvas).show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).show(ui, |ui| {
            ui.set_max_width(canvas.width() - 48.0);
            ui.horizontal_wrapped(|ui| {
                let (says, answers): (String, &[(&str, OfDisk)]) = match disk {
                    Disk::Other => (
                        format!("{name} has changed on the disk."),
                        &[("Reload", OfDisk::Reload), ("Keep mine", OfDisk::Keep), ("Compare", OfDisk::Compare)],
                    ),
                    Disk::Gone => (format!("{name} is not on the disk any more."), &[("Keep mine", OfDisk::Keep)]),
                };
                ui.label(RichText::new("▲").color(tokens.warning));
                ui.label(says);
                for (text, of_disk) in answers {
                    if ui.button(*text).clicked() {
                        commands.push(Command::Disk(*of_disk));
                    }
                }
            });
        });
    });
}
