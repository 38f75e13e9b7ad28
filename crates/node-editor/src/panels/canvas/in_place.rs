//! Fields on the canvas itself: a value on its block, a block's id, and the attributes at an attrs port.

use egui::{Area, Frame, Id, Key, Order, Pos2, Rect, RichText, Ui, vec2};
use node_core::value::Wanted;
use node_core::{AttrType, BlockId, Direction, Name, PortKind, Role, Value};

use super::decor::{Moved, frame_rect};
use super::scene::Scene;
use crate::command::{Command, Glance};
use crate::panels::inspector::attributes::Form;
use crate::size;
use crate::state::tab::Tab;
use crate::state::view::Field;
use crate::widgets::fields::{FieldLook, text_field};
use crate::widgets::names;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;
use crate::widgets::value_text::field_text;

/// The attribute that a block's value box edits: a constant's value, a feed's default.
pub fn value_attribute(tab: &Tab, id: &BlockId) -> Option<Name> {
    let spec = tab.document.checked.blocks.get(id)?.spec()?;
    let has_value = matches!(spec.role, Role::Constant | Role::Feed);
    let mut tensors = spec.attrs.iter().filter(|a| matches!(a.ty, AttrType::Tensor { .. }));
    tensors.next().filter(|_| has_value).map(|a| a.name.clone())
}

/// Draws the fields that are open.
pub fn show(ui: &mut Ui, canvas: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    attributes_popup(ui, canvas, tab, scene, commands);
    let Some(field) = tab.view.in_place.clone() else { return };
    if matches!(field, Field::Note(_)) {
        return;
    }
    let place = place(&field, tab, scene).map(|rect| tab.view.camera.rect_to_screen(canvas, rect));
    let Some(place) = place else {
        commands.push(Command::Look(Glance::InPlace(None)));
        return;
    };
    let mut done = false;
    let area =
        Area::new(Id::unique(("in place", tab.id))).order(Order::Foreground).fixed_pos(place.min).constrain_to(canvas);
    area.show(ui.ctx(), |ui| {
        let tokens = Tokens::of(ui);
        Frame::new().fill(tokens.raised).corner_radius(size::FIELD_RADIUS).show(ui, |ui| {
            let width = place.width().max(150.0);
            ui.set_width(width);
            done = one(ui, tab, &field, width, commands);
        });
    });
    if done {
        commands.push(Command::Look(Glance::InPlace(None)));
    }
}

fn place(field: &Field, tab: &Tab, scene: &Scene) -> Option<Rect> {
    if let Field::Title(name) = field {
        let frame = tab.document.page.decor.frames.get(name)?;
        let rect = frame_rect(scene, name, frame, Moved { blocks: None, other: None });
        return Some(Rect::from_min_size(rect.min + vec2(6.0, 2.0), vec2(rect.width().min(260.0), 24.0)));
    }
    let block = scene.block(field.block()?)?;
    match field {
        Field::Id(_) => {
            Some(Rect::from_min_size(block.header.min + vec2(6.0, 3.0), vec2(block.rect.width() - 12.0, 24.0)))
        }
        Field::Attr(_, name) => {
            let row = block.fields.iter().find(|(n, _)| n == name).map(|(_, rect)| *rect);
            row.or(block.value)
        }
        Field::Literal(_, name) => block.port(Direction::In, name).map(|p| p.row.shrink2(vec2(10.0, 0.0))),
        _ => None,
    }
}

/// One field; whether it is done.
fn one(ui: &mut Ui, tab: &Tab, field: &Field, width: f32, commands: &mut Vec<Command>) -> bool {
    let checked = tab.document.checked.clone();
    if let Field::Title(name) = field {
        let title = tab.document.page.decor.frames.get(name).map(|frame| frame.title.as_str()).unwrap_or_default();
        let look = FieldLook { focus: true, ..FieldLook::new(names::on_canvas(&names::frame(name)), width) };
        return text_field(ui, tab, field, title, look, commands).done;
    }
    let Some(id) = field.block() else { return true };
    let Some(node) = tab.document.page.blocks.get(id).cloned() else { return true };
    let spec = checked.blocks.get(id).and_then(|b| b.spec());
    let mut look = FieldLook::new(String::new(), width);
    look.focus = true;
    match field {
        Field::Id(_) => {
            look.name = names::on_canvas(&format!("rename {id}"));
            let entered = text_field(ui, tab, field, id.as_str(), look, commands);
            entered.done
        }
        Field::Attr(_, name) => match spec.and_then(|s| s.attr(name)) {
            Some(attr) => {
                look.name = names::on_canvas(&names::attribute(id.as_str(), name));
                let dtype = checked.blocks.get(id).and_then(|block| block.fixed_dtype(attr));
                let Some(shown) = field_text(node.attrs.get(name), attr.wanted(dtype)) else {
                    commands.push(Command::EditValue(field.clone()));
                    return true;
                };
                let entered = text_field(ui, tab, field, &shown, look, commands);
                entered.done
            }
            None => {
                let value = node.attrs.get(name).cloned().unwrap_or(Value::Null);
                if field_text(Some(&value), Wanted::Numbers).is_none() {
                    commands.push(Command::EditValue(field.clone()));
                    return true;
                }
                Form { tab, id, on_canvas: true, commands }.set_field(ui, name, &value, width, true)
            }
        },
        Field::Literal(_, name) => {
            look.name = names::on_canvas(&names::literal(id.as_str(), name));
            look.hint = format!("value of {name}");
            let port = spec.and_then(|spec| spec.port(Direction::In, name));
            let wanted = port.map_or(Wanted::Anything, |port| {
                port.wanted(checked.blocks.get(id).and_then(|block| block.bound_dtype(name)))
            });
            let Some(shown) = field_text(node.inputs.get(name), wanted) else {
                commands.push(Command::EditValue(field.clone()));
                return true;
            };
            let entered = text_field(ui, tab, field, &shown, look, commands);
            entered.done
        }
        _ => true,
    }
}

/// The attribute editor at the attrs port that was clicked.
fn attributes_popup(ui: &mut Ui, canvas: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    let Some(id) = tab.view.attrs_open.clone() else { return };
    let is_attrs =
        |p: &&crate::state::shapes::PortShape| p.end.kind == PortKind::Attrs && p.end.direction == Direction::In;
    let pin: Option<Pos2> = scene.block(&id).and_then(|b| b.ports.iter().find(is_attrs)).map(|p| p.pin);
    let Some(pin) = pin.map(|pin| tab.view.camera.to_screen(canvas, pin)) else { return };
    let area = Area::new(Id::unique(("attributes", tab.id)))
        .order(Order::Foreground)
        .fixed_pos(pin + vec2(14.0, 14.0))
        .constrain_to(canvas);
    area.show(ui.ctx(), |ui| {
        Frame::popup(ui.style()).inner_margin(egui::Margin::same(12)).show(ui, |ui| {
            ui.set_width(340.0);
            ui.horizontal(|ui| {
                ui.label(RichText::new(format!("Attributes of {id}")).family(semibold()));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if ui.button("Close").clicked() || ui.input(|i| i.key_pressed(Key::Escape)) {
                        commands.push(Command::Look(Glance::AttrsOf(None)));
                    }
                });
            });
            ui.push_id("popup", |ui| {
                let mut form = Form { tab, id: &id, on_canvas: true, commands };
                form.fields(ui);
                ui.separator();
                form.text(ui, false);
            });
        });
    });
}
