//! What painting needs to know at every place.

use egui::{Color32, Painter, Pos2, Rect, Vec2};
use node_core::PortKind;

use super::ink::Ink;
use crate::panels::canvas::course::Course;
use crate::panels::canvas::scene::{Item, Scene, WireShape, depth};
use crate::state::tab::Tab;
use crate::state::view::{Camera, Gesture, PortEnd};
use crate::widgets::tokens::Tokens;
use crate::wiring::fit::Fit;

/// What painting needs to know at every place.
pub struct Brush<'a> {
    /// Lays out texts.
    pub painter: &'a Painter,
    /// Where to paint.
    pub ink: Ink<'a>,
    /// Where the canvas is.
    pub canvas: Rect,
    /// What it shows.
    pub camera: Camera,
    /// The colours.
    pub tokens: &'static Tokens,
    /// The page.
    pub tab: &'a Tab,
    /// While a wire is drawn: which ports it may go to.
    pub fit: Option<&'a Fit<'a>>,
    /// The end that stays.
    pub from: Option<&'a PortEnd>,
    /// Where the pointer is, on the page.
    pub pointer: Option<Pos2>,
    /// How far the selected blocks are being moved.
    pub moved: Option<Vec2>,
}

impl<'a> Brush<'a> {
    /// The same, which paints as if a point of the page were the screen's corner.
    pub fn at_corner(&self, corner: Pos2) -> Brush<'a> {
        let camera = Camera { origin: corner.to_vec2(), ..self.camera };
        let canvas = Rect::from_min_size(Pos2::ZERO, self.canvas.size());
        Brush { ink: Ink::new(self.painter), camera, canvas, moved: None, ..*self }
    }

    /// A point, from the page to the screen.
    pub fn at(&self, world: Pos2) -> Pos2 {
        self.camera.to_screen(self.canvas, world)
    }

    /// A rectangle, from the page to the screen.
    pub fn rect(&self, world: Rect) -> Rect {
        self.camera.rect_to_screen(self.canvas, world)
    }

    /// A length, from the page to the screen.
    pub fn px(&self, length: f32) -> f32 {
        length * self.camera.zoom
    }

    /// Whether a wire that is being drawn may go to this port; any port while none is.
    pub fn fits(&self, end: &PortEnd) -> bool {
        match (&self.fit, self.from) {
            (Some(fit), Some(from)) => end == from || fit.wire(end).is_ok(),
            _ => true,
        }
    }

    /// How far a block is being moved.
    pub fn moved_by(&self, selected: bool) -> Vec2 {
        self.moved.filter(|_| selected).unwrap_or(Vec2::ZERO)
    }

    /// What of the page is in view.
    fn view(&self) -> Rect {
        let corner = |at| self.camera.to_world(self.canvas, at);
        Rect::from_min_max(corner(self.canvas.min), corner(self.canvas.max)).expand(12.0 / self.camera.zoom)
    }

    /// Whether all of the page is in view.
    fn sees_all(&self, scene: &Scene) -> bool {
        scene.bounds().is_some_and(|bounds| self.view().contains_rect(bounds))
    }

    /// The blocks in view, those in front last.
    pub fn items<'s>(&self, scene: &'s Scene) -> Vec<&'s Item> {
        let mut items: Vec<&Item> = match self.moved {
            None if self.sees_all(scene) => scene.items().collect(),
            None => scene.blocks_in(self.view()).collect(),
            Some(by) => {
                let others = scene.blocks_in(self.view()).filter(|item| !item.selected);
                others.chain(scene.blocks_in(self.view().translate(-by)).filter(|item| item.selected)).collect()
            }
        };
        // From afar nobody sees which of two covers the other.
        if items.len() < 4_000 {
            items.sort_by(|a, b| depth(self.tab, a).cmp(&depth(self.tab, b)));
        }
        items
    }

    /// The wires in view, as they are now; those that are shorter than `least` on the screen are not seen.
    pub fn wires<'s>(&self, scene: &'s Scene, least: f32) -> Vec<(&'s WireShape, Course)> {
        let view = self.view();
        let is_seen = |course: &Course| self.px(course.bounds().size().max_elem()) >= least;
        let as_is = |wire: &'s WireShape| is_seen(&wire.course).then(|| (wire, self.course(wire)));
        match self.moved {
            None if self.sees_all(scene) => scene.items().flat_map(|item| &item.wires).filter_map(as_is).collect(),
            None => scene.wires_in(view).filter_map(as_is).collect(),
            Some(by) => {
                let out = matches!(self.tab.view.gesture, Gesture::Move { out: true, .. });
                let moved = scene.moved_wires(by).filter(|(wire, course)| {
                    is_seen(course) && course.bounds().expand(1.0).intersects(view) && !(out && self.comes_off(wire))
                });
                moved.collect()
            }
        }
    }

    /// The way of a wire that is not moved; a bend of it may be.
    fn course(&self, wire: &WireShape) -> Course {
        match (&self.tab.view.gesture, self.pointer) {
            (Gesture::Bend { wire: bent, nth }, Some(at)) if *bent == wire.wire => wire.course.with_bend(*nth, at),
            _ => wire.course.clone(),
        }
    }

    /// Whether a wire is taken off as the selected blocks are pulled out.
    fn comes_off(&self, wire: &WireShape) -> bool {
        let is_selected = |id| self.tab.view.selection.contains(id);
        wire.kind == PortKind::Tensor && is_selected(&wire.wire.from.block) != is_selected(&wire.wire.to.block)
    }

    /// The colour of a wire; those of what is not selected fade.
    pub fn wire_color(&self, wire: &WireShape) -> Color32 {
        const FADED: f32 = 0.4;
        let color = self.tokens.port(wire.kind, wire.dtype);
        if wire.stands_out { color } else { color.gamma_multiply(FADED) }
    }

    /// The colour of a block's category.
    pub fn category(&self, item: &Item) -> Color32 {
        item.category.as_ref().map_or(self.tokens.faint, |category| self.tokens.category(category))
    }
}
