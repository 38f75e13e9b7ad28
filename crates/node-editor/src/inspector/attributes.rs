//! Attributes: a field for each with its range and default, those that are wired read-only with their source, and
//! all of them as text to copy and paste.

use egui::{Checkbox, ComboBox, Frame, Margin, RichText, Stroke, Ui};
use node_core::attr::AttrDefault;
use node_core::check::{Effective, Origin};
use node_core::page::Written;
use node_core::{AttrType, BlockId, DType, Role, Value, attr_text};

use super::section::{heading, name_cell, side_cell};
use crate::command::Command;
use crate::editor::Tab;
use crate::fields::{FieldLook, text_field};
use crate::names;
use crate::tokens::{Tokens, size};
use crate::value_text::{field_text, hint, too_long};
use crate::view_state::Field;

const SIDE_WIDTH: f32 = 84.0;

/// Draws the section.
pub fn section(ui: &mut Ui, tab: &mut Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let mut text_open = tab.view.text_open;
    heading(ui, "ATTRIBUTES", |ui| {
        let link = RichText::new(if text_open { "as fields" } else { "as text" }).size(size::CAPTION);
        if ui.link(link).clicked() {
            text_open = !text_open;
        }
    });
    tab.view.text_open = text_open;
    editor(ui, tab, id, text_open, commands);
}

/// The attribute editor itself: in the inspector, and on the canvas at an attrs port.
pub fn editor(ui: &mut Ui, tab: &mut Tab, id: &BlockId, as_text: bool, commands: &mut Vec<Command>) {
    let Some(checked) = tab.document.checked.blocks.get(id).cloned() else { return };
    let open_names = checked.block.is_none_or(|b| b.spec().role == Role::AttributeSet);
    if as_text {
        text_form(ui, tab, id, commands);
    } else if open_names {
        set_rows(ui, tab, id, commands);
    } else {
        for entry in &checked.effective {
            row(ui, tab, id, entry, commands);
        }
    }
}

fn row(ui: &mut Ui, tab: &mut Tab, id: &BlockId, entry: &Effective, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let spec = entry.spec;
    ui.horizontal_top(|ui| {
        name_cell(ui, spec.name, spec.docs);
        let wide = matches!(spec.ty, AttrType::Tensor { .. });
        let width = (ui.available_width() - if wide { 0.0 } else { SIDE_WIDTH }).max(60.0);
        let Some(shown) = field_text(entry.value.as_ref()) else {
            let text = entry.value.as_ref().map(too_long).unwrap_or_default();
            ui.add(egui::Label::new(RichText::new(text).color(tokens.muted)).wrap());
            return;
        };
        if let Origin::Wired(set) = &entry.origin {
            wired(ui, &shown, names::attribute(id.as_str(), spec.name), width);
            side_cell(ui, |ui| source_link(ui, set, commands));
            return;
        }
        let field = Field::Attr(id.clone(), spec.name.to_owned());
        let entered = ui.vertical(|ui| {
            ui.set_width(width);
            own_value(ui, tab, &field, entry, &shown, width)
        });
        let mut change = entered.inner;
        if !wide {
            side_cell(ui, |ui| change = change.take().or(range_and_default(ui, id, entry)));
        }
        commands.extend(change);
    });
}

/// Where a wired value comes from.
fn source_link(ui: &mut Ui, set: &BlockId, commands: &mut Vec<Command>) {
    let text = RichText::new(format!("◆ {set}")).size(size::BLOCK_TEXT).color(Tokens::of(ui).attrs);
    if ui.link(text).on_hover_text(format!("Given by the set {set}; change it there.")).clicked() {
        commands.push(Command::Reveal(set.clone()));
    }
}

/// Sets an attribute; nothing stands for its default.
fn set(id: &BlockId, entry: &Effective, value: Option<Written>) -> Command {
    Command::SetAttr { block: id.clone(), name: entry.spec.name.to_owned(), value }
}

/// The control of a value that is the block's own, or would be.
fn own_value(ui: &mut Ui, tab: &mut Tab, field: &Field, entry: &Effective, shown: &str, width: f32) -> Option<Command> {
    let spec = entry.spec;
    let id = field.block()?;
    let name = names::attribute(id.as_str(), spec.name);
    match spec.ty {
        AttrType::Bool => {
            // A box that is off must still be seen.
            ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).faint;
            let mut on = entry.value == Some(Value::Bool(true));
            let changed = ui.add(Checkbox::without_text(&mut on)).accessible_name(name).changed();
            changed.then(|| set(id, entry, Some(Value::Bool(on).into())))
        }
        AttrType::DType => dtype_box(ui, shown, name, width).map(|value| set(id, entry, value)),
        _ => {
            let empty = if spec.default == AttrDefault::Required { "must be set" } else { "not set" };
            text_field(ui, tab, field, shown, FieldLook::new(name, width).hint(empty)).command
        }
    }
}

