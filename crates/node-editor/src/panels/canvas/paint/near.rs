//! Blocks close by: what is painted of each is kept until it changes, and painted again wherever the block stands.

use std::collections::HashMap;

use egui::{Shape, Ui};
use node_core::BlockId;

use super::blocks;
use super::brush::Brush;
use super::ink::moved;
use crate::panels::canvas::scene::Item;

/// So many blocks are kept at most: more than are in view close by.
const MOST: usize = 4_000;

/// What was painted of blocks.
#[derive(Clone, Default)]
pub struct Near {
    key: Option<Key>,
    shapes: HashMap<BlockId, Kept>,
}

/// What all of them depend on.
#[derive(Clone, PartialEq)]
struct Key {
    zoom: f32,
    dark: bool,
    pixels: f32,
    content: u64,
    generation: u64,
    stale: bool,
}

/// What was painted of one block, as if it stood at the screen's corner.
#[derive(Clone)]
struct Kept {
    version: u64,
    selected: bool,
    shapes: Vec<Shape>,
}

impl Near {
    /// Forgets what does not fit any more; call it once in a frame, before blocks are painted.
    pub fn begin(&mut self, ui: &Ui, brush: &Brush<'_>) {
        let tab = brush.tab;
        let key = Key {
            zoom: brush.camera.zoom,
            dark: ui.visuals().dark_mode,
            pixels: ui.pixels_per_point(),
            content: tab.document.content(),
            generation: tab.run.generation(),
            stale: tab.is_stale(),
        };
        // Texts that were laid out know where their letters are in the atlas; a new one begins empty.
        let is_full = self.shapes.len() > MOST;
        if self.key.as_ref() != Some(&key) || atlas_is_new(ui) || is_full {
            (self.key, self.shapes) = (Some(key), HashMap::new());
        }
    }

    /// Paints a block.
    pub fn paint(&mut self, brush: &Brush<'_>, item: &Item) {
        self.with(brush, item, blocks::paint);
    }

    /// Paints a block's name alone.
    pub fn name(&mut self, brush: &Brush<'_>, item: &Item) {
        self.with(brush, item, blocks::name);
    }

    fn with(&mut self, brush: &Brush<'_>, item: &Item, paint: fn(&Brush<'_>, &Item)) {
        let by = brush.rect(item.block.rect.translate(brush.moved_by(item.selected))).min.to_vec2();
        // While a wire is drawn, ports are dimmed that it does not fit.
        if brush.fit.is_some() {
            brush.ink.extend(drawn(brush, item, paint).into_iter().map(|shape| moved(shape, by)));
            return;
        }
        let is_kept = self
            .shapes
            .get(&item.block.id)
            .is_some_and(|kept| kept.version == item.version && kept.selected == item.selected);
        if !is_kept {
            let kept = Kept { version: item.version, selected: item.selected, shapes: drawn(brush, item, paint) };
            self.shapes.insert(item.block.id.clone(), kept);
        }
        let shapes = self.shapes.get(&item.block.id).map_or(&[][..], |kept| &kept.shapes);
        brush.ink.extend(shapes.iter().map(|shape| moved(shape.clone(), by)));
    }
}

fn drawn(brush: &Brush<'_>, item: &Item, paint: fn(&Brush<'_>, &Item)) -> Vec<Shape> {
    let corner = brush.at_corner(item.block.rect.min);
    paint(&corner, item);
    corner.ink.into_shapes()
}

/// Whether the atlas of letters was emptied since the last frame.
fn atlas_is_new(ui: &Ui) -> bool {
    let id = egui::Id::unique("how full the atlas was");
    let now = ui.ctx().fonts(|fonts| fonts.font_atlas_fill_ratio());
    let before = ui.data(|data| data.get_temp::<f32>(id)).unwrap_or(0.0);
    ui.data_mut(|data| data.insert_temp(id, now));
    now < before
}
