//! What the pointer does on the canvas: panning, zooming, selecting, moving, wiring.

use std::collections::BTreeSet;

use egui::{CursorIcon, Event, MouseWheelUnit, PointerButton, Popup, Pos2, Rect, Response, Ui};
use node_core::name::split_item;
use node_core::{BlockId, Direction, PortKind, PortRef, Wire};

use super::geometry::{BlockShape, PortShape, Scene};
use crate::command::{Action, Command};
use crate::editor::Tab;
use crate::fit::{Fit, SCOPE_REASON};
use crate::tokens::size;
use crate::view_state::{Camera, Field, Gesture, PortEnd, Search, ViewState};

/// How far from a wire a pointer still hits it, on the screen.
const WIRE_REACH: f32 = 6.0;
/// How far from a pin a wire still snaps to it, on the screen.
const DROP_REACH: f32 = 18.0;

/// Where the pointer is, on the page.
pub fn pointer(ui: &Ui, canvas: Rect, camera: &Camera) -> Option<Pos2> {
    ui.pointer_latest_pos().map(|at| camera.to_world(canvas, at))
}

/// What is under a point of the page.
pub enum Target<'s> {
    Port(&'s PortShape),
    Block(&'s BlockShape),
    Wire(&'s super::geometry::WireShape, f32),
    Nothing,
}

/// What is under a point of the page; pins before blocks, blocks before wires.
pub fn target<'s>(scene: &'s Scene, at: Pos2, zoom: f32) -> Target<'s> {
    if let Some(port) = scene.port_at(at, size::PIN_REACH.max(size::PIN_REACH / zoom).min(20.0)) {
        return Target::Port(port);
    }
    if let Some(block) = scene.block_at(at) {
        return Target::Block(block);
    }
    match scene.wire_at(at, WIRE_REACH / zoom) {
        Some((wire, along)) => Target::Wire(wire, along),
        None => Target::Nothing,
    }
}

/// Advances the gesture by one frame.
pub fn update(ui: &Ui, response: &Response, canvas: Rect, tab: &mut Tab, scene: &Scene, commands: &mut Vec<Command>) {
    if response.contains_pointer() {
        zoom_and_scroll(ui, canvas, &mut tab.view);
    }
    let origin = ui.input(|i| i.pointer.press_origin()).map(|at| tab.view.camera.to_world(canvas, at));
    let at = pointer(ui, canvas, &tab.view.camera);
    if let Some(origin) = origin {
        if response.drag_started_by(PointerButton::Primary) {
            begin(ui, tab, scene, origin, commands);
        } else if response.drag_started_by(PointerButton::Middle) || response.drag_started_by(PointerButton::Secondary)
        {
            tab.view.gesture = Gesture::Pan;
        }
    }
    if response.dragged() && tab.view.gesture == Gesture::Pan {
        tab.view.camera.origin -= response.drag_delta() / tab.view.camera.zoom;
        ui.set_cursor_icon(CursorIcon::Grabbing);
    }
    if let (Gesture::Box { from, keep }, Some(at)) = (&tab.view.gesture, at) {
        let frame = Rect::from_two_pos(*from, at);
        let mut selection = keep.clone();
        selection.extend(scene.blocks.iter().filter(|b| frame.intersects(b.rect)).map(|b| b.id.clone()));
        tab.view.selection = selection;
    }
    if response.drag_stopped() {
        let gesture = std::mem::take(&mut tab.view.gesture);
        if let Some(at) = at {
            finish(ui, tab, scene, gesture, at, commands);
        }
    } else if tab.view.gesture != Gesture::None && !ui.input(|i| i.pointer.any_down()) {
        tab.view.gesture = Gesture::None;
    }
    if let Some(at) = response.interact_pointer_pos().map(|at| tab.view.camera.to_world(canvas, at)) {
        clicks(ui, response, tab, scene, at, commands);
    }
    hover(ui, response, canvas, tab, scene);
}

fn zoom_and_scroll(ui: &Ui, canvas: Rect, view: &mut ViewState) {
    for event in ui.input(|i| i.events.clone()) {
        if let Event::MouseWheel { unit, .. } = event {
            view.wheel_pans = unit == MouseWheelUnit::Point;
        }
    }
    let (pinch, scroll) = ui.input(|i| (i.zoom_delta(), i.smooth_scroll_delta()));
    let Some(at) = ui.pointer_latest_pos() else { return };
    if pinch != 1.0 {
        view.camera.zoom_at(canvas, at, pinch);
    } else if scroll != egui::Vec2::ZERO {
        if view.wheel_pans {
            view.camera.origin -= scroll / view.camera.zoom;
        } else {
            view.camera.zoom_at(canvas, at, (scroll.y * 0.0024).exp());
        }
    }
}

