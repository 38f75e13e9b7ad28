//! Names for everything that is painted, for those who hear it and for scripts.

use egui::{Rect, Role, Ui, Vec2, vec2};
use node_core::{Direction, PortKind};

use super::decor::{Moved, frame_rect};
use super::detail::TOO_FAR;
use super::paint;
use super::scene::{Item, Scene};
use crate::command::Command;
use crate::state::decor::TITLE;
use crate::state::health::of_port;
use crate::state::shapes::{BlockShape, PortShape};
use crate::state::tab::Tab;
use crate::state::view::Picked;
use crate::widgets::health::words;
use crate::widgets::names::{self, Told, tell};
use crate::widgets::remarks::message;

/// From afar no more blocks than this are told, selected ones first.
const TOLD: usize = 1_000;

/// Names everything that is painted.
pub fn tell_scene(ui: &mut Ui, rect: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    let camera = tab.view.camera;
    let page = tab.document.name();
    for (name, frame) in &tab.document.page.decor.frames {
        let still = Moved { blocks: None, other: None };
        let frame_rect = camera.rect_to_screen(rect, frame_rect(scene, name, frame, still));
        let picked = Picked::Frame(name.clone());
        let told = Told {
            role: Role::Group,
            name: names::frame(name),
            value: Some(frame.title.clone()),
            description: None,
            selected: Some(tab.view.picked.as_ref() == Some(&picked)),
            rect: Rect::from_min_size(frame_rect.min, vec2(frame_rect.width(), TITLE * camera.zoom)),
            key: &("frame", page, name),
        };
        if tell(ui, told) {
            commands.push(Command::Pick(picked));
        }
    }
    let view = Rect::from_min_max(camera.to_world(rect, rect.min), camera.to_world(rect, rect.max));
    let blocks: Vec<&Item> = scene.blocks_in(view).collect();
    // Boxes without a name are told one by one as long as that takes no time.
    let too_many = camera.zoom < TOO_FAR && blocks.len() > TOLD;
    for Item { block, selected, .. } in blocks.into_iter().filter(|item| !too_many || item.selected).take(TOLD) {
        let on_screen = camera.rect_to_screen(rect, block.rect);
        let id = block.id.as_str();
        let told = Told {
            role: Role::Group,
            name: names::block(id),
            value: tab.result(&block.id).and_then(|r| r.preview(0).map(|p| p.text(8))),
            description: Some(describe(tab, block)),
            selected: Some(*selected),
            rect: on_screen,
            key: &("block", page, id),
        };
        if tell(ui, told) {
            commands.push(Command::Select([block.id.clone()].into()));
        }
        if camera.zoom < TOO_FAR {
            continue;
        }
        for port in &block.ports {
            tell_port(ui, rect, tab, port);
        }
        tell_fields(ui, rect, tab, block);
    }
    if camera.zoom < TOO_FAR {
        return;
    }
    for wire in scene.wires_in(view) {
        let middle = camera.to_screen(rect, wire.course.middle());
        let told = Told {
            role: Role::GraphicsObject,
            name: names::wire(&wire.wire),
            value: None,
            description: None,
            selected: Some(tab.view.wire.as_ref() == Some(&wire.wire)),
            rect: Rect::from_center_size(middle, Vec2::splat(8.0)),
            key: &("wire", page, &wire.wire),
        };
        if tell(ui, told) {
            commands.push(Command::SelectWire(Some(wire.wire.clone())));
        }
    }
}

/// The attributes that a set shows on the canvas.
fn tell_fields(ui: &mut Ui, rect: Rect, tab: &Tab, block: &BlockShape) {
    let Some(node) = tab.document.page.block(block.id.as_str()) else { return };
    for (name, place) in &block.fields {
        let told = Told {
            role: Role::Group,
            name: names::on_canvas(&names::value(block.id.as_str(), name)),
            value: node.attrs.get(name).map(paint::shown),
            description: None,
            selected: None,
            rect: tab.view.camera.rect_to_screen(rect, *place),
            key: &("field", tab.id, &block.id, name),
        };
        tell(ui, told);
    }
}

fn tell_port(ui: &mut Ui, rect: Rect, tab: &Tab, port: &PortShape) {
    let page = tab.document.name();
    let pin = tab.view.camera.to_screen(rect, port.pin);
    let end = &port.end;
    let direction = if end.direction == Direction::In { "input" } else { "output" };
    let told = Told {
        role: Role::GraphicsSymbol,
        name: names::port(end.port.block.as_str(), &end.port.port),
        value: paint::note(tab, port).filter(|note| !note.is_empty()).or_else(|| condition(tab, port)),
        description: Some(format!("{} {direction}", end.kind.name())),
        selected: None,
        rect: Rect::from_center_size(pin, Vec2::splat(12.0)),
        key: &("port", page, &end.port, end.direction == Direction::In, end.kind == PortKind::Attrs),
    };
    tell(ui, told);
}

/// How an output is, in words, where it has a pill.
fn condition(tab: &Tab, port: &PortShape) -> Option<String> {
    port.pill?;
    of_port(tab, &port.end.port).as_ref().map(words)
}

fn describe(tab: &Tab, block: &BlockShape) -> String {
    let type_name = tab.document.page.block(block.id.as_str()).map(|b| b.type_name.as_str()).unwrap_or_default();
    let type_name = if tab.document.is_muted(&block.id) { format!("{type_name}, muted") } else { type_name.to_owned() };
    let open = || {
        let open = tab.document.checked.problems_of(&block.id).find(|problem| problem.open)?;
        Some(open.port.as_ref().map_or(open.message.clone(), |port| format!("{port}: {}", open.message)))
    };
    let type_name = match tab.view.marks.0.get(&block.id) {
        Some(mark) => format!("{type_name}, {}", mark.text),
        None => type_name,
    };
    match message(tab, &block.id).or_else(open).or_else(|| tab.warnings(&block.id).next().map(ToString::to_string)) {
        Some(message) => format!("{type_name}; {message}"),
        None => type_name,
    }
}
