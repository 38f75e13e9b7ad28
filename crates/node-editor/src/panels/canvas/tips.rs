//! Cursor and hints for what the pointer is over.

use egui::{CursorIcon, Popup, PopupAnchor, Pos2, Rect, Response, RichText, Tooltip, Ui};
use node_core::{BlockId, Direction, PortKind, PortRef, Wire};

use super::decor::Hit;
use super::detail::FROM_AFAR;
use super::hits::{DROP_REACH, Target, target};
use super::scene::Scene;
use crate::command::{Command, Glance};
use crate::state::health::of_block;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;
use crate::state::view::Gesture;
use crate::widgets::docs;
use crate::widgets::health;
use crate::widgets::remarks::message;
use crate::widgets::theme::semibold;
use crate::widgets::tokens::Tokens;
use crate::widgets::values;
use crate::wiring::at::wire_at;
use crate::wiring::fit::Fit;

/// Shows them.
pub fn show(ui: &Ui, response: &Response, canvas: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    let rests_on = rest(ui, response, canvas, tab, scene);
    if rests_on != tab.view.hovered {
        commands.push(Command::Look(Glance::Hovered(rests_on)));
    }
    let Some(at) = ui.pointer_latest_pos().map(|at| tab.view.camera.to_world(canvas, at)) else { return };
    let zoom = tab.view.camera.zoom;
    if let Gesture::Wire { from, detached } = &tab.view.gesture {
        if let Some(port) = scene.port_at(at, DROP_REACH / zoom)
            && let Err(reason) = Fit::new(&tab.document.checked, from, detached.as_ref()).wire(&port.end)
            && port.end != *from
        {
            ui.set_cursor_icon(CursorIcon::NotAllowed);
            tip(response, |ui| {
                ui.label(reason);
            });
        }
        return;
    }
    let busy = tab.view.search.is_some() || tab.view.attrs_open.is_some() || tab.view.in_place.is_some();
    if !response.hovered() || tab.view.gesture != Gesture::None || busy || Popup::is_any_open(ui.ctx()) {
        return;
    }
    match target(scene, tab, at, zoom) {
        Target::Port(port) => {
            if port.end.kind != PortKind::Scope {
                ui.set_cursor_icon(CursorIcon::PointingHand);
            }
            tip(response, |ui| port_tip(ui, tab, port));
        }
        Target::Block(block) if block.message.is_some_and(|rect| rect.contains(at)) => {
            if let Some(message) = message(tab, &block.id) {
                tip(response, |ui| {
                    ui.label(message);
                });
            }
        }
        Target::Block(block) if zoom < FROM_AFAR => tip(response, |ui| block_tip(ui, tab, block)),
        Target::Block(block) if pill_at(block, at).is_some() => {
            if let Some(port) = pill_at(block, at) {
                tip(response, |ui| port_tip(ui, tab, port));
            }
        }
        Target::Block(block) if block.bar.is_some_and(|bar| bar.expand(4.0).contains(at)) => {
            tip(response, |ui| health::show(ui, &of_block(tab, &block.id)));
        }
        Target::Block(_) => ui.set_cursor_icon(CursorIcon::Default),
        Target::Wire(wire, _) => {
            ui.set_cursor_icon(CursorIcon::PointingHand);
            if wire.kind == PortKind::Tensor {
                tip(response, |ui| wire_tip(ui, tab, &wire.wire));
            }
        }
        Target::Bend(..) => ui.set_cursor_icon(CursorIcon::Move),
        Target::Decor(Hit::Corner(_)) => ui.set_cursor_icon(CursorIcon::ResizeNwSe),
        Target::Decor(_) => ui.set_cursor_icon(CursorIcon::Grab),
        Target::Nothing => {}
    }
}

fn tip(response: &Response, content: impl FnOnce(&mut Ui)) {
    Tooltip::always_open(response.ctx.clone(), response.layer_id, response.id.with("tip"), PopupAnchor::Pointer)
        .gap(14.0)
        .show(|ui| {
            ui.set_max_width(320.0);
            content(ui);
        });
}

