//! Inputs: what is wired to each, or its literal.

use egui::{RichText, Ui};
use node_core::BlockId;
use node_core::check::Source;

use super::section::{heading, name_cell};
use crate::command::Command;
use crate::editor::Tab;
use crate::fields::{FieldLook, text_field};
use crate::names;
use crate::tokens::Tokens;
use crate::value_text::{field_text, too_long};
use crate::view_state::Field;

/// Draws the section.
pub fn section(ui: &mut Ui, tab: &mut Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let Some(checked) = tab.document.checked.blocks.get(id).cloned() else { return };
    let Some(spec) = checked.block.map(|b| b.spec()) else { return };
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    heading(ui, "INPUTS", |_| {});
    for (port, sources) in spec.inputs().zip(&checked.inputs) {
        ui.horizontal_top(|ui| {
            name_cell(ui, port.name, port.docs);
            let wired: Vec<&BlockId> = sources
                .iter()
                .filter_map(|s| match s {
                    Source::Output { block, .. } => Some(block),
                    Source::Literal(_) => None,
                })
                .collect();
            if !wired.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    for block in wired {
                        let link = RichText::new(format!("← {block}")).color(tokens.port(port.kind, None));
                        if ui.link(link).accessible_name(format!("go to {block}")).clicked() {
                            commands.push(Command::Reveal(block.clone()));
                        }
                    }
                });
            } else if port.list {
                ui.label(RichText::new("nothing wired").color(tokens.faint));
            } else {
                let hint = if port.optional { "not connected" } else { "wire it, or type a value" };
                let look = FieldLook::new(names::literal(id.as_str(), port.name), ui.available_width()).hint(hint);
                let Some(shown) = field_text(node.inputs.get(port.name)) else {
                    let text = node.inputs.get(port.name).map(too_long).unwrap_or_default();
                    ui.add(egui::Label::new(RichText::new(text).color(tokens.muted)).wrap());
                    return;
                };
                let field = Field::Literal(id.clone(), port.name.to_owned());
                ui.vertical(|ui| {
                    commands.extend(text_field(ui, tab, &field, &shown, look).command);
                });
            }
        });
    }
}
