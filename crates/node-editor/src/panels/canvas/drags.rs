//! What is dragged on the canvas: the view, blocks, a box, wires.

use std::collections::BTreeSet;

use egui::{CursorIcon, PointerButton, Pos2, Rect, Vec2};
use node_core::{BlockId, Direction, PortKind, PortRef, Wire};

use super::decor::Hit;
use super::hand::Hand;
use super::hits::{DROP_REACH, Target, wire_under, wires_under};
use super::scene::Scene;
use crate::command::{Bending, Command, Glance};
use crate::state::tab::Tab;
use crate::state::view::{Gesture, Picked, PortEnd};
use crate::wiring::at::{is_list, wire_at};
use crate::wiring::fit::{Fit, SCOPE_REASON};
use crate::wiring::free;

/// A line that cuts has a point at most every so often, on the screen.
const CUT_STEP: f32 = 5.0;

/// Advances the gesture by one frame; tells whether it took what the pointer did.
pub fn drag(hand: &mut Hand<'_>) -> bool {
    let (response, was) = (hand.response, &hand.tab.view.gesture);
    if let Gesture::Carry { from } = was {
        return carry(hand, *from);
    }
    let mut gesture = was.clone();
    let origin = hand.ui.input(|i| i.pointer.press_origin()).map(|at| hand.camera.to_world(hand.canvas, at));
    if let Some(origin) = origin {
        if response.drag_started_by(PointerButton::Primary) {
            gesture = begin(hand, origin);
        } else if response.drag_started_by(PointerButton::Secondary) && hand.ui.input(|i| i.modifiers.command) {
            hand.close();
            gesture = Gesture::Cut(vec![origin]);
        } else if response.drag_started_by(PointerButton::Middle) || response.drag_started_by(PointerButton::Secondary)
        {
            gesture = Gesture::Pan;
        }
    }
    let at = hand.at();
    if response.dragged() && gesture == Gesture::Pan {
        // A drag begins a few points after the press; what was pressed stays under the pointer.
        let begun = hand.ui.input(|i| Some(i.pointer.latest_pos()? - i.pointer.press_origin()?));
        let by = begun.filter(|_| *was != Gesture::Pan).unwrap_or(response.drag_delta());
        hand.camera.origin -= by / hand.camera.zoom;
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
    if let (Gesture::Cut(line), Some(at)) = (&mut gesture, at)
        && line.last().is_none_or(|last| last.distance(at) * hand.camera.zoom > CUT_STEP)
    {
        line.push(at);
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
    false
}

/// A note moves or grows; a frame moves with its blocks.
fn shift(hand: &mut Hand<'_>, hit: Hit, from: Pos2) -> Gesture {
    let decor = &hand.tab.document.page.decor;
    let (what, corner) = match hit {
        Hit::Note(name) => (Picked::Note(name), false),
        Hit::Corner(name) => (Picked::Note(name), true),
        Hit::Title(name) => {
            // A file may name blocks that are not there.
            let all = decor.frames.get(&name).into_iter().flat_map(|frame| &frame.blocks);
            let blocks: BTreeSet<BlockId> = all.filter(|id| hand.scene.block(id).is_some()).cloned().collect();
            if !blocks.is_empty() {
                hand.look(Glance::Selection(blocks));
                hand.look(Glance::Picked(Some(Picked::Frame(name))));
                return Gesture::Move { from, out: false };
            }
            (Picked::Frame(name), false)
        }
    };
    hand.ask(Command::Pick(what.clone()));
    Gesture::Shift { what, from, corner }
}

/// The selected blocks follow the pointer until a button is let go: the first puts them down, another leaves them.
fn carry(hand: &mut Hand<'_>, from: Pos2) -> bool {
    let (put_down, given_up) =
        hand.ui.input(|i| (i.pointer.primary_released(), i.pointer.button_released(PointerButton::Secondary)));
    let at = hand.at().filter(|_| hand.response.contains_pointer());
    hand.ui.set_cursor_icon(CursorIcon::Grabbing);
    if !put_down && !given_up {
        return true;
    }
    if let (true, Some(at)) = (put_down, at) {
        let (by, onto) = (at - from, onto(hand, at - from));
        hand.ask(Command::Move { by, out: false, onto });
    }
    hand.look(Glance::Gesture(Gesture::None));
    true
}

/// The wire that the one selected block would be put into, if it were moved so.
fn onto(hand: &Hand<'_>, by: Vec2) -> Option<Wire> {
    wire_under(hand.scene, hand.tab, by).map(|wire| wire.wire.clone())
}

/// A drag begins at `origin`.
fn begin(hand: &mut Hand<'_>, origin: Pos2) -> Gesture {
    hand.close();
    let (alt, command) = hand.ui.input(|i| (i.modifiers.alt, i.modifiers.command));
    let selection = &hand.tab.view.selection;
    let keep = || if hand.extends() { (**selection).clone() } else { BTreeSet::new() };
    match hand.target(origin) {
        Target::Port(port) if port.end.kind == PortKind::Scope => {
            hand.ask(Command::Notice(SCOPE_REASON.to_owned()));
            Gesture::None
        }
        Target::Port(port) => wire_from(hand.tab, &port.end),
        Target::Bend(wire, nth) => Gesture::Bend { wire: wire.wire.clone(), nth },
        Target::Wire(wire, place) => {
            let wire = wire.wire.clone();
            let stays = if place.along >= 0.5 { (&wire.from, Direction::Out) } else { (&wire.to, Direction::In) };
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
            Gesture::Move { from: origin, out: alt }
        }
        Target::Decor(hit) => shift(hand, hit, origin),
        Target::Nothing if alt => Gesture::Pan,
        Target::Nothing if command => Gesture::Cut(vec![origin]),
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
    match wire_at(&tab.document.checked, end) {
        Some(wire) => {
            let from = PortEnd { port: wire.from.clone(), direction: Direction::Out, kind: end.kind };
            Gesture::Wire { from, detached: Some(wire) }
        }
        None => Gesture::Wire { from: end.clone(), detached: None },
    }
}

/// The drag ends at `at`.
fn finish(hand: &mut Hand<'_>, gesture: &Gesture, at: Pos2) {
    match gesture {
        Gesture::Move { from, out } => {
            let (by, out) = (at - *from, *out);
            let onto = if out { None } else { onto(hand, by) };
            hand.ask(Command::Move { by, out, onto });
        }
        Gesture::Bend { wire, nth } => hand.ask(Command::Bend(wire.clone(), Bending::Move(*nth, at))),
        Gesture::Shift { what, from, corner } => {
            hand.ask(Command::Shift { what: what.clone(), by: at - *from, corner: *corner });
        }
        Gesture::Cut(line) => {
            let line: Vec<Pos2> = line.iter().copied().chain([at]).collect();
            hand.ask(Command::Cut(wires_under(hand.scene, &line)));
        }
        Gesture::Wire { from, detached } => drop_wire(hand, from, detached.clone(), at),
        Gesture::None | Gesture::Pan | Gesture::Box { .. } | Gesture::Carry { .. } => {}
    }
}

fn drop_wire(hand: &mut Hand<'_>, from: &PortEnd, detached: Option<Wire>, at: Pos2) {
    let tab = hand.tab;
    if let Some(port) = hand.scene.port_at(at, DROP_REACH / hand.camera.zoom) {
        let is_row = port.end.direction == Direction::In && is_list(&tab.document.checked, &port.end);
        let row = is_row.then(|| wire_at(&tab.document.checked, &port.end)).flatten();
        match Fit::new(&tab.document.checked, from, detached.as_ref()).wire(&port.end) {
            Ok(wire) if Some(&wire) == detached.as_ref() && (!is_row || row == detached) => {}
            Ok(wire) => hand.ask(Command::Connect { wire, instead_of: detached, row }),
            Err(reason) => hand.ask(Command::Notice(reason)),
        }
        return;
    }
    let body = hand.scene.block_at(tab, at).filter(|block| block.id != from.port.block);
    if let Some(block) = body {
        match free::of_block(&tab.document.checked, &block.id, from, detached.as_ref()) {
            Ok(wire) if Some(&wire) == detached.as_ref() => {}
            Ok(wire) => hand.ask(Command::Connect { wire, instead_of: detached, row: None }),
            Err(reason) => hand.ask(Command::Notice(reason)),
        }
    } else if let Some(wire) = detached {
        hand.ask(Command::Disconnect(wire));
    } else if hand.scene.block_at(tab, at).is_some() {
        hand.ask(Command::Notice("A block cannot feed itself.".to_owned()));
    } else if from.kind == PortKind::Attrs && from.direction == Direction::In {
        hand.ask(Command::AttrsFrom { block: from.port.block.clone(), at });
    } else {
        hand.search(at, Some(from.clone()));
    }
}
