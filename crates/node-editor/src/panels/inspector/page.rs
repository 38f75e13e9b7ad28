//! The page: its name, everything that there is to say of it, and its blocks.

use egui::{Align, Color32, DragValue, Label, Layout, Rect, RichText, Ui, vec2};

use super::block::fixes;
use super::section::{remark, section};
use crate::actions::Action;
use crate::command::{Command, Glance};
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::remarks::{Remark, Remarks, Severity};
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;

/// So many remarks and blocks are listed, …
const LISTED: usize = 200;
/// … and so many of the selected ones.
const NAMED: usize = 40;

/// Draws the page's inspector.
pub fn show(ui: &mut Ui, tab: &Tab, remarks: &Remarks, commands: &mut Vec<Command>) {
    if tab.view.selection.len() > 1 {
        let n = tab.view.selection.len();
        ui.label(RichText::new(format!("{n} blocks selected")).family(semibold()).size(size::HEADING));
        ui.horizontal_wrapped(|ui| {
            for id in tab.view.selection.iter().take(NAMED) {
                if ui.link(id.as_str()).clicked() {
                    commands.push(Command::Reveal(id.clone()));
                }
            }
        });
        more(ui, n, NAMED);
    } else {
        name(ui, tab, commands);
    }
    self::remarks(ui, tab, remarks, commands);
    blocks(ui, tab, commands);
    ui.add_space(10.0);
    if ui.link("How to work here").clicked() {
        commands.push(Command::Do(Action::Help));
    }
}

/// Draws all that there is to say of the page.
pub fn remarks(ui: &mut Ui, tab: &Tab, remarks: &Remarks, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    for (severity, title, sign, color) in [
        (Severity::Problem, "PROBLEMS", "●", tokens.error),
        (Severity::Open, "TO CONNECT OR SET", "○", tokens.muted),
        (Severity::Warning, "WARNINGS", "▲", tokens.warning),
    ] {
        let of_kind: Vec<&Remark> = remarks.list().iter().filter(|remark| remark.severity == severity).collect();
        if !of_kind.is_empty() {
            section(ui, title, |_| {}, |ui| list(ui, tab, (&of_kind, sign, color), commands));
        }
    }
    if tab.run.results.values().any(|result| result.quantization.is_some()) {
        threshold(ui, remarks.clipped, commands);
    }
}

/// Chooses of how much clipping warnings tell.
fn threshold(ui: &mut Ui, clipped: f64, commands: &mut Vec<Command>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        ui.label(RichText::new("Warn of more than").size(size::CAPTION).color(Tokens::of(ui).muted));
        let mut percent = clipped;
        let field = DragValue::new(&mut percent).range(0.0..=100.0).speed(0.1).max_decimals(3).suffix(" %");
        ui.add(field).accessible_name("warn of clipped percent");
        ui.label(RichText::new("clipped").size(size::CAPTION).color(Tokens::of(ui).muted));
        if percent != clipped {
            commands.push(Command::Look(Glance::WarnClipped(percent)));
        }
    });
}

fn name(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    ui.label(RichText::new(tab.document.name()).family(semibold()).size(size::HEADING));
    ui.label(RichText::new("The page's name is its scope: it prefixes the names of its blocks.").color(tokens.muted));
    ui.add_space(4.0);
    let shown = tab.document.page.name.clone().unwrap_or_default();
    let look = FieldLook::new("page name".to_owned(), ui.available_width()).hint(tab.document.fallback_name.clone());
    text_field(ui, tab, &Field::PageName, &shown, look, commands);
}

fn list(ui: &mut Ui, tab: &Tab, (remarks, sign, color): (&[&Remark], &str, Color32), commands: &mut Vec<Command>) {
    for found in remarks.iter().take(LISTED) {
        if let Some(id) = &found.block
            && ui.link(RichText::new(id.as_str()).color(Tokens::of(ui).accent)).clicked()
        {
            commands.push(Command::Reveal(id.clone()));
        }
        remark(ui, sign, &found.text, color);
        if let Some(id) = found.block.as_ref().filter(|_| !found.fixes.is_empty()) {
            fixes(ui, tab, id, &found.fixes, commands);
        }
    }
    more(ui, remarks.len(), LISTED);
}

fn blocks(ui: &mut Ui, tab: &Tab, commands: &mut Vec<Command>) {
    let page = &tab.document.page;
    if page.blocks.is_empty() || tab.view.selection.len() > 1 {
        return;
    }
    section(
        ui,
        "BLOCKS",
        |_| {},
        |ui| {
            let muted = Tokens::of(ui).muted;
            for (id, node) in page.blocks.iter().take(LISTED) {
                // What is scrolled away takes its room and no time.
                let row = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), size::ROW));
                if !ui.is_rect_visible(row) {
                    ui.allocate_space(row.size());
                    continue;
                }
                ui.allocate_ui_with_layout(row.size(), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_size(row.size());
                    ui.spacing_mut().item_spacing.x = 6.0;
                    if ui.link(id.as_str()).accessible_name(format!("go to {id}")).clicked() {
                        commands.push(Command::Reveal(id.clone()));
                    }
                    let type_name = RichText::new(&node.type_name).size(size::CAPTION + 0.5).color(muted);
                    ui.add(Label::new(type_name).truncate());
                });
            }
            more(ui, page.blocks.len(), LISTED);
        },
    );
}

fn more(ui: &mut Ui, n: usize, listed: usize) {
    if n > listed {
        ui.label(RichText::new(format!("… and {} more", n - listed)).color(Tokens::of(ui).muted));
    }
}