/// The range of a value, and the way back to its default.
fn range_and_default(ui: &mut Ui, id: &BlockId, entry: &Effective) -> Option<Command> {
    let tokens = Tokens::of(ui);
    let spec = entry.spec;
    if entry.origin == Origin::Own && spec.default != AttrDefault::Required {
        let default = spec.default.value().map_or_else(|| "not set".to_owned(), |v| v.to_string());
        let text = RichText::new(hint(spec)).size(size::CAPTION).color(tokens.muted);
        let hover = format!("{}\nClick to go back to the default, {default}.", spec.docs);
        // Not a stop for Tab: a field that is emptied goes back to its default too.
        let label = egui::Label::new(text).sense(egui::Sense::CLICK);
        let reset = ui.add(label).on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(hover);
        let reset = reset.accessible_name(format!("reset {id}.{}", spec.name));
        return reset.clicked().then(|| set(id, entry, None));
    }
    let note = if entry.origin == Origin::Default && entry.value.is_some() { "default" } else { spec.ty.name() };
    let label = ui.label(RichText::new(note).size(size::CAPTION).color(tokens.faint));
    label.on_hover_text(format!("{} ({})", spec.docs, hint(spec)));
    None
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

fn dtype_box(ui: &mut Ui, shown: &str, name: String, width: f32) -> Option<Option<Written>> {
    const NONE: &str = "as the value";
    let mut change = None;
    let selected = if shown.is_empty() { NONE } else { shown };
    let combo =
        ComboBox::from_id_salt(("dtype", &name)).width(width - 16.0).selected_text(selected).show_ui(ui, |ui| {
            if ui.selectable_label(shown.is_empty(), NONE).clicked() {
                change = Some(None);
            }
            for dtype in DType::ALL {
                if ui.selectable_label(shown == dtype.name(), dtype.name()).clicked() {
                    change = Some(Some(Value::String(dtype.name().to_owned()).into()));
                }
            }
        });
    combo.response.accessible_name(name);
    change
}

/// A set of attributes, or what a block of an unknown type holds: any names, each with a value.
fn set_rows(ui: &mut Ui, tab: &mut Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    for (name, written) in node.attrs.iter() {
        ui.horizontal_top(|ui| {
            name_cell(ui, name, "");
            let width = (ui.available_width() - SIDE_WIDTH).max(60.0);
            set_field(ui, tab, id, name, &written.value, width, false, commands);
            side_cell(ui, |ui| {
                let remove = ui.link(RichText::new("remove").size(size::CAPTION).color(tokens.muted));
                if remove.accessible_name(format!("remove {id}.{name}")).clicked() {
                    commands.push(Command::SetAttr { block: id.clone(), name: name.to_owned(), value: None });
                }
            });
        });
    }
    ui.horizontal(|ui| {
        let look = FieldLook::new(format!("new attribute of {id}"), 194.0).hint("name=value");
        commands.extend(text_field(ui, tab, &Field::NewAttr(id.clone()), "", look).command);
        ui.label(RichText::new("then Enter").size(size::CAPTION).color(tokens.faint));
    });
}

/// The field of one attribute of a set.
#[expect(clippy::too_many_arguments, reason = "a field, where it is and what it shows")]
pub fn set_field(
    ui: &mut Ui,
    tab: &mut Tab,
    id: &BlockId,
    name: &str,
    value: &Value,
    width: f32,
    focus: bool,
    commands: &mut Vec<Command>,
) -> bool {
    let field = Field::Attr(id.clone(), name.to_owned());
    let mut look = FieldLook::new(names::attribute(id.as_str(), name), width);
    look.focus = focus;
    let Some(shown) = field_text(Some(value)) else {
        ui.add(egui::Label::new(RichText::new(too_long(value)).color(Tokens::of(ui).muted)).wrap());
        return false;
    };
    let entered = text_field(ui, tab, &field, &shown, look);
    commands.extend(entered.command);
    entered.done
}

fn text_form(ui: &mut Ui, tab: &mut Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let tokens = Tokens::of(ui);
    let Some(checked) = tab.document.checked.blocks.get(id).cloned() else { return };
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return };
    let values =
        checked.effective.iter().filter_map(|e| e.value.as_ref()).chain(node.attrs.iter().map(|(_, w)| &w.value));
    if let Some(long) = values.into_iter().find(|value| field_text(Some(value)).is_none()) {
        ui.add(egui::Label::new(RichText::new(too_long(long)).color(tokens.muted)).wrap());
        return;
    }
    let closed = checked.block.map(|b| b.spec()).filter(|s| s.role != Role::AttributeSet);
    let text = match closed {
        Some(_) => attr_text::write(
            checked
                .effective
                .iter()
                .filter_map(|e| Some((e.spec.name, e.value.as_ref()?, e.spec.ty == AttrType::Float))),
        ),
        None => {
            attr_text::write(node.attrs.iter().map(|(name, w)| (name, &w.value, matches!(w.value, Value::Float(_)))))
        }
    };
    let width = ui.available_width();
    let look = FieldLook::new(format!("attributes of {id} as text"), width).hint("name_=value;");
    commands.extend(text_field(ui, tab, &Field::AttrText(id.clone()), &text, look).command);
    ui.horizontal(|ui| {
        if ui.link(RichText::new("Copy").size(size::CAPTION)).accessible_name("copy attributes as text").clicked() {
            ui.copy_text(text);
            commands.push(Command::Notice("Copied the attributes as text.".to_owned()));
        }
        ui.label(
            RichText::new("Paste or type here, then Enter. Wired ones stay.").size(size::CAPTION).color(tokens.faint),
        );
    });
}
