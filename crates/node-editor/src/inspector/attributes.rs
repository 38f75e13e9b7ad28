//! Attributes: a field for each with its range and default, those that are wired read-only with their source, and
//! all of them as text to copy and paste.

use std::collections::BTreeMap;

use egui::{Checkbox, ComboBox, Frame, Margin, RichText, Stroke, Ui};
use node_core::attr::AttrDefault;
use node_core::check::{CheckedBlock, Effective, Origin};
use node_core::page::Written;
use node_core::{AttrType, BlockId, DType, Role, Value, attr_text};

use super::section::{heading, name_cell, side_cell};
use crate::command::Command;
use crate::editor::Tab;
use crate::fields::{FieldLook, text_field};
use crate::names;
use crate::tokens::{Tokens, size};
use crate::value_text::{field_text, hint, parse_attr, too_long};
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
            row(ui, tab, id, entry, &checked, commands);
        }
    }
}

fn row(
    ui: &mut Ui,
    tab: &mut Tab,
    id: &BlockId,
    entry: &Effective,
    checked: &CheckedBlock,
    commands: &mut Vec<Command>,
) {
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
            own_value(ui, &mut tab.view.typing, &field, entry, &shown, width, checked)
        });
        let mut change = entered.inner;
        if !wide {
            side_cell(ui, |ui| change = change.take().or(range_and_default(ui, id, entry)));
        }
        let set = |value| Command::SetAttr { block: id.clone(), name: spec.name.to_owned(), value };
        commands.extend(change.map(set));
    });
}

/// Where a wired value comes from.
fn source_link(ui: &mut Ui, set: &BlockId, commands: &mut Vec<Command>) {
    let text = RichText::new(format!("◆ {set}")).size(size::BLOCK_TEXT).color(Tokens::of(ui).attrs);
    if ui.link(text).on_hover_text(format!("Given by the set {set}; change it there.")).clicked() {
        commands.push(Command::Reveal(set.clone()));
    }
}

/// A value to set; nothing inside stands for going back to the default.
type Change = Option<Option<Written>>;

/// The control of a value that is the block's own, or would be.
fn own_value(
    ui: &mut Ui,
    typing: &mut BTreeMap<Field, String>,
    field: &Field,
    entry: &Effective,
    shown: &str,
    width: f32,
    checked: &CheckedBlock,
) -> Change {
    let spec = entry.spec;
    let name = names::attribute(field.block().map_or("", BlockId::as_str), spec.name);
    match spec.ty {
        AttrType::Bool => {
            // A box that is off must still be seen.
            ui.visuals_mut().widgets.inactive.bg_stroke.color = Tokens::of(ui).faint;
            let mut on = entry.value == Some(Value::Bool(true));
            let changed = ui.add(Checkbox::without_text(&mut on)).accessible_name(name).changed();
            changed.then(|| Some(Value::Bool(on).into()))
        }
        AttrType::DType => dtype_box(ui, shown, name, width),
        _ => {
            let empty = if spec.default == AttrDefault::Required { "must be set" } else { "not set" };
            let parse = |text: &str| parse_attr(spec, Some(checked), text);
            text_field(ui, typing, field, shown, FieldLook::new(name, width).hint(empty), parse).value
        }
    }
}

/// The range of a value, and the way back to its default.
fn range_and_default(ui: &mut Ui, id: &BlockId, entry: &Effective) -> Change {
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
        return reset.clicked().then_some(None);
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

fn dtype_box(ui: &mut Ui, shown: &str, name: String, width: f32) -> Change {
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
        let entered = text_field(ui, &mut tab.view.typing, &Field::NewAttr(id.clone()), "", look, attr_text::parse);
        if let Some(values) = entered.value {
            let values = values.into_iter().map(|(name, value)| (name, Written::from(value))).collect();
            commands.push(Command::SetAttrs { block: id.clone(), values });
        }
        ui.label(RichText::new("then Enter").size(size::CAPTION).color(tokens.faint));
    });
}

/// The field of one attribute of a set. What the blocks that it feeds cannot take is refused with their reason.
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
    let checked = tab.document.checked.clone();
    let fed = checked.page.wires.iter().filter(|w| w.from.block == *id).map(|w| &w.to.block);
    let specs = fed.filter_map(|to| Some((to, checked.blocks.get(to)?.block?.spec().attr(name)?)));
    let parse = |text: &str| {
        if text.trim().is_empty() {
            return Err(format!("{name} needs a value; remove it instead"));
        }
        for (to, spec) in specs.clone() {
            if let Some(written) = parse_attr(spec, None, text).map_err(|e| format!("{to}: {e}"))? {
                return Ok(written);
            }
        }
        let value = attr_text::parse(&format!("{name}={}", text.trim())).ok().and_then(|v| v.into_iter().next());
        Ok(Written::from(value.map_or_else(|| Value::from_typed(text.trim()), |(_, value)| value)))
    };
    let Some(shown) = field_text(Some(value)) else {
        ui.add(egui::Label::new(RichText::new(too_long(value)).color(Tokens::of(ui).muted)).wrap());
        return false;
    };
    let entered = text_field(ui, &mut tab.view.typing, &field, &shown, look, parse);
    if let Some(value) = entered.value {
        commands.push(Command::SetAttr { block: id.clone(), name: name.to_owned(), value: Some(value) });
    }
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
    let parse = |text: &str| {
        let values = attr_text::parse(text)?;
        for (name, value) in values.iter().filter(|_| closed.is_some()) {
            let entry = checked.effective.iter().find(|e| e.spec.name == name);
            let entry = entry.ok_or_else(|| format!("{} has no attribute '{name}'", node.type_name))?;
            entry.spec.resolve(value, None)?;
        }
        Ok(values)
    };
    let width = ui.available_width();
    let look = FieldLook::new(format!("attributes of {id} as text"), width).hint("name_=value;");
    let entered = text_field(ui, &mut tab.view.typing, &Field::AttrText(id.clone()), &text, look, parse);
    if let Some(values) = entered.value {
        let wired =
            |name: &str| checked.effective.iter().any(|e| e.spec.name == name && matches!(e.origin, Origin::Wired(_)));
        let unchanged = |name: &str, value: &Value| {
            checked.effective.iter().any(|e| e.spec.name == name && e.value.as_ref() == Some(value))
        };
        let values: Vec<_> = values
            .into_iter()
            .filter(|(name, value)| !wired(name) && !unchanged(name, value))
            .map(|(name, value)| (name, Written::from(value)))
            .collect();
        if !values.is_empty() {
            commands.push(Command::SetAttrs { block: id.clone(), values });
        }
    }
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
