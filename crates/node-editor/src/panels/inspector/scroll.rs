//! Rows or columns of which there may be hundreds of millions: how far they are scrolled is counted in them. Points, which
//! a scroll area counts in, are too coarse far down.

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::Range;

use egui::{Id, Key, Rect, Sense, Ui, pos2, vec2};

use crate::widgets::tokens::Tokens;

/// The width of the bar that scrolls.
pub const BAR: f32 = 10.0;
/// The bar's handle is at least so long.
const HANDLE: f32 = 24.0;

/// Which way the bar goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From left to right.
    Across,
    /// From top to bottom.
    Down,
}

/// How far a table is scrolled along one of its sides.
pub struct Scroll {
    id: Id,
    count: usize,
    /// How long one is, in points.
    unit: f32,
    /// The first that is shown, in part maybe.
    first: f64,
    /// How many are shown.
    visible: f64,
    /// The one that was gone to.
    marked: Option<usize>,
}

impl Scroll {
    /// That of what is called so in this panel: `count` of them, each `unit` long, in `room`.
    pub fn of(ui: &Ui, key: impl Hash + Debug, count: usize, unit: f32, room: f32) -> Scroll {
        let id = Id::unique(("rows", ui.scope_id(), key));
        let kept: Option<(f64, Option<usize>, usize)> = ui.data(|data| data.get_temp(id));
        let (first, marked, of) = kept.unwrap_or_default();
        let visible = f64::from(room / unit).min(count as f64);
        Scroll { id, count, unit, first, visible, marked: marked.filter(|_| of == count) }
    }

    /// Whether there are more than are shown.
    pub fn are_many(&self) -> bool {
        self.last() > 0.0
    }

    /// How long those that are shown are together.
    pub fn length(&self) -> f32 {
        (self.visible * f64::from(self.unit)) as f32
    }

    /// The place of the last at which the end is shown.
    fn last(&self) -> f64 {
        (self.count as f64 - self.visible).max(0.0)
    }

    /// Shows one, in the middle if there is room before it, and marks it.
    pub fn go_to(&mut self, one: usize) {
        self.first = one as f64 - (self.visible / 2.0).floor();
        self.marked = Some(one);
    }

    /// The one that was gone to.
    pub fn marked(&self) -> Option<usize> {
        self.marked
    }

    /// The first that is shown as a whole.
    pub fn first(&self) -> usize {
        self.first.ceil().max(0.0) as usize
    }

    /// Those that are shown, and where the first begins, in points before the room's begin.
    pub fn shown(&self) -> (Range<usize>, f32) {
        let begin = self.first.floor().max(0.0);
        let before = ((self.first - begin) * f64::from(self.unit)) as f32;
        let end = (self.first + self.visible).ceil() as usize;
        (begin as usize..end.min(self.count), before)
    }

    /// Moves by so many points, as far as there are any. Whether it has moved.
    pub fn move_by(&mut self, points: f32) -> bool {
        let before = self.first.clamp(0.0, self.last());
        self.first = (before + f64::from(points / self.unit)).clamp(0.0, self.last());
        self.first != before
    }

    /// The bar: its handle is dragged, a click beside it goes there, and arrows move it once it has the keys.
    pub fn bar(&mut self, ui: &Ui, bar: Rect, way: Way, name: &str) {
        let tokens = Tokens::of(ui);
        let (length, begin) = match way {
            Way::Across => (bar.width(), bar.left()),
            Way::Down => (bar.height(), bar.top()),
        };
        let part = (self.visible / self.count as f64) as f32;
        let handle = (length * part).clamp(HANDLE.min(length), length);
        let room = f64::from((length - handle).max(1.0));
        let response = ui.interact(bar, self.id.with("bar"), Sense::click_and_drag()).accessible_name(name);
        if let Some(at) = response.interact_pointer_pos() {
            let at = if way == Way::Down { at.y } else { at.x };
            let to = f64::from(at - begin - handle / 2.0) / room;
            self.first = (to * self.last()).clamp(0.0, self.last());
        }
        if response.has_focus() {
            self.hear_keys(ui, way, response.id);
        }
        let at = begin + (self.first / self.last() * room) as f32;
        let color = match () {
            () if response.has_focus() => tokens.accent,
            () if response.hovered() || response.dragged() => tokens.muted,
            () => tokens.faint,
        };
        let rect = match way {
            Way::Across => Rect::from_min_size(pos2(at, bar.top()), vec2(handle, bar.height() - 2.0)),
            Way::Down => Rect::from_min_size(pos2(bar.left(), at), vec2(bar.width() - 2.0, handle)),
        };
        ui.painter().rect_filled(rect, 3.0, color);
    }

    fn hear_keys(&mut self, ui: &Ui, way: Way, bar: Id) {
        // Arrows are the table's as long as it has the keys.
        let filter = egui::EventFilter { vertical_arrows: true, horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(bar, filter));
        let (back, on) = match way {
            Way::Across => (Key::ArrowLeft, Key::ArrowRight),
            Way::Down => (Key::ArrowUp, Key::ArrowDown),
        };
        let page = self.visible.floor().max(1.0);
        let steps = [(back, -1.0), (on, 1.0), (Key::PageUp, -page), (Key::PageDown, page)];
        let moved: f64 = ui.input(|i| steps.iter().map(|(key, by)| i.num_presses(*key) as f64 * by).sum());
        let ends = [(Key::Home, 0.0), (Key::End, self.last())];
        let end = ui.input(|i| ends.iter().find(|(key, _)| i.key_pressed(*key)).map(|(_, end)| *end));
        self.first = (end.unwrap_or(self.first) + moved).clamp(0.0, self.last());
    }

    /// Takes note of how far it is scrolled.
    pub fn keep(self, ui: &Ui) {
        ui.data_mut(|data| data.insert_temp(self.id, (self.first, self.marked, self.count)));
    }

    /// No farther than its end.
    pub fn settle(&mut self) {
        self.first = self.first.clamp(0.0, self.last());
    }
}
