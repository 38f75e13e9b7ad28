//! Where blocks of a page go, as large as the canvas draws them.

use std::collections::{BTreeMap, HashMap};

use egui::{Pos2, Rect, Vec2};
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

/// Puts the `new` blocks of a page below all others, tidied. On a page where no other block has a place the program
/// goes on placing them all.
pub fn below(checked: &CheckedPage, new: &[BlockId]) -> Vec<Edit> {
    let page = &checked.page;
    if page.layout.keys().all(|id| new.contains(id)) {
        return Vec::new();
    }
    let size = |id: &BlockId| shapes::block_rect(checked, id, Placement::at(0.0, 0.0)).size();
    let all = places(checked, &BTreeMap::new(), |id| (f64::from(size(id).x), f64::from(size(id).y)));
    let others = all.iter().filter(|(id, _)| !new.contains(id));
    let rects = others.map(|(id, place)| Rect::from_min_size(Pos2::new(place.x as f32, place.y as f32), size(id)));
    let standing = rects.reduce(Rect::union).unwrap_or(Rect::ZERO);
    let shape = |id: &BlockId| BlockShape::new(checked, id, Placement::at(0.0, 0.0), false);
    let corners = tidied(&new.iter().map(shape).collect::<Vec<_>>(), &page.wires);
    let corner = Vec2::new(standing.left(), standing.bottom() + BELOW);
    let place = |(block, at): (&BlockId, Pos2)| {
        let at = (at + corner).round();
        let to = Placement::at(f64::from(at.x), f64::from(at.y)).kept_within();
        Edit::Place { block: block.clone(), to: Some(to) }
    };
    new.iter().zip(corners).map(place).collect()
}
