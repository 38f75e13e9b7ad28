//! The canvas as one widget: geometry, then gestures, then paint.

use std::collections::BTreeMap;

use egui::{Rect, Role, Sense, Ui, Vec2, WidgetInfo};
use node_core::name::split_item;
use node_core::{Direction, PortKind, Registry};
use node_engine::Outcome;

use super::geometry::{BlockShape, PortShape, Scene, WireShape, curve, point_on};
use super::{EDGE, gesture, id, in_place, paint, search};
use crate::command::Command;
use crate::editor::Tab;
use crate::names::{self, Told, tell};
use crate::palette;
use crate::view_state::{Camera, Gesture};

/// Draws the canvas and turns what the pointer does into commands.
pub fn show(ui: &mut Ui, tab: &mut Tab, registry: &Registry, commands: &mut Vec<Command>) {
    let rect = ui.available_rect_before_wrap();
    let response = ui.interact(rect.shrink2(Vec2::new(EDGE, 0.0)), id(), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "canvas"));
    let mut scene = scene(tab);
    let bounds = scene.bounds();
    tab.view.camera.reach(rect, bounds);
    if !tab.view.camera_set && rect.width() > 1.0 {
        if let Some(bounds) = bounds {
            tab.view.camera.fit(rect, bounds);
        } else {
            tab.view.camera = Camera::default();
        }
        tab.view.camera_set = true;
    }
    gesture::update(ui, &response, rect, tab, &scene, commands);
    if let Gesture::Move { from } = tab.view.gesture
        && let Some(at) = gesture::pointer(ui, rect, &tab.view.camera)
    {
        shift(&mut scene, tab, at - from);
    }
    if let Some(type_name) = palette::dropped(&response)
        && let Some(at) = gesture::pointer(ui, rect, &tab.view.camera)
    {
        let at = at - Vec2::new(109.0, 24.0);
        commands.push(Command::Add { type_name: type_name.into_owned(), at: Some(at), connect: None });
    }
    paint::paint(ui, rect, tab, &scene);
    tell_scene(ui, rect, tab, &scene, commands);
    gesture::menu(&response, tab, commands);
    in_place::show(ui, rect, tab, &scene, commands);
    search::show(ui, rect, tab, registry, commands);
    ui.advance_cursor_after_rect(rect);
}

/// Everything that is on the canvas, where the page says; selected blocks in front.
fn scene(tab: &Tab) -> Scene {
    let document = &tab.document;
    let has_message = |id: &node_core::BlockId| {
        document.checked.problems_of(id).any(|problem| !problem.open)
            || matches!(tab.result(id).map(|r| &r.outcome), Some(Outcome::Failed(problem)) if !problem.open)
    };
    let mut blocks: Vec<BlockShape> = document
        .places
        .iter()
        .map(|(id, place)| BlockShape::new(&document.checked, id, *place, has_message(id)))
        .collect();
    let order: BTreeMap<&node_core::BlockId, usize> =
        tab.view.front.iter().enumerate().map(|(i, id)| (id, i + 1)).collect();
    blocks.sort_by_key(|b| (tab.view.selection.contains(&b.id), order.get(&b.id).copied()));
    let mut scene = Scene { blocks, wires: Vec::new() };
    scene.wires = wires(tab, &scene);
    mark_wired(&mut scene);
    scene
}

/// Marks the ports at which a wire ends.
fn mark_wired(scene: &mut Scene) {
    let ends = scene.wires.iter().flat_map(|w| [(Direction::Out, &w.wire.from), (Direction::In, &w.wire.to)]);
    let mut wired: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for (direction, port) in ends {
        wired.entry((direction == Direction::Out, port.block.as_str())).or_default().push(&port.port);
    }
    for block in &mut scene.blocks {
        for port in &mut block.ports {
            let names = wired.get(&(port.end.direction == Direction::Out, block.id.as_str()));
            let (is_input, item) = (port.end.direction == Direction::In, port.item);
            let answers = |name: &&str| match &port.spec {
                // A list has a row for each of its wires.
                Some(spec) if is_input && spec.is_list() => item.is_some(),
                Some(spec) => {
                    let (plain, of) = split_item(name);
                    of == item && spec.answers_to(plain)
                }
                None => **name == *port.end.port.port,
            };
            port.wired = names.is_some_and(|names| names.iter().any(answers));
        }
    }
}

