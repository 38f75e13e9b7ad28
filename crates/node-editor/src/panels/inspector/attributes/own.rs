//! The attributes of a block whose type is known.

use egui::{Checkbox, ComboBox, Frame, Margin, RichText, Stroke, Ui};
use node_core::attr::AttrDefault;
use node_core::check::{Effective, Origin};
use node_core::page::Written;
use node_core::{AttrSpec, AttrType, BlockId, DType, Role, Value};

use super::form::Form;
use crate::command::Command;
use crate::panels::inspector::section::{edit_link, long_value, name_cell, side_cell};
use crate::size;
use crate::state::view::Field;
use crate::widgets::docs;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::names;
use crate::widgets::tokens::Tokens;
use crate::widgets::value_text::{field_text, hint};

/// What stands beside a field: its range, its source.
pub const SIDE_WIDTH: f32 = 84.0;

impl Form<'_> {
    pub(super) fn row(&mut self, ui: &mut Ui, entry: &Effective, dtype: Option<DType>) {
        let spec = &*entry.spec;
        ui.horizontal_top(|ui| {
            name_cell(ui, &spec.name, &spec.docs);
            let wide = matches!(spec.ty, AttrType::Tensor { .. });
            let is_wired = matches!(entry.origin, Origin::Wired(_));
            let beside = if wide && !is_wired { 34.0 } else { SIDE_WIDTH };
            let width = (ui.available_width() - beside).max(60.0);
            let field = Field::Attr(self.id.clone(), spec.name.to_string());
            let shown = field_text(entry.value.as_ref(), spec.wanted(dtype));
            if let Origin::Wired(set) = &entry.origin {
                let shown = shown.or_else(|| entry.value.as_ref().map(Value::excerpt)).unwrap_or_default();
                wired(ui, &shown, self.called(names::attribute(self.id.as_str(), &spec.name)), width);
                side_cell(ui, |ui| self.source_link(ui, set));
                return;
            }
            let Some(shown) = shown else {
                let name = self.called(names::edit(self.id.as_str(), &spec.name));
                long_value(ui, entry.value.as_ref(), field, name, self.commands);
                return;
            };
            ui.vertical(|ui| {
                ui.set_width(width);
                self.own_value(ui, &field, entry, &shown, width);
            });
            side_cell(ui, |ui| match wide {
                true => {
                    let name = self.called(names::edit(self.id.as_str(), &spec.name));
                    self.commands.extend(edit_link(ui, field, name));
                }
                false => self.range_and_default(ui, entry),
            });
        });
    }

    /// Where a wired value comes from.
    fn source_link(&mut self, ui: &mut Ui, set: &BlockId) {
        let text = RichText::new(format!("◆ {set}")).size(size::BLOCK_TEXT).color(Tokens::of(ui).attrs);
        let link = ui.link(text).on_hover_text(format!("Given by the set {set}; change it there."));
        if link.clicked() {
            self.commands.push(Command::Reveal(set.clone()));
        }
    }

    /// Sets an attribute; nothing stands for its default.
    fn set(&mut self, entry: &Effective, value: Option<Written>) {
        let (block, name) = (self.id.clone(), entry.spec.name.to_string());
        self.commands.push(Command::SetAttr { block, name, value });
    }

    /// The control of a value that is the block's own, or would be.
    fn own_value(&mut self, ui: &mut Ui, field: &Field, entry: &Effective, shown: &str, width: f32) {
        let spec = &*entry.spec;
        let name = self.called(names::attribute(self.id.as_str(), &spec.name));
        let parts = self.parts(spec);
        match &spec.ty {
            _ if parts.len() > 1 => {
                if let Some(part) = part_box(ui, shown, name, &parts, width) {
                    self.set(entry, Some(Value::String(part).into()));
                }
            }
            AttrType::Bool => {
                // A box that is off must still be seen.
                ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).muted;
                let mut on = entry.value == Some(Value::Bool(true));
                if ui.add(Checkbox::without_text(&mut on)).accessible_name(name).changed() {
                    self.set(entry, Some(Value::Bool(on).into()));
                }
            }
            AttrType::DType(_) | AttrType::OneOf(_) => {
                if let Some(value) = choice_box(ui, shown, name, spec, width) {
                    self.set(entry, value);
                }
            }
            _ => {
                let empty = if spec.default == AttrDefault::Required { "must be set" } else { "not set" };
                text_field(ui, self.tab, field, shown, FieldLook::new(name, width).hint(empty), self.commands);
            }
        }
    }

    /// The arrays to choose from, if the attribute names one of a file.
    fn parts(&self, spec: &AttrSpec) -> Vec<String> {
        let block = self.tab.document.checked.blocks.get(self.id);
        let file = block.filter(|block| block.role() == Some(Role::File) && spec.name == "part");
        let used = file.and_then(|block| block.files.first());
        used.map(|used| self.tab.document.files.check.parts(&used.path)).unwrap_or_default()
    }

    /// The range of a value, and the way back to its default.
    fn range_and_default(&mut self, ui: &mut Ui, entry: &Effective) {
        let tokens = Tokens::of(ui);
        let spec = &*entry.spec;
        if entry.origin == Origin::Own && spec.default != AttrDefault::Required {
            let default = spec.default.value().map_or_else(|| "not set".to_owned(), |v| v.to_string());
            let text = RichText::new(hint(spec)).size(size::CAPTION).color(tokens.muted);
            let hover = format!("{}\nClick to go back to the default, {default}.", spec.docs);
            // Not a stop for Tab: a field that is emptied goes back to its default too.
            let label = egui::Label::new(text).sense(egui::Sense::CLICK);
            let reset = ui.add(label).on_hover_cursor(egui::CursorIcon::PointingHand);
            let reset = reset.on_hover_ui(|ui| docs::show(ui, &hover));
            let reset = reset.accessible_name(self.called(format!("reset {}.{}", self.id, spec.name)));
            if reset.clicked() {
                self.set(entry, None);
            }
            return;
        }
        let note =
            if entry.origin == Origin::Default && entry.value.is_some() { "default".into() } else { spec.ty.name() };
        let label = ui.label(RichText::new(&*note).size(size::CAPTION).color(tokens.muted));
        label.on_hover_ui(|ui| docs::show(ui, &format!("{} ({})", spec.docs, hint(spec))));
    }
}

