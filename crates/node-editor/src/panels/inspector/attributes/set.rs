//! The attributes of a set, or what a block of an unknown type holds: any names, each with a value.

use egui::{RichText, Ui};
use node_core::page::Written;
use node_core::value::Wanted;
use std::sync::Arc;

use node_core::{AttrSpec, Value};

use super::form::Form;
use super::own::SIDE_WIDTH;
use crate::command::Command;
use crate::panels::inspector::section::{long_value, name_cell, side_cell};
use crate::size;
use crate::state::view::Field;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::names;
use crate::widgets::tokens::Tokens;
use crate::widgets::value_text::field_text;

impl Form<'_> {
    pub(super) fn set_rows(&mut self, ui: &mut Ui) {
        let tokens = Tokens::of(ui);
        let Some(node) = self.tab.document.page.blocks.get(self.id).cloned() else { return };
        for (name, written) in node.attrs.iter() {
            ui.horizontal_top(|ui| {
                name_cell(ui, name, "");
                let width = (ui.available_width() - SIDE_WIDTH).max(60.0);
                self.set_field(ui, name, &written.value, width, false);
                side_cell(ui, |ui| self.remove_link(ui, name));
            });
        }
        self.offers(ui);
        ui.horizontal(|ui| {
            let name = self.called(format!("new attribute of {}", self.id));
            let look = FieldLook::new(name, 194.0).hint("name=value");
            text_field(ui, self.tab, &Field::NewAttr(self.id.clone()), "", look, self.commands);
            ui.label(RichText::new("then Enter").size(size::CAPTION).color(tokens.muted));
        });
    }

    /// Attributes that the block's type does not have: they can be taken away.
    pub(super) fn misnamed_rows(&mut self, ui: &mut Ui) {
        let Some(node) = self.tab.document.page.blocks.get(self.id).cloned() else { return };
        let block = self.tab.document.checked.blocks.get(self.id).cloned();
        let Some(spec) = block.as_ref().and_then(|block| block.spec()) else { return };
        for (name, written) in node.attrs.iter().filter(|(name, _)| spec.attr(name).is_none()) {
            ui.horizontal_top(|ui| {
                name_cell(ui, name, "The block's type has no such attribute.");
                let error = Tokens::of(ui).error;
                ui.label(RichText::new(written.value.excerpt()).monospace().color(error));
                self.remove_link(ui, name);
            });
        }
    }

    fn remove_link(&mut self, ui: &mut Ui, name: &str) {
        let remove = ui.link(RichText::new("remove").size(size::CAPTION).color(Tokens::of(ui).muted));
        if remove.accessible_name(self.called(format!("remove {}.{name}", self.id))).clicked() {
            let block = self.id.clone();
            self.commands.push(Command::SetAttr { block, name: name.to_owned(), value: None });
        }
    }

    /// What the blocks that the set feeds could take from it, and do not yet: a click adds it with its default.
    fn offers(&mut self, ui: &mut Ui) {
        let offers = self.offered();
        if offers.is_empty() {
            return;
        }
        ui.horizontal_wrapped(|ui| {
            for (spec, value) in offers {
                let link = ui.link(RichText::new(format!("+ {}", spec.name)).size(size::BLOCK_TEXT));
                let link = link.accessible_name(self.called(format!("add {}.{}", self.id, spec.name)));
                if link.on_hover_ui(|ui| crate::widgets::docs::show(ui, &spec.docs)).clicked() {
                    let (block, name) = (self.id.clone(), spec.name.to_string());
                    self.commands.push(Command::SetAttr { block, name, value: Some(Written::from(value)) });
                }
            }
        });
    }

    fn offered(&self) -> Vec<(Arc<AttrSpec>, Value)> {
        let checked = &self.tab.document.checked;
        let has = |name: &str| checked.page.block(self.id.as_str()).is_some_and(|node| node.attrs.get(name).is_some());
        let fed = checked.links(self.id).into_iter().flat_map(|links| &links.outgoing);
        let entries =
            fed.filter_map(|wire| checked.blocks.get(&wire.to.block)).flat_map(|block| block.effective.iter());
        let mut offers: Vec<(Arc<AttrSpec>, Value)> = Vec::new();
        for entry in entries.filter(|entry| !has(&entry.spec.name)) {
            if let Some(value) = &entry.value
                && !offers.iter().any(|(spec, _)| spec.name == entry.spec.name)
            {
                offers.push((entry.spec.clone(), value.clone()));
            }
        }
        offers
    }

    /// The field of one attribute of a set; whether it is done.
    pub fn set_field(&mut self, ui: &mut Ui, name: &str, value: &Value, width: f32, focus: bool) -> bool {
        let field = Field::Attr(self.id.clone(), name.to_owned());
        let Some(shown) = field_text(Some(value), Wanted::Numbers) else {
            let called = self.called(names::edit(self.id.as_str(), name));
            long_value(ui, Some(value), field, called, self.commands);
            return false;
        };
        let mut look = FieldLook::new(self.called(names::attribute(self.id.as_str(), name)), width);
        look.focus = focus;
        text_field(ui, self.tab, &field, &shown, look, self.commands).done
    }
}
