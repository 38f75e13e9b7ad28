//! The page: its name, what is wrong with it, and how to go on.

use egui::{RichText, Ui};

use super::section::{heading, remark};
use crate::command::Command;
use crate::editor::Tab;
use crate::fields::{FieldLook, text_field};
use crate::theme::semibold;
use crate::tokens::{Tokens, size};
use crate::view_state::Field;

const HINTS: [(&str, &str); 9] = [
    ("Add a block", "drag it from the palette, double-click the canvas, or press Space"),
    ("Wire", "drag from a port to a port; drag a wire's end off to remove it"),
    ("Share attributes", "drag from an attrs port onto the empty canvas"),
    ("Rename", "double-click a block's title, or F2"),
    ("Edit a value", "double-click it on its block, or use the inspector"),
    ("Select", "click, Shift-click, or draw a box"),
    ("Look around", "wheel zooms, the right or middle button pans, Home shows all"),
    ("Undo", "Ctrl+Z, and Ctrl+Shift+Z to redo"),
    ("Copies", "Ctrl+D duplicates; Ctrl+C and Ctrl+V work across pages"),
];

/// Draws the page's inspector.
pub fn show(ui: &mut Ui, tab: &mut Tab, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    if tab.view.selection.len() > 1 {
        ui.label(
            RichText::new(format!("{} blocks selected", tab.view.selection.len()))
                .family(semibold())
                .size(size::HEADING),
        );
        ui.horizontal_wrapped(|ui| {
            for id in &tab.view.selection {
                if ui.link(id.as_str()).clicked() {
                    commands.push(Command::Reveal(id.clone()));
                }
            }
        });
    } else {
        ui.label(RichText::new(tab.document.name()).family(semibold()).size(size::HEADING));
        ui.label(
            RichText::new("The page's name is its scope: it prefixes the names of its blocks.").color(tokens.muted),
        );
        ui.add_space(4.0);
        let shown = tab.document.page.name.clone().unwrap_or_default();
        let look =
            FieldLook::new("page name".to_owned(), ui.available_width()).hint(tab.document.fallback_name.clone());
        commands.extend(text_field(ui, tab, &Field::PageName, &shown, look).command);
    }

    let problems = &tab.document.checked.problems;
    if !problems.is_empty() {
        heading(ui, "PROBLEMS", |_| {});
        for problem in problems {
            match &problem.block {
                Some(id) => {
                    if ui.link(RichText::new(id.as_str()).color(tokens.accent)).clicked() {
                        commands.push(Command::Reveal(id.clone()));
                    }
                    let place = problem.port.as_ref().map(|p| format!("{p}: ")).unwrap_or_default();
                    remark(ui, "●", &format!("{place}{}", problem.message), tokens.error);
                }
                None => remark(ui, "●", &problem.message, tokens.error),
            }
        }
    }
    heading(ui, "HOW TO", |_| {});
    for (what, how) in HINTS {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            ui.label(RichText::new(what).family(semibold()).size(size::BLOCK_TEXT));
            ui.label(RichText::new(how).size(size::BLOCK_TEXT).color(tokens.muted));
        });
    }
}