/// A value that a wire gives: it can be read, not edited.
fn wired(ui: &mut Ui, shown: &str, name: String, width: f32) {
    let tokens = Tokens::of(ui);
    let frame =
        Frame::new().fill(tokens.sunken).corner_radius(size::FIELD_RADIUS).inner_margin(Margin::symmetric(7, 3));
    let mut text = shown;
    let field = egui::TextEdit::singleline(&mut text)
        .font(egui::FontId::monospace(size::TEXT - 1.0))
        .text_color(tokens.muted)
        .interactive(false)
        .align(egui::Align2::LEFT_CENTER)
        .desired_width(width - 16.0)
        .frame(frame);
    let response = ui.add(field).accessible_name(name);
    ui.accesskit_node_builder(response.id, |node| node.set_read_only());
    let r = response.rect.shrink(0.5);
    let path = [r.left_top(), r.right_top(), r.right_bottom(), r.left_bottom(), r.left_top()];
    ui.painter().extend(egui::Shape::dashed_line(&path, Stroke::new(1.0, tokens.faint), 3.0, 2.5));
}

/// One of a file's arrays.
fn part_box(ui: &mut Ui, shown: &str, name: String, parts: &[String], width: f32) -> Option<String> {
    let mut chosen = None;
    let selected = if shown.is_empty() { "choose an array" } else { shown };
    let combo = ComboBox::from_id_salt(("part", &name)).width(width - 16.0).selected_text(selected);
    let combo = combo.show_ui(ui, |ui| {
        for part in parts {
            if ui.selectable_label(shown == part, part).clicked() && shown != part {
                chosen = Some(part.clone());
            }
        }
    });
    combo.response.accessible_name(name);
    chosen
}

/// One of several names; none where the attribute may be left out.
fn choice_box(ui: &mut Ui, shown: &str, name: String, spec: &AttrSpec, width: f32) -> Option<Option<Written>> {
    const NONE: &str = "as the value";
    let mut change = None;
    let selected = if shown.is_empty() { NONE } else { shown };
    let combo =
        ComboBox::from_id_salt(("choice", &name)).width(width - 16.0).selected_text(selected).show_ui(ui, |ui| {
            let may_be_none = spec.default == AttrDefault::Absent;
            if may_be_none && ui.selectable_label(shown.is_empty(), NONE).clicked() && !shown.is_empty() {
                change = Some(None);
            }
            for choice in spec.ty.choices() {
                let chosen = shown == choice;
                if ui.selectable_label(chosen, &*choice).clicked() && !chosen {
                    change = Some(Some(Value::String(choice.into_owned()).into()));
                }
            }
        });
    combo.response.accessible_name(name);
    change
}
