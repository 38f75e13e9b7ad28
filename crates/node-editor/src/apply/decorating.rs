//! Notes, frames and bookmarks.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2};
use node_core::decor::{Decor, Frame, Note, View};
use node_core::page::FARTHEST;
use node_core::{BlockId, Edit, Wire};

use super::work::Work;
use crate::command::Bending;
use crate::state::decor::{LEAST_NOTE, around, near};
use crate::state::tab::Tab;
use crate::state::view::{Field, Picked};

/// A new note's width and height.
const NOTE: Vec2 = Vec2::new(260.0, 120.0);

/// From farther away a note is not written.
const READABLE: f32 = 0.5;

impl Work<'_> {
    /// Changes notes, frames or bookmarks, in one step of undo.
    fn decorate(&mut self, label: &str, change: impl FnOnce(&mut Decor)) -> bool {
        let mut decor = self.tab().document.page.decor.clone();
        change(Arc::make_mut(&mut decor));
        self.edit(label, Edit::Decorate(decor))
    }

    pub(super) fn pick(&mut self, picked: Picked) {
        let view = &mut self.tab_mut().view;
        (view.selection, view.wire, view.picked) = (Arc::default(), None, Some(picked));
    }

    /// Puts a frame around the selected blocks, and has its title written.
    pub(crate) fn frame_selection(&mut self) {
        let blocks: BTreeSet<BlockId> = (*self.tab().view.selection).clone();
        let rects = blocks.iter().filter_map(|id| self.tab().document.block_rect(id));
        let Some(rect) = rects.reduce(Rect::union).map(around) else { return };
        let name = self.tab().document.page.decor.fresh_name('f');
        let rect = [rect.left(), rect.top(), rect.width(), rect.height()].map(|v| f64::from(v.round()));
        let framed = self.decorate("frame", |decor| {
            // A block is in one frame.
            decor.frames.values_mut().for_each(|other| other.blocks.retain(|id| !blocks.contains(id)));
            decor.frames.insert(name.clone(), Frame { title: "Frame".to_owned(), rect, blocks, ..Frame::default() });
        });
        if framed {
            self.pick(Picked::Frame(name.clone()));
            self.tab_mut().view.in_place = Some(Field::Title(name));
        }
    }

    /// Takes the selected blocks out of their frames.
    pub(crate) fn leave_frame(&mut self) {
        let blocks = self.tab().view.selection.clone();
        self.decorate("leave the frame", |decor| {
            decor.frames.values_mut().for_each(|frame| frame.blocks.retain(|id| !blocks.contains(id)));
        });
    }

    /// What becomes of frames and bends as the selected blocks are moved: who is in no frame joins the one where it is let
    /// go, and the bends of wires among them come along.
    pub(super) fn decor_moved(&self, by: Vec2) -> Option<Edit> {
        let before = &self.tab().document.page.decor;
        let mut decor = before.clone();
        self.join_frames(by, &mut decor);
        self.move_bends(by, &mut decor);
        (!Arc::ptr_eq(before, &decor)).then_some(Edit::Decorate(decor))
    }

    fn join_frames(&self, by: Vec2, decor: &mut Arc<Decor>) {
        let Tab { document, view, .. } = self.tab();
        let (moved, frames) = (&view.selection, &document.page.decor.frames);
        let is_framed = |id: &BlockId| frames.values().any(|frame| frame.blocks.contains(id));
        let free: Vec<&BlockId> = moved.iter().filter(|_| !frames.is_empty()).filter(|id| !is_framed(id)).collect();
        let center = |id: &BlockId| document.block_rect(id).map(|block| block.translate(by).center());
        let mut centers: Vec<(&BlockId, Pos2)> = free.into_iter().filter_map(|id| Some((id, center(id)?))).collect();
        for (name, frame) in frames {
            if centers.is_empty() {
                return;
            }
            let still = frame.blocks.iter().filter(|id| !moved.contains(*id));
            let blocks = still.filter_map(|id| document.block_rect(id)).reduce(Rect::union);
            let is_there = |id: &BlockId| document.page.blocks.contains_key(id);
            let own = || (!frame.blocks.iter().any(is_there)).then(|| own_rect(frame));
            let Some(rect) = blocks.map(around).or_else(own) else { continue };
            let (inside, others): (Vec<_>, Vec<_>) = centers.into_iter().partition(|(_, at)| rect.contains(*at));
            centers = others;
            if !inside.is_empty() {
                let joined = Arc::make_mut(decor).frames.entry(name.clone()).or_default();
                joined.blocks.extend(inside.into_iter().map(|(id, _)| id.clone()));
            }
        }
    }

    fn move_bends(&self, by: Vec2, decor: &mut Arc<Decor>) {
        let selection = &self.tab().view.selection;
        let within = |wire: &Wire| selection.contains(&wire.from.block) && selection.contains(&wire.to.block);
        if by == Vec2::ZERO || !decor.routes.keys().any(within) {
            return;
        }
        for (_, bends) in Arc::make_mut(decor).routes.iter_mut().filter(|(wire, _)| within(wire)) {
            bends.iter_mut().for_each(|(x, y)| (*x, *y) = point(pos2(near(*x), near(*y)) + by));
        }
    }

    pub(super) fn title_frame(&mut self, name: &str, title: String) {
        self.decorate("title a frame", |decor| {
            decor.frames.entry(name.to_owned()).and_modify(|frame| frame.title = title);
        });
    }

    pub(super) fn color_frame(&mut self, name: &str, color: Option<&'static str>) {
        self.decorate("color a frame", |decor| {
            decor.frames.entry(name.to_owned()).and_modify(|frame| frame.color = color.map(str::to_owned));
        });
    }

    pub(super) fn remove_frame(&mut self, name: &str) {
        self.decorate("remove a frame", |decor| drop(decor.frames.remove(name)));
    }

    pub(super) fn remove_picked(&mut self, picked: &Picked) {
        match picked {
            Picked::Frame(name) => self.remove_frame(name),
            Picked::Note(name) => drop(self.decorate("delete a note", |decor| drop(decor.notes.remove(name)))),
        }
    }

    /// Adds a note at the pointer, and has it written.
    pub(crate) fn add_note(&mut self) {
        let canvas = self.canvas();
        if self.tab().view.camera.zoom < READABLE {
            // From too far away nobody could write.
            self.zoom_to_full();
        }
        let pointer = self.ctx.pointer_latest_pos().filter(|at| canvas.contains(*at)).unwrap_or(canvas.center());
        let at = self.tab().view.camera.to_world(canvas, pointer);
        let name = self.tab().document.page.decor.fresh_name('n');
        let size = (f64::from(NOTE.x), f64::from(NOTE.y));
        let note = Note { at: point(at), size, ..Note::default() };
        if self.decorate("add a note", |decor| drop(decor.notes.insert(name.clone(), note))) {
            self.pick(Picked::Note(name.clone()));
            self.tab_mut().view.in_place = Some(Field::Note(name));
        }
    }

    pub(super) fn write_note(&mut self, name: &str, text: String) {
        self.decorate("write a note", |decor| {
            decor.notes.entry(name.to_owned()).and_modify(|note| note.text = text);
        });
    }

    pub(super) fn shift(&mut self, what: &Picked, by: Vec2, corner: bool) {
        let moved = |(x, y): (f64, f64)| point(pos2(near(x), near(y)) + by);
        match what {
            Picked::Note(name) if corner => self.decorate("size a note", |decor| {
                decor.notes.entry(name.clone()).and_modify(|note| {
                    let (width, height) = moved(note.size);
                    note.size = (width.max(f64::from(LEAST_NOTE.x)), height.max(f64::from(LEAST_NOTE.y)));
                });
            }),
            Picked::Note(name) => self.decorate("move a note", |decor| {
                decor.notes.entry(name.clone()).and_modify(|note| note.at = moved(note.at));
            }),
            Picked::Frame(name) => self.decorate("move a frame", |decor| {
                decor.frames.entry(name.clone()).and_modify(|frame| {
                    let (x, y) = moved((frame.rect[0], frame.rect[1]));
                    (frame.rect[0], frame.rect[1]) = (x, y);
                });
            }),
        };
    }

    /// Bends a wire otherwise.
    pub(super) fn bend(&mut self, wire: &Wire, bending: Bending) {
        if !self.tab().document.page.wires.contains(wire) {
            return;
        }
        let label = match bending {
            Bending::Add(..) => "bend",
            Bending::Move(..) => "move a bend",
            Bending::Remove(_) => "straighten",
        };
        self.decorate(label, |decor| {
            let bends = decor.routes.entry(wire.clone()).or_default();
            match bending {
                Bending::Add(nth, at) => bends.insert(nth.min(bends.len()), point(at)),
                Bending::Move(nth, at) => bends.get_mut(nth).into_iter().for_each(|bend| *bend = point(at)),
                Bending::Remove(nth) if nth < bends.len() => {
                    bends.remove(nth);
                }
                Bending::Remove(_) => {}
            }
            if bends.is_empty() {
                decor.routes.remove(wire);
            }
        });
    }

    /// Sets a bookmark: what is seen now.
    pub(crate) fn set_view(&mut self, key: u8) {
        let canvas = self.canvas();
        let camera = self.tab().view.camera;
        let center = point(camera.to_world(canvas, canvas.center()));
        let zoom = (f64::from(camera.zoom) * 1e4).round() / 1e4;
        let view = View { center, zoom };
        let set = self.decorate(&format!("set bookmark {key}"), |decor| {
            decor.views.insert(key.to_string(), view);
        });
        if set {
            self.say(format!("Ctrl+{key} comes back here."));
        }
    }
}

/// Where a frame without blocks is.
fn own_rect(frame: &Frame) -> Rect {
    let [x, y, width, height] = frame.rect.map(near);
    Rect::from_min_size(pos2(x, y), Vec2::new(width, height))
}

/// A point as pages write it, no farther away than a canvas reaches.
fn point(at: Pos2) -> (f64, f64) {
    let one = |v: f32| f64::from(v.round()).clamp(-FARTHEST, FARTHEST);
    (one(at.x), one(at.y))
}
