//! Where blocks of a page go, as large as the canvas draws them.

use std::collections::{BTreeMap, HashMap};

use egui::{Pos2, Rect, Vec2};
use imbl::OrdMap;
use node_core::check::CheckedPage;
use node_core::{BlockId, Direction, Edit, Placement, Wire};

use crate::arrange::{Link, tidy};
use crate::state::placement::places;
use crate::state::shapes::{self, BlockShape};

/// Between what stands on a page and what is put below it.
const BELOW: f32 = 80.0;

/// Where blocks go in layers, by their upper left corners, from the origin on.
pub fn tidied(shapes: &[BlockShape], wires: &[Wire]) -> Vec<Pos2> {
    let numbers: HashMap<&BlockId, usize> = shapes.iter().enumerate().map(|(at, shape)| (&shape.id, at)).collect();
    let pin = |number: usize, direction, port: &str| {
        let shape = &shapes[number];
        shape.port(direction, port).map_or(shape.rect.height() / 2.0, |port| port.pin.y - shape.rect.top())
    };
    let mut links = Vec::new();
    for wire in wires {
        let (Some(from), Some(to)) = (numbers.get(&wire.from.block), numbers.get(&wire.to.block)) else { continue };
        let from_y = pin(*from, Direction::Out, &wire.from.port);
        let to_y = pin(*to, Direction::In, &wire.to.port);
        links.push(Link { from: *from, to: *to, from_y, to_y });
    }
    let sizes: Vec<Vec2> = shapes.iter().map(|shape| shape.rect.size()).collect();
    tidy(&sizes, &links)
}

/// Places for all blocks of a page, tidied, from the origin on.
pub fn of_page(checked: &CheckedPage) -> OrdMap<BlockId, Placement> {
    let shape = |id: &BlockId| BlockShape::new(checked, id, Placement::at(0.0, 0.0), false);
    let corners = tidied(&checked.blocks.keys().map(shape).collect::<Vec<_>>(), &checked.page.wires);
    let place = |at: Pos2| Placement::at(f64::from(at.x.round()), f64::from(at.y.round())).kept_within();
    checked.blocks.keys().cloned().zip(corners.into_iter().map(place)).collect()
}

/// The part of the canvas that the blocks of a page take; nothing where none has a place of its own: then the program
/// places them all.
pub fn standing(checked: &CheckedPage) -> Option<Rect> {
    if checked.page.layout.is_empty() {
        return None;
    }
    let all = places(checked, &BTreeMap::new(), |id| {
        let size = size(checked, id);
        (f64::from(size.x), f64::from(size.y))
    });
    taken(checked, all.iter())
}

/// The part that blocks take which stand so.
pub fn taken<'p>(checked: &CheckedPage, places: impl Iterator<Item = (&'p BlockId, &'p Placement)>) -> Option<Rect> {
    let corner = |place: &Placement| Pos2::new(place.x as f32, place.y as f32);
    places.map(|(id, place)| Rect::from_min_size(corner(place), size(checked, id))).reduce(Rect::union)
}

fn size(checked: &CheckedPage, id: &BlockId) -> Vec2 {
    shapes::block_rect(checked, id, Placement::at(0.0, 0.0)).size()
}

/// Puts the `new` blocks of a page below what is `standing`, tidied.
pub fn below(standing: Rect, checked: &CheckedPage, new: &[BlockId]) -> Vec<Edit> {
    let shape = |id: &BlockId| BlockShape::new(checked, id, Placement::at(0.0, 0.0), false);
    let corners = tidied(&new.iter().map(shape).collect::<Vec<_>>(), &checked.page.wires);
    let corner = Vec2::new(standing.left(), standing.bottom() + BELOW);
    let place = |(block, at): (&BlockId, Pos2)| {
        let at = (at + corner).round();
        let to = Placement::at(f64::from(at.x), f64::from(at.y)).kept_within();
        Edit::Place { block: block.clone(), to: Some(to) }
    };
    new.iter().zip(corners).map(place).collect()
}
