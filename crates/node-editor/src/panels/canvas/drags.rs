//! What is dragged on the canvas: the view, blocks, a box, wires.

use std::collections::BTreeSet;

use egui::{CursorIcon, PointerButton, Pos2, Rect};
use node_core::name::split_item;
use node_core::{BlockId, Direction, PortKind, PortRef, Wire};

use super::hand::Hand;
use super::hits::{DROP_REACH, Target};
use super::scene::Scene;
use crate::command::{Command, Glance};
use crate::fit::{Fit, SCOPE_REASON};
use crate::state::tab::Tab;
use crate::state::view::{Gesture, PortEnd};

/// Advances the gesture by one frame.
pub fn drag(hand: &mut Hand<'_>) {
    let (response, was) = (hand.response, &hand.tab.view.gesture);
    let mut gesture = was.clone();
    let origin = hand.ui.input(|i| i.pointer.press_origin()).map(|at| hand.camera.to_world(hand.canvas, at));
    if let Some(origin) = origin {
        if response.drag_started_by(PointerButton::Primary) {
            gesture = begin(hand, origin);
        } else if response.drag_started_by(PointerButton::Middle) || response.drag_started_by(PointerButton::Secondary)
        {
            gesture = Gesture::Pan;
        }
    }
    let at = hand.at();
    if response.dragged() && gesture == Gesture::Pan {
        hand.camera.origin -= response.drag_delta() / hand.camera.zoom;
        hand.ui.set_cursor_icon(CursorIcon::Grabbing);
    }
    if let (Gesture::Box { from, keep }, Some(at)) = (&gesture, at) {
        let frame = Rect::from_two_pos(*from, at);
        let inside = hand.scene.blocks_in(frame).map(|item| item.block.id.clone());
        let mut selection: BTreeSet<BlockId> = inside.collect();
        selection.extend(keep.iter().cloned());
        if selection != *hand.tab.view.selection {
            hand.look(Glance::Selection(selection));
        }
    }
    if response.drag_stopped() {
        if let Some(at) = at {
            finish(hand, &gesture, at);
        }
        gesture = Gesture::None;
    } else if !hand.ui.input(|i| i.pointer.any_down()) {
        // Let go where nobody saw it.
        gesture = Gesture::None;
    }
    if gesture != *was {
        hand.look(Glance::Gesture(gesture));
    }
}

/// A drag begins at `origin`.
fn begin(hand: &mut Hand<'_>, origin: Pos2) -> Gesture {
    hand.close();
    if hand.ui.input(|i| i.modifiers.alt) {
        return Gesture::Pan;
    }
    let selection = &hand.tab.view.selection;
    let keep = || if hand.extends() { (**selection).clone() } else { BTreeSet::new() };
    match hand.target(origin) {
        Target::Port(port) if port.end.kind == PortKind::Scope => {
            hand.ask(Command::Notice(SCOPE_REASON.to_owned()));
            Gesture::None
        }
        Target::Port(port) => wire_from(hand.tab, &port.end),
        Target::Wire(wire, along) => {
            let wire = wire.wire.clone();
            let stays = if along >= 0.5 { (&wire.from, Direction::Out) } else { (&wire.to, Direction::In) };
            let from = end_of(hand.scene, stays.0, stays.1);
            from.map_or(Gesture::None, |from| Gesture::Wire { from, detached: Some(wire) })
        }
        Target::Block(block) => {
            if !selection.contains(&block.id) {
                let mut selection = keep();
                selection.insert(block.id.clone());
                // Selected at once, so that this very drag moves it.
                hand.look(Glance::Selection(selection));
                hand.look(Glance::Wire(None));
            }
            Gesture::Move { from: origin }
        }
        Target::Nothing => {
            let keep = keep();
            hand.look(Glance::Wire(None));
            Gesture::Box { from: origin, keep }
        }
    }
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
fn finish(hand: &mut Hand<'_>, gesture: &Gesture, at: Pos2) {
    match gesture {
        Gesture::Move { from } => hand.ask(Command::Move(at - *from)),
        Gesture::Wire { from, detached } => drop_wire(hand, from, detached.clone(), at),
        Gesture::None | Gesture::Pan | Gesture::Box { .. } => {}
    }
}

fn drop_wire(hand: &mut Hand<'_>, from: &PortEnd, detached: Option<Wire>, at: Pos2) {
    let tab = hand.tab;
    if let Some(port) = hand.scene.port_at(at, DROP_REACH / hand.camera.zoom) {
        let is_row = port.end.direction == Direction::In && is_list(tab, &port.end);
        let row = is_row.then(|| wire_at(tab, &port.end)).flatten();
        match Fit::new(&tab.document.checked, from, detached.as_ref()).wire(&port.end) {
            Ok(wire) if Some(&wire) == detached.as_ref() && (!is_row || row == detached) => {}
            Ok(wire) => hand.ask(Command::Connect { wire, instead_of: detached, row }),
            Err(reason) => hand.ask(Command::Notice(reason)),
        }
        return;
    }
    if let Some(wire) = detached {
        hand.ask(Command::Disconnect(wire));
    } else if hand.scene.block_at(tab, at).is_some() {
        hand.ask(Command::Notice("Let go on a port to wire it.".to_owned()));
    } else if from.kind == PortKind::Attrs && from.direction == Direction::In {
        hand.ask(Command::AttrsFrom { block: from.port.block.clone(), at });
    } else {
        hand.search(at, Some(from.clone()));
    }
}
