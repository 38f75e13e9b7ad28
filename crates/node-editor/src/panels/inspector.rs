//! The inspector: everything there is to know of the selected block, or of the page.

pub mod attributes;
mod block;
mod inputs;
mod page;
mod quantization;
mod range_picture;
mod result;
mod section;

use egui::{Frame, Margin, ScrollArea, Ui};
use egui_commonmark::CommonMarkCache;

use crate::command::Command;
use crate::state::tab::Tab;
use crate::widgets::remarks::Remarks;

/// Draws the inspector of a page.
pub fn show(ui: &mut Ui, tab: &Tab, remarks: &Remarks, markdown: &mut CommonMarkCache, commands: &mut Vec<Command>) {
    let height = ui.available_height();
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 14, right: 14, top: 12, bottom: 14 }).show(ui, |ui| {
            // A field is another one on another page.
            ui.push_id(("page", tab.id), |ui| match tab.view.selected_block() {
                Some(id) => block::show(ui, tab, id, height - 26.0, markdown, commands),
                None => page::show(ui, tab, remarks, commands),
            });
        });
    });
}
