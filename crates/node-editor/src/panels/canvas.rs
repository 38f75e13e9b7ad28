//! The canvas: blocks and wires, painted by hand and hit by hand, so that it stays fast with many of them.

mod clicks;
mod course;
mod curve;
mod decor;
mod detail;
mod drags;
mod grid;
mod hand;
mod hits;
mod in_place;
mod menu;
mod minimap;
mod notes;
mod paint;
mod scene;
mod search;
mod tell;
mod tips;
mod wheel;

use egui::{Id, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use egui_commonmark::CommonMarkCache;
use node_core::Registry;

use crate::command::{Command, Glance};
use crate::panels::palette;
use crate::state::tab::Tab;
use crate::state::view::Camera;
use crate::widgets::names;
use decor::Moved;
use hand::Hand;
use hits::WIRE_REACH;
use minimap::Minimap;
use paint::Painted;
use scene::Scene;

/// Left to the panels' separators at the canvas's sides, in points.
const EDGE: f32 = 5.0;

/// The canvas of a page: it is heard, then drawn with what was heard. What it has made and painted is kept for the next
/// frame.
#[derive(Clone, Default)]
pub struct Canvas {
    scene: Scene,
    painted: Painted,
    minimap: Minimap,
    number: u32,
}

/// The canvas as a widget of one frame.
pub struct Heard {
    rect: Rect,
    response: Response,
}

impl Heard {
    /// Where the canvas is.
    pub fn rect(&self) -> Rect {
        self.rect
    }
}

impl Canvas {
    /// One that nobody hears, for pictures.
    pub fn still() -> Canvas {
        Canvas::default()
    }

    /// Around all that a page has on it, if it has anything.
    pub fn bounds(&mut self, tab: &Tab) -> Option<Rect> {
        self.scene.follow(tab);
        let all = [self.scene.bounds(), decor::bounds(&self.scene, tab)];
        all.into_iter().flatten().reduce(Rect::union)
    }

    /// Draws the page alone.
    pub fn picture(&mut self, ui: &mut Ui, rect: Rect, tab: &Tab, markdown: &mut CommonMarkCache) {
        self.scene.follow(tab);
        let still = Moved { blocks: None, other: None };
        paint::paint(ui, rect, tab, &self.scene, still, &mut self.painted);
        notes::show(ui, rect, tab, still, markdown, &mut Vec::new());
    }

    /// Turns what the pointer does into commands.
    pub fn hear(&mut self, ui: &mut Ui, number: u32, tab: &Tab, commands: &mut Vec<Command>) -> Heard {
        self.number = number;
        let rect = ui.available_rect_before_wrap();
        let response =
            ui.interact(rect.shrink2(Vec2::new(EDGE, 0.0)), Id::unique(("canvas", number)), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, names::canvas(number)));
        self.scene.follow(tab);
        let heard = Heard { rect, response };
        self.hear_pointer(ui, &heard, tab, commands);
        heard
    }

    fn hear_pointer(&self, ui: &Ui, heard: &Heard, tab: &Tab, commands: &mut Vec<Command>) {
        let (Heard { rect, response }, scene) = (heard, &self.scene);
        let camera = seen(tab, *rect, scene);
        let mut hand = Hand { ui, response, canvas: *rect, camera, tab, scene, commands };
        if response.contains_pointer() {
            wheel::turn(&mut hand);
        }
        if !drags::drag(&mut hand) {
            clicks::click(&mut hand);
        }
        if let Some(type_name) = palette::dropped(response)
            && let Some(at) = hand.at()
        {
            let under = hand.scene.wire_at(at, WIRE_REACH / camera.zoom).map(|(wire, _)| wire.wire.clone());
            let at = Some(at - Vec2::new(109.0, 24.0));
            hand.ask(Command::Add { type_name: type_name.into_owned(), at, connect: None, onto: under });
            hand.leave_fields();
        }
        let (camera, view) = (hand.camera, &tab.view);
        let is_seen = view.camera_set && view.canvas == Some(*rect) && view.camera == camera;
        if !is_seen && rect.width() > 1.0 {
            hand.look(Glance::Canvas(*rect, camera));
        }
    }

    /// Draws it. `blocks` are the types there are, and which were added last.
    pub fn draw(
        &mut self,
        ui: &mut Ui,
        heard: &Heard,
        (tab, shows_minimap): (&Tab, bool),
        blocks: (&Registry, &[String]),
        markdown: &mut CommonMarkCache,
        commands: &mut Vec<Command>,
    ) {
        let Heard { rect, response } = heard;
        self.scene.follow(tab);
        let Canvas { scene, painted, minimap, number } = self;
        tips::show(ui, response, *rect, tab, scene, commands);
        let at = ui.pointer_latest_pos().map(|at| tab.view.camera.to_world(*rect, at));
        let moved = Moved::of(tab, at);
        paint::paint(ui, *rect, tab, scene, moved, painted);
        notes::show(ui, *rect, tab, moved, markdown, commands);
        // Nobody hears where nobody listens.
        if ui.ctx().accesskit_node_builder(response.id, |_| ()).is_some() {
            tell::tell_scene(ui, *rect, tab, scene, commands);
        }
        if shows_minimap {
            minimap.show(ui, *number, *rect, tab, scene, commands);
        }
        menu::show(response, *rect, tab, scene, commands);
        in_place::show(ui, *rect, tab, scene, commands);
        search::show(ui, *rect, tab, blocks, commands);
        ui.advance_cursor_after_rect(*rect);
    }
}

/// What the canvas shows: all of the page until somebody has looked elsewhere.
fn seen(tab: &Tab, rect: Rect, scene: &Scene) -> Camera {
    let (mut camera, bounds) = (tab.view.camera, scene.bounds());
    let bounds = match decor::bounds(scene, tab) {
        Some(decor) => Some(bounds.map_or(decor, |blocks| blocks.union(decor))),
        None => bounds,
    };
    match bounds {
        Some(bounds) if !tab.view.camera_set => camera.fit(rect, bounds),
        None if !tab.view.camera_set => camera = Camera::default(),
        _ => camera.reach(rect, bounds),
    }
    camera
}