/// A drag begins at `origin`.
fn begin(ui: &Ui, tab: &mut Tab, scene: &Scene, origin: Pos2, commands: &mut Vec<Command>) {
    tab.view.search = None;
    tab.view.attrs_open = None;
    if ui.input(|i| i.modifiers.alt) {
        tab.view.gesture = Gesture::Pan;
        return;
    }
    tab.view.gesture = match target(scene, origin, tab.view.camera.zoom) {
        Target::Port(port) if port.end.kind == PortKind::Scope => {
            commands.push(Command::Notice(SCOPE_REASON.to_owned()));
            Gesture::None
        }
        Target::Port(port) => wire_from(tab, &port.end),
        Target::Wire(wire, along) => {
            let wire = wire.wire.clone();
            let stays = if along >= 0.5 { (&wire.from, Direction::Out) } else { (&wire.to, Direction::In) };
            end_of(scene, stays.0, stays.1).map_or(Gesture::None, |from| Gesture::Wire { from, detached: Some(wire) })
        }
        Target::Block(block) => {
            let id = block.id.clone();
            if !tab.view.selection.contains(&id) {
                let mut selection = if extends(ui) { tab.view.selection.clone() } else { BTreeSet::new() };
                selection.insert(id);
                // Selected now, not by a command, so that this very drag moves it.
                tab.view.selection = selection;
                tab.view.wire = None;
            }
            Gesture::Move { from: origin }
        }
        Target::Nothing => {
            let keep = if extends(ui) { tab.view.selection.clone() } else { BTreeSet::new() };
            tab.view.wire = None;
            Gesture::Box { from: origin, keep }
        }
    };
}

fn extends(ui: &Ui) -> bool {
    ui.input(|i| i.modifiers.shift || i.modifiers.command)
}

fn end_of(scene: &Scene, port: &PortRef, direction: Direction) -> Option<PortEnd> {
    Some(scene.block(&port.block)?.port(direction, &port.port)?.end.clone())
}

/// A wire begins at a port. At an input that is wired, that wire's end comes off.
fn wire_from(tab: &Tab, end: &PortEnd) -> Gesture {
    match wire_at(tab, end) {
        Some(wire) => {
            let from = PortEnd { port: wire.from.clone(), direction: Direction::Out, kind: end.kind };
            Gesture::Wire { from, detached: Some(wire) }
        }
        None => Gesture::Wire { from: end.clone(), detached: None },
    }
}

/// The wire that ends at an input; in a list that of its row.
fn wire_at(tab: &Tab, end: &PortEnd) -> Option<Wire> {
    let links = tab.document.checked.links(&end.port.block).filter(|_| end.direction == Direction::In);
    let mut wires = links.into_iter().flat_map(|links| &links.incoming).filter(|wire| answers(tab, &wire.to, end));
    let is_list = is_list(tab, end);
    let wired = match split_item(&end.port.port).1 {
        Some(nth) if is_list => wires.nth(nth),
        // The free row of a list.
        None if is_list => None,
        _ => wires.next_back(),
    };
    wired.cloned()
}

fn answers(tab: &Tab, port: &PortRef, end: &PortEnd) -> bool {
    let spec = tab.document.checked.blocks.get(&port.block).and_then(|b| b.spec());
    match spec.and_then(|s| s.port(end.direction, &port.port)) {
        Some(spec) => spec.answers_to(split_item(&end.port.port).0),
        None => port.port == end.port.port,
    }
}

/// Whether any number of wires ends at a port, each in a row of its own.
fn is_list(tab: &Tab, end: &PortEnd) -> bool {
    let spec = tab.document.checked.blocks.get(&end.port.block).and_then(|b| b.spec());
    spec.and_then(|spec| spec.port(end.direction, split_item(&end.port.port).0)).is_some_and(|port| port.is_list())
}

/// The drag ends at `at`.
fn finish(ui: &Ui, tab: &mut Tab, scene: &Scene, gesture: Gesture, at: Pos2, commands: &mut Vec<Command>) {
    match gesture {
        Gesture::Move { from } => commands.push(Command::Move(at - from)),
        Gesture::Wire { from, detached } => drop_wire(ui, tab, scene, &from, detached, at, commands),
        Gesture::None | Gesture::Pan | Gesture::Box { .. } => {}
    }
}

