//! A scene that has followed changes is one that is made at once.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Rect, pos2};
use node_core::{BlockId, Placement, Wire};

use super::{Item, Scene, WireShape};
use crate::state::document::Document;
use crate::state::tab::Tab;
use crate::state::tab::TabId;
use node_core::{BlockNode, Edit, Page, PortRef, Registry, Value};

/// A sequence of numbers that looks random, the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

fn id(n: usize) -> BlockId {
    BlockId::new(&format!("b{n}")).unwrap()
}

fn edit(numbers: &mut Numbers) -> Edit {
    let (a, b) = (numbers.below(40), numbers.below(40));
    let far = numbers.below(8) == 0;
    let mut at = || {
        let reach = if far { 400_000 } else { 3_000 };
        numbers.below(reach) as f64 - reach as f64 / 2.0 + 0.25
    };
    let place = Some(Placement::at(at(), at()));
    let types = ["Square", "AddV2", "Pack", "Const", "Attrs", "Nobody"];
    let inputs = ["x", "y", "values", "attrs"];
    let wire = Wire {
        from: PortRef::new(&id(a), if numbers.below(5) == 0 { "attrs" } else { "output" }),
        to: PortRef::new(&id(b), inputs[numbers.below(inputs.len())]),
    };
    match numbers.below(9) {
        0..=2 => Edit::Place { block: id(a), to: place },
        3 | 4 => {
            let block = Arc::new(BlockNode::new(types[numbers.below(types.len())]));
            Edit::AddBlock { id: id(a), block, place: place.filter(|_| numbers.below(6) > 0) }
        }
        5 => Edit::RemoveBlock(id(a)),
        6 => Edit::Connect { wire },
        7 => Edit::set_attr(&id(a), "value", Some(Value::Int(numbers.below(9) as i64).into())),
        _ => Edit::Batch((0..8).map(|n| Edit::Place { block: id(a + n), to: place }).collect()),
    }
}

fn described(scene: &Scene) -> Vec<String> {
    let mut items: Vec<String> = scene
        .items()
        .map(|item| {
            let near = |at: &Pos2| ((at.x * 16.0).round(), (at.y * 16.0).round());
            let wires = item.wires.iter().map(|w| {
                (
                    w.wire.to_string(),
                    w.course.pieces().map(|piece| piece.each_ref().map(near)).collect::<Vec<_>>(),
                    w.kind,
                    w.dtype,
                    w.stands_out,
                )
            });
            let ports = item.block.ports.iter().map(|p| (&p.end, p.item, near(&p.pin), near(&p.row.min), p.wired));
            let Item { block, category, selected, .. } = item;
            let (wires, ports) = (wires.collect::<Vec<_>>(), ports.collect::<Vec<_>>());
            let parts = [Some(block.rect), Some(block.header), block.message, block.value, block.bar];
            let parts = parts.map(|rect| rect.map(|rect| (near(&rect.min), near(&rect.max))));
            format!("{} {category:?} {selected} {parts:?} {ports:?} {:?} {wires:?}", block.id, block.fields.len())
        })
        .collect();
    items.sort();
    items
}

fn ids<'s>(items: impl Iterator<Item = &'s Item>) -> BTreeSet<BlockId> {
    items.map(|item| item.block.id.clone()).collect()
}

/// A scene that has followed all changes is one that is made at once, and the grid finds what looking at all finds.
#[test]
fn a_scene_that_follows_is_one_that_is_made_anew() {
    node_blocks::link();
    let registry = Registry::linked().unwrap();
    for seed in 0..20 {
        let mut numbers = Numbers(seed);
        let document = Document::new(Page::default(), "page".to_owned(), None, Default::default(), &registry);
        let mut tab = Tab::new(TabId(1), document);
        let mut followed = Scene::default();
        for step in 0..150 {
            let document = &mut tab.document;
            match numbers.below(10) {
                0 => drop(document.undo(&registry)),
                1 => drop(document.redo(&registry)),
                2 => {
                    let some = |_: &&BlockId| numbers.below(3) == 0;
                    tab.view.selection = Arc::new(document.page.blocks.keys().filter(some).cloned().collect());
                }
                _ => drop(document.edit("edit", edit(&mut numbers), &registry)),
            }
            followed.follow(&tab);
            let mut made = Scene::default();
            made.follow(&tab);
            let (one, other) = (described(&followed), described(&made));
            assert_eq!(one.len(), other.len(), "seed {seed}, step {step}");
            one.iter().zip(&other).for_each(|(a, b)| assert_eq!(a, b, "seed {seed}, step {step}"));
            assert_eq!(followed.bounds().is_some(), made.bounds().is_some());

            let corner = pos2(numbers.below(4_000) as f32 - 2_000.0, numbers.below(4_000) as f32 - 2_000.0);
            let view = Rect::from_min_size(corner, egui::vec2(numbers.below(3_000) as f32, 700.0));
            let all = ids(followed.items().filter(|item| item.block.rect.intersects(view)));
            assert_eq!(ids(followed.blocks_in(view)), all, "seed {seed}, step {step}");
            let touches = |wire: &&WireShape| wire.course.bounds().expand(1.0).intersects(view);
            let wires = followed.items().flat_map(|item| &item.wires).filter(touches).count();
            assert_eq!(followed.wires_in(view).count(), wires, "seed {seed}, step {step}");
        }
    }
}
