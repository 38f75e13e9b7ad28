//! What is clicked on the canvas.

use std::collections::BTreeSet;

use egui::Pos2;
use node_core::{BlockId, Direction, PortKind};

use super::decor::Hit;
use super::hand::Hand;
use super::hits::Target;
use super::in_place::value_attribute;
use crate::command::{Bending, Command, Glance};
use crate::state::shapes::BlockShape;
use crate::state::tab::Tab;
use crate::state::view::{Field, Menu, Picked};
use crate::wiring::fit::SCOPE_REASON;

/// Hears clicks.
pub fn click(hand: &mut Hand<'_>) {
    let at = hand.response.interact_pointer_pos().map(|at| hand.camera.to_world(hand.canvas, at));
    let Some(at) = at else { return };
    if hand.response.double_clicked() {
        double_click(hand, at);
    } else if hand.response.clicked() {
        single_click(hand, at);
    } else if hand.response.secondary_clicked() {
        secondary_click(hand, at);
    }
}

fn picked(hit: Hit) -> Picked {
    match hit {
        Hit::Title(name) => Picked::Frame(name),
        Hit::Note(name) | Hit::Corner(name) => Picked::Note(name),
    }
}

fn single_click(hand: &mut Hand<'_>, at: Pos2) {
    hand.close();
    match hand.target(at) {
        Target::Port(port) if port.end.kind == PortKind::Scope => hand.ask(Command::Notice(SCOPE_REASON.to_owned())),
        Target::Port(port) if port.end.kind == PortKind::Attrs && port.end.direction == Direction::In => {
            let block = port.end.port.block.clone();
            hand.look(Glance::AttrsOf(Some(block.clone())));
            hand.ask(Command::Select([block].into()));
        }
        Target::Port(port) => select(hand, &port.end.port.block),
        Target::Block(block) => select(hand, &block.id),
        Target::Wire(wire, _) | Target::Bend(wire, _) => hand.ask(Command::SelectWire(Some(wire.wire.clone()))),
        Target::Decor(hit) => hand.ask(Command::Pick(picked(hit))),
        Target::Nothing if !hand.extends() => hand.ask(Command::Select(BTreeSet::new())),
        Target::Nothing => {}
    }
    hand.leave_fields();
}

fn select(hand: &mut Hand<'_>, id: &BlockId) {
    let extends = hand.extends();
    let mut selection = if extends { (*hand.tab.view.selection).clone() } else { BTreeSet::new() };
    if !extends || !selection.remove(id) {
        selection.insert(id.clone());
    }
    hand.ask(Command::Select(selection));
}

/// On a value its field opens, on a block's head that of its id; elsewhere on the block the inspector shows it. A wire is
/// bent, a bend goes; on the empty canvas the search opens.
fn double_click(hand: &mut Hand<'_>, at: Pos2) {
    let block = match hand.target(at) {
        Target::Block(block) => Some(block),
        Target::Port(port) => hand.scene.block(&port.end.port.block),
        Target::Wire(wire, place) => {
            return hand.ask(Command::Bend(wire.wire.clone(), Bending::Add(place.piece, place.at)));
        }
        Target::Bend(wire, nth) => return hand.ask(Command::Bend(wire.wire.clone(), Bending::Remove(nth))),
        Target::Decor(hit) => {
            let field = match picked(hit) {
                Picked::Frame(name) => Field::Title(name),
                Picked::Note(name) => Field::Note(name),
            };
            return hand.look(Glance::InPlace(Some(field)));
        }
        Target::Nothing => return hand.search(at, None),
    };
    let field = block.and_then(|block| editable(hand.tab, block, at));
    match field.as_ref().and_then(|field| hand.tab.why_fixed(field)) {
        Some(notice) => hand.ask(Command::Notice(notice)),
        None if field.is_some() => hand.look(Glance::InPlace(field)),
        None => block.into_iter().for_each(|block| hand.ask(Command::Inspect(block.id.clone()))),
    }
}

/// The field that stands at a point of a block.
fn editable(tab: &Tab, block: &BlockShape, at: Pos2) -> Option<Field> {
    let id = &block.id;
    if let Some((name, _)) = block.fields.iter().find(|(_, rect)| rect.contains(at)) {
        return Some(Field::Attr(id.clone(), name.clone()));
    }
    if block.header.contains(at) {
        return Some(Field::Id(id.clone()));
    }
    if block.value.is_some_and(|rect| rect.contains(at)) {
        return value_attribute(tab, id).map(|name| Field::Attr(id.clone(), name.to_string()));
    }
    let port = block.ports.iter().find(|p| p.row.contains(at) && p.end.direction == Direction::In)?;
    let literal = port.end.kind == PortKind::Tensor && port.spec.as_ref().is_some_and(|s| !s.is_list());
    literal.then(|| Field::Literal(id.clone(), port.end.port.port.to_string()))
}

fn secondary_click(hand: &mut Hand<'_>, at: Pos2) {
    let (block, menu) = match hand.target(at) {
        Target::Block(block) => (&block.id, Menu::Blocks),
        Target::Port(port) if port.end.kind == PortKind::Scope => (&port.end.port.block, Menu::Blocks),
        Target::Port(port) => (&port.end.port.block, Menu::Port(port.end.clone())),
        Target::Wire(wire, _) | Target::Bend(wire, _) => {
            hand.look(Glance::Menu(Some(Menu::Wire)));
            hand.look(Glance::Selection(BTreeSet::new()));
            return hand.look(Glance::Wire(Some(wire.wire.clone())));
        }
        Target::Decor(hit) => {
            let picked = picked(hit);
            hand.look(Glance::Menu(Some(Menu::Decor(picked.clone()))));
            hand.look(Glance::Selection(BTreeSet::new()));
            return hand.look(Glance::Picked(Some(picked)));
        }
        Target::Nothing => {
            hand.look(Glance::Menu(None));
            return hand.search(at, None);
        }
    };
    hand.look(Glance::Menu(Some(menu)));
    if !hand.tab.view.selection.contains(block) {
        hand.look(Glance::Selection([block.clone()].into()));
    }
}
