//! What belongs to looking, not to the page: pan, zoom, selection, what is being dragged or typed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2};
use node_core::decor::Decor;
use node_core::{BlockId, Direction, PortKind, PortRef, Wire};

use super::analysis::{Analysis, Marks};
use super::results::Results;

/// Zoom goes from here, or farther where the page is larger, …
pub const MIN_ZOOM: f32 = 0.15;
/// … to here.
pub const MAX_ZOOM: f32 = 3.0;

/// How the canvas shows the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The point of the page at the canvas's top left corner.
    pub origin: Vec2,
    /// Screen points for each point of the page.
    pub zoom: f32,
    /// The least zoom: that at which all of the page is seen.
    pub least: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Camera { origin: Vec2::ZERO, zoom: 1.0, least: MIN_ZOOM }
    }
}

/// Left free around what is fitted to the canvas, on both sides together.
const AROUND: f32 = 72.0;

impl Camera {
    /// From the page to the screen, for a canvas at `canvas`.
    pub fn to_screen(&self, canvas: Rect, world: Pos2) -> Pos2 {
        canvas.min + (world.to_vec2() - self.origin) * self.zoom
    }

    /// From the screen to the page.
    pub fn to_world(&self, canvas: Rect, screen: Pos2) -> Pos2 {
        ((screen - canvas.min) / self.zoom + self.origin).to_pos2()
    }

    /// A rectangle, from the page to the screen.
    pub fn rect_to_screen(&self, canvas: Rect, world: Rect) -> Rect {
        Rect::from_min_max(self.to_screen(canvas, world.min), self.to_screen(canvas, world.max))
    }

    /// Zooms out no farther than to see all of `world`, however large it is.
    pub fn reach(&mut self, canvas: Rect, world: Option<Rect>) {
        self.least = world.map_or(MIN_ZOOM, |world| whole(canvas, world).min(MIN_ZOOM));
    }

    /// Zooms by `factor`, keeping what is under `screen` where it is.
    pub fn zoom_at(&mut self, canvas: Rect, screen: Pos2, factor: f32) {
        let fixed = self.to_world(canvas, screen);
        self.zoom = (self.zoom * factor).clamp(self.least, MAX_ZOOM);
        self.origin = fixed.to_vec2() - (screen - canvas.min) / self.zoom;
    }

    /// Shows all of `world`, at 100 % at most.
    pub fn fit(&mut self, canvas: Rect, world: Rect) {
        self.reach(canvas, Some(world));
        self.zoom = whole(canvas, world).min(1.0);
        self.origin = world.center().to_vec2() - canvas.size() / (2.0 * self.zoom);
    }
}

/// The zoom at which all of `world` is seen.
fn whole(canvas: Rect, world: Rect) -> f32 {
    let room = (canvas.size() - Vec2::splat(AROUND)).max(Vec2::splat(1.0));
    (room / world.size().max(Vec2::splat(1.0))).min_elem()
}

/// A port as something to drag a wire from or to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortEnd {
    /// The port.
    pub port: PortRef,
    /// Which way values go through it.
    pub direction: Direction,
    /// What it carries.
    pub kind: PortKind,
}

/// What the pointer is doing on the canvas.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gesture {
    /// Nothing.
    #[default]
    None,
    /// Moving the view.
    Pan,
    /// Moving the selected blocks.
    Move {
        /// Where it began, on the page.
        from: Pos2,
        /// Whether they are pulled out of their chains.
        out: bool,
    },
    /// Moving the selected blocks without holding a button, until one is pressed.
    Carry {
        /// Where it began, on the page.
        from: Pos2,
    },
    /// Moving a note or a frame without blocks.
    Shift {
        /// Which.
        what: Picked,
        /// Where it began, on the page.
        from: Pos2,
        /// Whether a note is made larger instead.
        corner: bool,
    },
    /// Moving a bend of a wire.
    Bend {
        /// The wire.
        wire: Wire,
        /// Which of its bends.
        nth: usize,
    },
    /// Cutting the wires under a line, by its points on the page.
    Cut(Vec<Pos2>),
    /// Selecting with a box.
    Box {
        /// Where it began, on the page.
        from: Pos2,
        /// What was selected before, to be kept.
        keep: BTreeSet<BlockId>,
    },
    /// Drawing a wire.
    Wire {
        /// The end that stays.
        from: PortEnd,
        /// The wire that was taken off, if it was one.
        detached: Option<Wire>,
    },
}