fn drop_wire(
    ui: &Ui,
    tab: &mut Tab,
    scene: &Scene,
    from: &PortEnd,
    detached: Option<Wire>,
    at: Pos2,
    commands: &mut Vec<Command>,
) {
    if let Some(port) = scene.port_at(at, DROP_REACH / tab.view.camera.zoom) {
        let is_row = port.end.direction == Direction::In && is_list(tab, &port.end);
        let row = is_row.then(|| wire_at(tab, &port.end)).flatten();
        match Fit::new(&tab.document.checked, from, detached.as_ref()).wire(&port.end) {
            Ok(wire) if Some(&wire) == detached.as_ref() && (!is_row || row == detached) => {}
            Ok(wire) => commands.push(Command::Connect { wire, instead_of: detached, row }),
            Err(reason) => commands.push(Command::Notice(reason)),
        }
        return;
    }
    if let Some(wire) = detached {
        commands.push(Command::Disconnect(wire));
    } else if scene.block_at(at).is_some() {
        commands.push(Command::Notice("Let go on a port to wire it.".to_owned()));
    } else if from.kind == PortKind::Attrs && from.direction == Direction::In {
        commands.push(Command::AttrsFrom { block: from.port.block.clone(), at });
    } else if let Some(screen) = ui.pointer_latest_pos() {
        let connect = Some(from.clone());
        commands.push(Command::Search(Search { at, screen, text: String::new(), marked: 0, connect, opened: false }));
    }
}

fn clicks(ui: &Ui, response: &Response, tab: &mut Tab, scene: &Scene, at: Pos2, commands: &mut Vec<Command>) {
    let zoom = tab.view.camera.zoom;
    if response.double_clicked() {
        double_click(ui, tab, scene, at, commands);
    } else if response.clicked() {
        tab.view.search = None;
        tab.view.attrs_open = None;
        match target(scene, at, zoom) {
            Target::Port(port) if port.end.kind == PortKind::Scope => {
                commands.push(Command::Notice(SCOPE_REASON.to_owned()));
            }
            Target::Port(port) if port.end.kind == PortKind::Attrs && port.end.direction == Direction::In => {
                tab.view.attrs_open = Some(port.end.port.block.clone());
                commands.push(Command::Select([port.end.port.block.clone()].into()));
            }
            Target::Port(port) => select(ui, tab, &port.end.port.block, commands),
            Target::Block(block) => select(ui, tab, &block.id, commands),
            Target::Wire(wire, _) => commands.push(Command::SelectWire(Some(wire.wire.clone()))),
            Target::Nothing if !extends(ui) => commands.push(Command::Select(BTreeSet::new())),
            Target::Nothing => {}
        }
        ui.memory_mut(|m| {
            if let Some(id) = m.focused() {
                m.surrender_focus(id);
            }
        });
    } else if response.secondary_clicked() {
        secondary_click(ui, tab, scene, at, commands);
    }
}

fn select(ui: &Ui, tab: &Tab, id: &BlockId, commands: &mut Vec<Command>) {
    let mut selection = if extends(ui) { tab.view.selection.clone() } else { BTreeSet::new() };
    if !extends(ui) || !selection.remove(id) {
        selection.insert(id.clone());
    }
    commands.push(Command::Select(selection));
}

/// On a value its field opens, on a block's head that of its id, on the empty canvas the search.
fn double_click(ui: &Ui, tab: &mut Tab, scene: &Scene, at: Pos2, commands: &mut Vec<Command>) {
    match target(scene, at, tab.view.camera.zoom) {
        Target::Block(block) => edit_in_place(tab, editable(tab, block, at), commands),
        Target::Port(port) => {
            let block = scene.block(&port.end.port.block);
            edit_in_place(tab, block.and_then(|block| editable(tab, block, at)), commands);
        }
        Target::Wire(..) => {}
        Target::Nothing => open_search(ui, at, commands),
    }
}

/// Opens a field on the canvas, or says why there is none.
fn edit_in_place(tab: &mut Tab, field: Option<Field>, commands: &mut Vec<Command>) {
    match field.as_ref().and_then(|field| tab.why_fixed(field)) {
        Some(notice) => commands.push(Command::Notice(notice)),
        None => tab.view.in_place = field,
    }
}

fn editable(tab: &Tab, block: &BlockShape, at: Pos2) -> Option<Field> {
    let id = &block.id;
    if let Some((name, _)) = block.fields.iter().find(|(_, rect)| rect.contains(at)) {
        return Some(Field::Attr(id.clone(), name.clone()));
    }
    if block.header.contains(at) {
        return Some(Field::Id(id.clone()));
    }
    if block.value.is_some_and(|rect| rect.contains(at)) {
        return super::in_place::value_attribute(tab, id).map(|name| Field::Attr(id.clone(), name.to_string()));
    }
    let port = block.ports.iter().find(|p| p.row.contains(at) && p.end.direction == Direction::In)?;
    let literal = port.end.kind == PortKind::Tensor && port.spec.as_ref().is_some_and(|s| !s.is_list());
    literal.then(|| Field::Literal(id.clone(), port.end.port.port.to_string()))
}

