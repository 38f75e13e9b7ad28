//! The inspector: everything there is to know of the selected block, or of the page.

pub mod attributes;
mod block;
mod inputs;
mod page;
mod quantization;
mod range_picture;
mod result;
mod section;

use egui::{Frame, Id, Margin, Rect, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};
use egui_commonmark::CommonMarkCache;

use crate::command::Command;
use crate::state::tab::Tab;
use crate::widgets::names;
use crate::widgets::remarks::Remarks;
use crate::widgets::tokens::Tokens;

/// Draws the inspector of a page.
pub fn show(ui: &mut Ui, tab: &Tab, remarks: &Remarks, markdown: &mut CommonMarkCache, commands: &mut Vec<Command>) {
    let height = ui.available_height();
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 14, right: 14, top: 12, bottom: 14 }).show(ui, |ui| {
            begin(ui);
            // A field is another one on another page.
            ui.push_id(("page", tab.id), |ui| match tab.view.selected_block() {
                Some(id) => block::show(ui, tab, id, height - 26.0, markdown, commands),
                None => page::show(ui, tab, remarks, commands),
            });
        });
    });
}

/// Where the keys go that are given to the inspector; Tab goes on from here.
fn begin(ui: &mut Ui) {
    let rect = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), 2.0));
    let response = ui.interact(rect, Id::unique(names::INSPECTOR), Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, names::INSPECTOR));
    if response.has_focus() {
        ui.painter().hline(rect.x_range(), rect.top() - 4.0, Stroke::new(2.0, Tokens::of(ui).accent));
    }
}
