//! The inspector: everything there is to know of the selected block, or of the page.

pub mod attributes;
mod block;
mod damage;
mod inputs;
mod inspecting;
mod page;
mod quantization;
mod range_picture;
mod ranges;
mod result;
pub use result::{courses, plots};
mod rows;
mod scroll;
mod section;

use egui::{Frame, Id, Margin, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};
use egui_commonmark::CommonMarkCache;
use node_core::PortRef;

use crate::command::Command;
use crate::state::dock::Pane;
use crate::state::tab::Tab;
use crate::widgets::names;
use crate::widgets::remarks::Remarks;
use crate::widgets::tokens::Tokens;
pub use inspecting::Inspecting;

/// Draws the inspector of a page.
pub fn show(ui: &mut Ui, inspecting: &mut Inspecting<'_>, remarks: &Remarks, markdown: &mut CommonMarkCache) {
    let tab = inspecting.tab;
    let height = ui.available_height();
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 14, right: 14, top: 12, bottom: 14 }).show(ui, |ui| {
            begin(ui, 0);
            // A field is another one on another page.
            ui.push_id(("page", tab.id), |ui| match tab.view.selected_block() {
                Some(id) => block::show(ui, inspecting, id, height - 26.0, markdown),
                None => page::show(ui, tab, remarks, inspecting.commands),
            });
        });
    });
}

/// Draws an inspector that shows a port, or a whole block, whatever is selected.
pub fn pinned(ui: &mut Ui, inspecting: &mut Inspecting<'_>, port: &PortRef, markdown: &mut CommonMarkCache) {
    let (tab, number) = (inspecting.tab, inspecting.number);
    let height = ui.available_height();
    scrolled(ui, number, |ui| {
        ui.push_id(("page", tab.id, number), |ui| match tab.document.page.block(port.block.as_str()) {
            None => {
                not_there(ui, number, &format!("{} is not on the page any more.", port.block), inspecting.commands);
            }
            Some(_) if port.port.is_empty() => block::show(ui, inspecting, &port.block, height - 26.0, markdown),
            Some(_) => result::port(ui, inspecting, port, height - 26.0),
        });
    });
}

/// Draws an inspector whose page is closed.
pub fn gone(ui: &mut Ui, number: u32, commands: &mut Vec<Command>) {
    scrolled(ui, number, |ui| not_there(ui, number, "Its page is closed.", commands));
}

/// Draws the list of all that there is to say of a page.
pub fn problems(ui: &mut Ui, tab: &Tab, remarks: &Remarks, commands: &mut Vec<Command>) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 14, right: 14, top: 4, bottom: 10 }).show(ui, |ui| {
            page::remarks(ui, tab, remarks, commands);
            if remarks.list().is_empty() {
                ui.label(
                    RichText::new("Nothing is wrong, and there is nothing to warn of.").color(Tokens::of(ui).muted),
                );
            }
        });
    });
}

fn scrolled(ui: &mut Ui, number: u32, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin { left: 14, right: 14, top: 12, bottom: 14 }).show(ui, |ui| {
            begin(ui, number);
            content(ui);
        });
    });
}

fn not_there(ui: &mut Ui, number: u32, why: &str, commands: &mut Vec<Command>) {
    ui.label(why);
    if ui.button("Close").clicked() {
        commands.push(Command::ClosePane(Pane::Inspector(number)));
    }
}

/// Where the keys go that are given to the inspector; Tab goes on from here.
fn begin(ui: &mut Ui, number: u32) {
    let rect = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), 2.0));
    let id = if number == 0 { Id::unique(names::INSPECTOR) } else { Id::unique((names::INSPECTOR, number)) };
    let response = ui.interact(rect, id, Sense::focusable_noninteractive());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, names::INSPECTOR));
    if response.has_focus() {
        ui.painter().hline(rect.x_range(), rect.top() - 4.0, Stroke::new(2.0, Tokens::of(ui).accent));
    }
}