fn open_search(ui: &Ui, at: Pos2, commands: &mut Vec<Command>) {
    if let Some(screen) = ui.pointer_latest_pos() {
        commands.push(Command::Search(Search {
            at,
            screen,
            text: String::new(),
            marked: 0,
            connect: None,
            opened: false,
        }));
    }
}

fn secondary_click(ui: &Ui, tab: &mut Tab, scene: &Scene, at: Pos2, commands: &mut Vec<Command>) {
    tab.view.menu_open = true;
    match target(scene, at, tab.view.camera.zoom) {
        Target::Block(block) if tab.view.selection.contains(&block.id) => {}
        Target::Block(BlockShape { id, .. }) => tab.view.selection = [id.clone()].into(),
        Target::Port(port) => tab.view.selection = [port.end.port.block.clone()].into(),
        Target::Wire(wire, _) => {
            tab.view.selection.clear();
            tab.view.wire = Some(wire.wire.clone());
        }
        Target::Nothing => {
            tab.view.menu_open = false;
            open_search(ui, at, commands);
        }
    }
}

/// The menu of a block or a wire.
pub fn menu(response: &Response, tab: &Tab, commands: &mut Vec<Command>) {
    if !tab.view.menu_open {
        return;
    }
    Popup::context_menu(response).show(|ui| {
        ui.set_min_width(170.0);
        let mut entry = |ui: &mut Ui, text: &str, command: Command| {
            if ui.button(text).clicked() {
                commands.push(command);
            }
        };
        if !tab.view.selection.is_empty() {
            if tab.view.selected_block().is_some() {
                entry(ui, Action::Rename.text(), Command::Do(Action::Rename));
            }
            entry(ui, Action::Duplicate.text(), Command::Do(Action::Duplicate));
            entry(ui, Action::Copy.text(), Command::Do(Action::Copy));
            entry(ui, Action::Cut.text(), Command::Do(Action::Cut));
            entry(ui, "Disconnect", Command::DisconnectSelected);
            ui.separator();
        }
        entry(ui, Action::Delete.text(), Command::Do(Action::Delete));
    });
}

/// Cursor and hints for what the pointer is over.
fn hover(ui: &Ui, response: &Response, canvas: Rect, tab: &Tab, scene: &Scene) {
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
    match target(scene, at, zoom) {
        Target::Port(port) => {
            if port.end.kind != PortKind::Scope {
                ui.set_cursor_icon(CursorIcon::PointingHand);
            }
            tip(response, |ui| port_tip(ui, tab, port));
        }
        Target::Block(block) if block.message.is_some_and(|rect| rect.contains(at)) => {
            if let Some(message) = super::view::message(tab, &block.id) {
                tip(response, |ui| {
                    ui.label(message);
                });
            }
        }
        Target::Block(_) => ui.set_cursor_icon(CursorIcon::Default),
        Target::Wire(..) => ui.set_cursor_icon(CursorIcon::PointingHand),
        Target::Nothing => {}
    }
}

fn tip(response: &Response, content: impl FnOnce(&mut Ui)) {
    egui::Tooltip::always_open(
        response.ctx.clone(),
        response.layer_id,
        response.id.with("tip"),
        egui::PopupAnchor::Pointer,
    )
    .gap(14.0)
    .show(|ui| {
        ui.set_max_width(320.0);
        content(ui);
    });
}

fn port_tip(ui: &mut Ui, tab: &Tab, port: &PortShape) {
    let tokens = crate::tokens::Tokens::of(ui);
    let end = &port.end;
    let name = egui::RichText::new(&*end.port.port).family(crate::theme::semibold());
    ui.horizontal(|ui| {
        ui.label(name);
        let types = match end.kind {
            PortKind::Tensor => port.spec.as_ref().map(|spec| spec.types.names()),
            kind => Some(kind.name().to_owned()),
        };
        ui.label(egui::RichText::new(types.unwrap_or_default()).color(tokens.muted));
    });
    if let Some(spec) = &port.spec {
        crate::docs::show(ui, &spec.docs);
    }
    if end.kind == PortKind::Attrs && end.direction == Direction::In {
        ui.label(egui::RichText::new("Click to edit; drag onto the canvas to make a set.").color(tokens.muted));
    }
    let index = tab.document.checked.blocks.get(&end.port.block).and_then(|b| b.output_index(&end.port.port));
    if end.direction == Direction::Out
        && let Some(ty) = index.and_then(|i| tab.document.checked.blocks.get(&end.port.block)?.outputs.get(i))
    {
        ui.label(egui::RichText::new(ty.to_string()).monospace().color(tokens.muted));
    }
}