/// What cannot be read on a block from afar.
fn block_tip(ui: &mut Ui, tab: &Tab, block: &BlockShape) {
    let tokens = Tokens::of(ui);
    let type_name = tab.document.page.block(block.id.as_str()).map(|node| node.type_name.as_str());
    ui.horizontal(|ui| {
        ui.label(RichText::new(block.id.as_str()).family(semibold()));
        ui.label(RichText::new(type_name.unwrap_or_default()).color(tokens.muted));
    });
    if let Some(preview) = tab.result(&block.id).and_then(|result| result.preview(0)) {
        ui.label(RichText::new(preview.text(8)).monospace());
    }
    health::show(ui, &of_block(tab, &block.id));
    if let Some(message) = message(tab, &block.id) {
        ui.label(RichText::new(message).color(tokens.error));
    }
}

/// The output at whose pill a point is.
fn pill_at(block: &BlockShape, at: Pos2) -> Option<&PortShape> {
    block.ports.iter().find(|port| port.pill.is_some_and(|pill| pill.expand(5.0).contains(at)))
}

fn port_tip(ui: &mut Ui, tab: &Tab, port: &PortShape) {
    let tokens = Tokens::of(ui);
    let end = &port.end;
    let name = RichText::new(&*end.port.port).family(semibold());
    ui.horizontal(|ui| {
        ui.label(name);
        let types = match end.kind {
            PortKind::Tensor => port.spec.as_ref().map(|spec| spec.types.names()),
            kind => Some(kind.name().to_owned()),
        };
        ui.label(RichText::new(types.unwrap_or_default()).color(tokens.muted));
    });
    if let Some(spec) = &port.spec {
        docs::show(ui, &spec.docs);
    }
    if end.kind == PortKind::Attrs && end.direction == Direction::In {
        ui.label(RichText::new("Click to edit; drag onto the canvas to make a set.").color(tokens.muted));
    }
    if let Some(output) = output_at(tab, port) {
        values::show(ui, tab, &output);
    }
}

/// What a wire carries, from where and to where.
fn wire_tip(ui: &mut Ui, tab: &Tab, wire: &Wire) {
    ui.label(RichText::new(format!("{} → {}", wire.from, wire.to)).family(semibold()));
    values::show(ui, tab, &wire.from);
}

/// The output that is seen at a port: its own, or the one that feeds it.
fn output_at(tab: &Tab, port: &PortShape) -> Option<PortRef> {
    match (port.end.kind, port.end.direction) {
        (PortKind::Tensor, Direction::Out) => Some(port.end.port.clone()),
        (PortKind::Tensor, Direction::In) => wire_at(&tab.document.checked, &port.end).map(|wire| wire.from),
        _ => None,
    }
}

/// How long the pointer rests until more is asked for than is there, in seconds.
const REST: f32 = 0.25;

/// The block whose output is seen at the port or wire where the pointer rests.
fn rest(ui: &Ui, response: &Response, canvas: Rect, tab: &Tab, scene: &Scene) -> Option<BlockId> {
    let still = tab.view.gesture == Gesture::None && response.hovered();
    let at = ui.pointer_latest_pos().filter(|_| still).map(|at| tab.view.camera.to_world(canvas, at))?;
    let output = match target(scene, tab, at, tab.view.camera.zoom) {
        Target::Port(port) => output_at(tab, port)?,
        Target::Wire(wire, _) if wire.kind == PortKind::Tensor => wire.wire.from.clone(),
        _ => return None,
    };
    let rested = ui.input(|i| i.pointer.time_since_last_movement());
    if rested < REST {
        ui.ctx().request_repaint_after_secs(REST - rested);
        return tab.view.hovered.clone().filter(|block| *block == output.block);
    }
    Some(output.block)
}