/// A note or a frame, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// A frame.
    Frame(String),
    /// A note.
    Note(String),
}

/// What on the page the context menu is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Menu {
    /// A note or a frame.
    Decor(Picked),
    /// The selected blocks.
    Blocks,
    /// The selected wire.
    Wire,
    /// A port.
    Port(PortEnd),
}

/// The search for a block to place.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Where the block goes, on the page.
    pub at: Pos2,
    /// Where the search opened, on the screen.
    pub screen: Pos2,
    /// What has been typed.
    pub text: String,
    /// Which match is marked.
    pub marked: usize,
    /// A port to wire to the new block.
    pub connect: Option<PortEnd>,
    /// Whether the field has had its first frame.
    pub opened: bool,
}

/// A field that can be edited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// An attribute.
    Attr(BlockId, String),
    /// The literal of an input.
    Literal(BlockId, String),
    /// A block's id.
    Id(BlockId),
    /// The page's name.
    PageName,
    /// A block's attributes as text.
    AttrText(BlockId),
    /// The name of an attribute to add to a set.
    NewAttr(BlockId),
    /// An element of a constant, by its number.
    Element(BlockId, usize),
    /// The shape of a constant.
    Shape(BlockId),
    /// The title of a frame.
    Title(String),
    /// The text of a note.
    Note(String),
}

impl Field {
    /// The block that the field belongs to.
    pub fn block(&self) -> Option<&BlockId> {
        match self {
            Field::Attr(id, _)
            | Field::Literal(id, _)
            | Field::Element(id, _)
            | Field::Id(id)
            | Field::Shape(id)
            | Field::AttrText(id)
            | Field::NewAttr(id) => Some(id),
            Field::PageName | Field::Title(_) | Field::Note(_) => None,
        }
    }
}

/// How a page is looked at through one canvas, while another has the page.
#[derive(Clone, Debug, Default)]
pub struct Look {
    canvas: Option<Rect>,
    camera: Camera,
    camera_set: bool,
    gesture: Gesture,
    search: Option<Search>,
    in_place: Option<Field>,
    attrs_open: Option<BlockId>,
    menu: Option<Menu>,
    wheel_pans: bool,
    hovered: Option<BlockId>,
}

/// How a page is looked at.
#[derive(Clone, Debug, Default)]
pub struct ViewState {
    /// Where the canvas is on the screen, once it was drawn.
    pub canvas: Option<Rect>,
    /// Pan and zoom.
    pub camera: Camera,
    /// Whether the camera has been set; until then the page is fitted to the canvas.
    pub camera_set: bool,
    /// The selected blocks; shared, so that those who have looked at it see at once that it is the same.
    pub selection: Arc<BTreeSet<BlockId>>,
    /// Blocks that came to the front, by when: the greatest number is in front of all.
    front: BTreeMap<BlockId, u64>,
    /// The selected wire.
    pub wire: Option<Wire>,
    /// The selected note or frame.
    pub picked: Option<Picked>,
    /// What the pointer is doing.
    pub gesture: Gesture,
    /// The search for a block to place.
    pub search: Option<Search>,
    /// What is being typed, by field; what was refused stays here until it is mended or given up.
    pub typing: BTreeMap<Field, String>,
    /// The field that is edited on the canvas itself.
    pub in_place: Option<Field>,
    /// The block whose attributes are edited on the canvas.
    pub attrs_open: Option<BlockId>,
    /// What the page was after the last step of a drag at a number.
    pub scrubbed: Option<u64>,
    /// The block on whose port or wire the pointer rests.
    pub hovered: Option<BlockId>,
    /// When it was asked that what is pasted keeps the wires that came to it from others.
    pub pastes_wires: Option<f64>,
    /// What on the page the context menu is about.
    pub menu: Option<Menu>,
    /// Whether the wheel pans, as on a touchpad, instead of zooming.
    pub wheel_pans: bool,
    /// Whether the inspector shows a block's whole documentation.
    pub docs_open: bool,
    /// Whether the inspector shows attributes as text.
    pub text_open: bool,
    /// Whether that text was shown, and so could take the focus.
    pub text_had_focus: bool,
    /// How results are looked at.
    pub results: Results,
    /// What is asked of the page as a whole, and of its quantizers.
    pub analysis: Analysis,
    /// What is said of blocks because of that.
    pub marks: Arc<Marks>,
}