fn wires(tab: &Tab, scene: &Scene) -> Vec<WireShape> {
    let index: BTreeMap<&str, &BlockShape> = scene.blocks.iter().map(|b| (b.id.as_str(), b)).collect();
    let mut ended: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let shape = |wire: &node_core::Wire| {
        let block = index.get(wire.to.block.as_str())?;
        let first = block.port(Direction::In, &wire.to.port)?;
        let name = first.spec.as_ref().map_or(&*first.end.port.port, |spec| &spec.name);
        let nth = ended.entry((block.id.as_str(), name)).or_insert(0);
        let to = block.end_of_wire(&wire.to.port, *nth)?;
        *nth += 1;
        let from = index.get(wire.from.block.as_str())?.port(Direction::Out, &wire.from.port)?;
        Some(WireShape { wire: wire.clone(), curve: curve(from.pin, to.pin), kind: from.end.kind })
    };
    tab.document.page.wires.iter().filter_map(shape).collect()
}

/// Shows the selected blocks where they would be if the pointer let go.
fn shift(scene: &mut Scene, tab: &Tab, delta: Vec2) {
    for block in scene.blocks.iter_mut().filter(|b| tab.view.selection.contains(&b.id)) {
        let parts = [&mut block.rect, &mut block.header];
        let rows = block.ports.iter_mut().map(|p| &mut p.row);
        let fields = block.fields.iter_mut().map(|(_, rect)| rect);
        let rest = [&mut block.message, &mut block.value, &mut block.bar].into_iter().flatten();
        for rect in parts.into_iter().chain(rows).chain(fields).chain(rest) {
            *rect = rect.translate(delta);
        }
        for port in &mut block.ports {
            port.pin += delta;
        }
    }
    scene.wires = wires(tab, scene);
}

/// Names everything that is painted.
fn tell_scene(ui: &mut Ui, rect: Rect, tab: &Tab, scene: &Scene, commands: &mut Vec<Command>) {
    let camera = tab.view.camera;
    let page = tab.document.name();
    for block in &scene.blocks {
        let on_screen = camera.rect_to_screen(rect, block.rect);
        if !on_screen.intersects(rect) {
            continue;
        }
        let id = block.id.as_str();
        let told = Told {
            role: Role::Group,
            name: names::block(id),
            value: tab.result(&block.id).and_then(|r| r.preview(0).map(|p| p.text(8))),
            description: Some(describe(tab, block)),
            selected: Some(tab.view.selection.contains(&block.id)),
            rect: on_screen,
            key: &("block", page, id),
        };
        if tell(ui, told) {
            commands.push(Command::Select([block.id.clone()].into()));
        }
        for port in &block.ports {
            tell_port(ui, rect, tab, port);
        }
        tell_fields(ui, rect, tab, block);
    }
    for wire in &scene.wires {
        let middle = camera.to_screen(rect, point_on(&wire.curve, 0.5));
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
        value: paint::note(tab, port).filter(|note| !note.is_empty()),
        description: Some(format!("{} {direction}", end.kind.name())),
        selected: None,
        rect: Rect::from_center_size(pin, Vec2::splat(12.0)),
        key: &("port", page, &end.port, end.direction == Direction::In, end.kind == PortKind::Attrs),
    };
    tell(ui, told);
}

fn describe(tab: &Tab, block: &BlockShape) -> String {
    let type_name = tab.document.page.block(block.id.as_str()).map(|b| b.type_name.as_str()).unwrap_or_default();
    let open = || {
        let open = tab.document.checked.problems_of(&block.id).find(|problem| problem.open)?;
        Some(open.port.as_ref().map_or(open.message.clone(), |port| format!("{port}: {}", open.message)))
    };
    match message(tab, &block.id).or_else(open).or_else(|| tab.warnings(&block.id).first().map(ToString::to_string)) {
        Some(message) => format!("{type_name}; {message}"),
        None => type_name.to_owned(),
    }
}

/// What is wrong with a block: found by the check, else by the run. What is merely still to be connected is not wrong.
pub fn message(tab: &Tab, id: &node_core::BlockId) -> Option<String> {
    let problem = tab.document.checked.problems_of(id).find(|problem| !problem.open);
    let failed = match tab.result(id).map(|r| &r.outcome) {
        Some(Outcome::Failed(problem)) if !problem.open => Some(problem),
        _ => None,
    };
    let problem = problem.or(failed)?;
    Some(match &problem.port {
        Some(port) => format!("{port}: {}", problem.message),
        None => problem.message.clone(),
    })
}
