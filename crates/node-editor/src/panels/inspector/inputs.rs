//! Inputs: what is wired to each, or its literal.

use egui::{RichText, Ui};
use node_core::check::{CheckedBlock, Source};
use node_core::{BlockId, BlockNode, BlockSpec};

use super::section::{edit_link, long_value, name_cell, section, side_cell};
use crate::command::Command;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::names;
use crate::widgets::tokens::Tokens;
use crate::widgets::value_text::field_text;

/// Draws the section.
pub fn show(ui: &mut Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let Some(checked) = tab.document.checked.blocks.get(id).cloned() else { return };
    let Some(spec) = checked.spec() else { return };
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    section(ui, "INPUTS", |_| {}, |ui| rows(ui, tab, id, &checked, spec, &node, commands));
}

fn rows(
    ui: &mut Ui,
    tab: &Tab,
    id: &BlockId,
    checked: &CheckedBlock,
    spec: &BlockSpec,
    node: &BlockNode,
    commands: &mut Vec<Command>,
) {
    let tokens = Tokens::of(ui);
    for (port, sources) in spec.inputs().zip(checked.inputs.iter()) {
        ui.horizontal_top(|ui| {
            name_cell(ui, &port.name, &port.docs);
            let wired: Vec<&BlockId> = sources
                .iter()
                .filter_map(|s| match s {
                    Source::Output { block, .. } => Some(block),
                    Source::Literal => None,
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
            } else if port.is_list() {
                ui.label(RichText::new("not connected").color(tokens.muted));
            } else {
                let hint = if port.optional { "optional" } else { "wire it, or type a value" };
                let width = (ui.available_width() - 34.0).max(60.0);
                let look = FieldLook::new(names::literal(id.as_str(), &port.name), width).hint(hint);
                let written = node.literal(port);
                let field = Field::Literal(id.clone(), written.map_or(&*port.name, |(name, _)| name).to_owned());
                let edit = names::edit(id.as_str(), &port.name);
                let value = written.map(|(_, value)| value);
                let Some(shown) = field_text(value, port.wanted(checked.bound_dtype(&port.name))) else {
                    long_value(ui, value, field, edit, commands);
                    return;
                };
                ui.vertical(|ui| {
                    ui.set_width(width);
                    text_field(ui, tab, &field, &shown, look, commands);
                });
                side_cell(ui, |ui| commands.extend(edit_link(ui, field, edit)));
            }
        });
    }
}