impl ViewState {
    /// Sets aside how the page is looked at, and looks at it in another way.
    pub(crate) fn exchange(&mut self, look: &mut Look) {
        use std::mem::swap;
        swap(&mut self.canvas, &mut look.canvas);
        swap(&mut self.camera, &mut look.camera);
        swap(&mut self.camera_set, &mut look.camera_set);
        swap(&mut self.gesture, &mut look.gesture);
        swap(&mut self.search, &mut look.search);
        swap(&mut self.in_place, &mut look.in_place);
        swap(&mut self.attrs_open, &mut look.attrs_open);
        swap(&mut self.menu, &mut look.menu);
        swap(&mut self.wheel_pans, &mut look.wheel_pans);
        swap(&mut self.hovered, &mut look.hovered);
    }

    /// The one selected block.
    pub fn selected_block(&self) -> Option<&BlockId> {
        let mut ids = self.selection.iter();
        ids.next().filter(|_| ids.next().is_none())
    }

    /// Puts blocks in front of all others, in their order.
    pub fn bring_to_front(&mut self, ids: &BTreeSet<BlockId>) {
        let last = self.front.values().max().copied().unwrap_or(0);
        self.front.extend(ids.iter().cloned().zip(last + 1..));
    }

    /// How far in front a block stands: after those that have come to the front earlier.
    pub fn front(&self, id: &BlockId) -> u64 {
        self.front.get(id).copied().unwrap_or(0)
    }

    /// What Escape gives up or closes on the canvas, one after the other.
    pub fn layers(&self) -> usize {
        let open = [self.gesture != Gesture::None, self.attrs_open.is_some(), self.search.is_some()];
        open.into_iter().filter(|open| *open).count()
    }

    /// Gives up the gesture, else closes what is open on the canvas.
    pub fn close_layer(&mut self) {
        if self.gesture != Gesture::None {
            self.gesture = Gesture::None;
        } else if self.attrs_open.take().is_none() {
            self.search = None;
        }
    }

    /// Forgets blocks and wires that are not there any more.
    pub fn retain(&mut self, block: impl Fn(&BlockId) -> bool, wire: impl Fn(&Wire) -> bool, decor: &Decor) {
        let is_there = |field: &Field| match field {
            Field::Title(name) => decor.frames.contains_key(name),
            Field::Note(name) => decor.notes.contains_key(name),
            other => other.block().is_none_or(&block),
        };
        self.picked = self.picked.take().filter(|picked| match picked {
            Picked::Frame(name) => decor.frames.contains_key(name),
            Picked::Note(name) => decor.notes.contains_key(name),
        });
        if !self.selection.iter().all(&block) {
            Arc::make_mut(&mut self.selection).retain(&block);
        }
        self.front.retain(|id, _| block(id));
        self.results.retain(&block);
        self.wire = self.wire.take().filter(&wire);
        self.hovered = self.hovered.take().filter(&block);
        self.attrs_open = self.attrs_open.take().filter(&block);
        self.typing.retain(|field, _| is_there(field));
        self.in_place = self.in_place.take().filter(is_there);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let canvas = Rect::from_min_size(pos2(240.0, 40.0), vec2(800.0, 600.0));
        let mut camera = Camera { origin: vec2(-30.0, 12.0), zoom: 0.8, least: MIN_ZOOM };
        for (at, factor) in [(pos2(300.0, 100.0), 1.5), (pos2(900.0, 500.0), 0.2), (pos2(240.0, 40.0), 100.0)] {
            let before = camera.to_world(canvas, at);
            camera.zoom_at(canvas, at, factor);
            assert!((camera.to_world(canvas, at) - before).length() < 0.01);
            assert!((MIN_ZOOM..=MAX_ZOOM).contains(&camera.zoom));
        }
    }
}
