//! The whole page, small, in a corner of the canvas: where one is, and a way to go elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{
    Color32, CornerRadius, CursorIcon, Id, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, vec2,
};

use super::scene::{Item, Scene};
use crate::command::{Command, Glance};
use crate::state::tab::Tab;
use crate::state::view::Camera;
use crate::widgets::tokens::Tokens;

/// Its size at most.
const SIZE: Vec2 = vec2(190.0, 124.0);
/// From the canvas's corner.
const INSET: f32 = 14.0;
/// Around the page in it.
const MARGIN: f32 = 6.0;
/// The side of one of its squares.
const SPECK: f32 = 1.5;
/// A canvas that is smaller has no room for it.
const LEAST: Vec2 = vec2(420.0, 300.0);

/// What was painted last.
#[derive(Clone, Default)]
pub struct Minimap {
    key: Option<(u64, Rect, bool)>,
    mesh: Arc<Mesh>,
}

impl Minimap {
    /// Draws it where something of the page is out of view; what is pressed on it comes into the middle of the view.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        number: u32,
        canvas: Rect,
        tab: &Tab,
        scene: &Scene,
        commands: &mut Vec<Command>,
    ) {
        let Some(bounds) = scene.bounds() else { return };
        let camera = tab.view.camera;
        let view = Rect::from_min_max(camera.to_world(canvas, canvas.min), camera.to_world(canvas, canvas.max));
        let has_room = canvas.width() >= LEAST.x && canvas.height() >= LEAST.y;
        if !has_room || view.contains_rect(bounds) {
            return;
        }
        let map = Map::of(canvas, bounds);
        let tokens = Tokens::of(ui);
        let painter = ui.painter_at(canvas);
        painter.rect_filled(map.frame, CornerRadius::same(6), tokens.panel.gamma_multiply(0.92));
        self.follow(ui, scene, &map);
        painter.add(Shape::Mesh(self.mesh.clone()));
        let seen = Rect::from_min_max(map.at(view.min), map.at(view.max)).intersect(map.frame);
        if seen.is_positive() {
            painter.rect_filled(seen, 2, tokens.accent.gamma_multiply(0.12));
            painter.rect_stroke(seen, 2, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
        }
        painter.rect_stroke(map.frame, CornerRadius::same(6), Stroke::new(1.0, tokens.line), StrokeKind::Inside);
        hear(ui, number, canvas, camera, &map, commands);
    }

    fn follow(&mut self, ui: &Ui, scene: &Scene, map: &Map) {
        let key = (scene.version(), map.frame, ui.visuals().dark_mode);
        if self.key == Some(key) {
            return;
        }
        let mut mesh = Mesh::default();
        Specks::of(scene, map, Tokens::of(ui)).paint(&mut mesh, map);
        (self.key, self.mesh) = (Some(key), Arc::new(mesh));
    }
}

/// What tells something on the map comes before what does not.
type Told = (u8, Color32);

/// The map in little squares, each with what is told there: however many blocks a page has, a map has no more to paint.
struct Specks {
    squares: BTreeMap<(i32, i32), Told>,
}

impl Specks {
    fn of(scene: &Scene, map: &Map, tokens: &Tokens) -> Specks {
        let mut specks = Specks { squares: BTreeMap::new() };
        for item in scene.items() {
            specks.put(map.squares(item.block.rect), told(item, tokens));
        }
        specks
    }

    fn put(&mut self, [left, top, right, bottom]: [i32; 4], told: Told) {
        for y in top..bottom {
            for x in left..right {
                let there = self.squares.entry((y, x)).or_insert(told);
                if told.0 > there.0 {
                    *there = told;
                }
            }
        }
    }

    /// Squares of one colour beside each other are one rectangle.
    fn paint(&self, mesh: &mut Mesh, map: &Map) {
        let mut squares = self.squares.iter().peekable();
        while let Some((&(y, from), &(_, color))) = squares.next() {
            let mut to = from + 1;
            while squares.next_if(|(at, (_, other))| **at == (y, to) && *other == color).is_some() {
                to += 1;
            }
            mesh.add_colored_rect(map.rect([from, y, to, y + 1]), color);
        }
    }
}

fn told(item: &Item, tokens: &Tokens) -> Told {
    match (item.selected, item.block.message.is_some(), &item.category) {
        (true, ..) => (3, tokens.accent),
        (_, true, _) => (2, tokens.error),
        (.., Some(category)) => (1, tokens.category(category).gamma_multiply(0.8)),
        (.., None) => (0, tokens.faint),
    }
}

/// From the page to the map.
struct Map {
    frame: Rect,
    bounds: Rect,
    scale: f32,
}

impl Map {
    fn of(canvas: Rect, bounds: Rect) -> Map {
        let room = SIZE - Vec2::splat(2.0 * MARGIN);
        let scale = (room / bounds.size().max(Vec2::splat(1.0))).min_elem();
        let size = bounds.size() * scale + Vec2::splat(2.0 * MARGIN);
        let frame = Rect::from_min_max(canvas.max - Vec2::splat(INSET) - size, canvas.max - Vec2::splat(INSET));
        Map { frame, bounds, scale }
    }

    fn at(&self, world: Pos2) -> Pos2 {
        self.frame.min + Vec2::splat(MARGIN) + (world - self.bounds.min) * self.scale
    }

    /// The squares that a rectangle of the page covers: from, and up to; one at least, so that it is seen.
    fn squares(&self, world: Rect) -> [i32; 4] {
        let square = |at: f32| (at / SPECK).round() as i32;
        let (from, to) = (self.at(world.min) - self.frame.min, self.at(world.max) - self.frame.min);
        let (left, top) = (square(from.x), square(from.y));
        [left, top, square(to.x).max(left + 1), square(to.y).max(top + 1)]
    }

    fn rect(&self, [left, top, right, bottom]: [i32; 4]) -> Rect {
        let at = |x: i32, y: i32| self.frame.min + vec2(x as f32, y as f32) * SPECK;
        Rect::from_min_max(at(left, top), at(right, bottom))
    }

    fn world(&self, at: Pos2) -> Pos2 {
        self.bounds.min + (at - self.frame.min - Vec2::splat(MARGIN)) / self.scale
    }
}

fn hear(ui: &Ui, number: u32, canvas: Rect, camera: Camera, map: &Map, commands: &mut Vec<Command>) {
    let response = ui.interact(map.frame, Id::unique(("minimap", number)), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, "minimap"));
    if response.hovered() {
        ui.set_cursor_icon(CursorIcon::Crosshair);
    }
    let pressed = response.dragged() || response.clicked();
    if let Some(at) = response.interact_pointer_pos().filter(|_| pressed) {
        let origin = map.world(at).to_vec2() - canvas.size() / (2.0 * camera.zoom);
        commands.push(Command::Look(Glance::Canvas(canvas, Camera { origin, ..camera })));
    }
}
