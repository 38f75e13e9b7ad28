//! Notes, frames and bookmarks.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Rect, Vec2, pos2};
use node_core::decor::{Decor, Frame, Note, View};
use node_core::page::FARTHEST;
use node_core::{BlockId, Edit};

use super::work::Work;
use crate::state::decor::{LEAST_NOTE, around};
use crate::state::view::{Field, Picked};

/// A new note's width and height.
const NOTE: Vec2 = Vec2::new(260.0, 120.0);

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

    /// The edit that takes moved blocks into the frame where they have been let go, if they are in none.
    pub(super) fn joining(&self, by: Vec2) -> Option<Edit> {
        let document = &self.tab().document;
        let (moved, decor) = (&self.tab().view.selection, &document.page.decor);
        let is_free = |id: &&BlockId| !decor.frames.values().any(|frame| frame.blocks.contains(*id));
        let free: Vec<&BlockId> = moved.iter().filter(is_free).collect();
        if free.is_empty() || decor.frames.is_empty() {
            return None;
        }
        let mut joined = decor.clone();
        let mut has_joined = false;
        for (name, frame) in &decor.frames {
            let still = frame.blocks.iter().filter(|id| !moved.contains(*id));
            let blocks = still.filter_map(|id| document.block_rect(id)).reduce(Rect::union);
            let Some(rect) = blocks.map(around).or_else(|| frame.blocks.is_empty().then(|| own_rect(frame))) else {
                continue;
            };
            let inside = |id: &&&BlockId| {
                document.block_rect(id).is_some_and(|block| rect.contains(block.translate(by).center()))
            };
            let inside: Vec<BlockId> = free.iter().filter(inside).map(|id| (*id).clone()).collect();
            has_joined |= !inside.is_empty();
            let frames = &mut Arc::make_mut(&mut joined).frames;
            frames.entry(name.clone()).or_default().blocks.extend(inside);
        }
        has_joined.then_some(Edit::Decorate(joined))
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
        let moved = |(x, y): (f64, f64)| point(pos2(x as f32, y as f32) + by);
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
    let [x, y, width, height] = frame.rect.map(|v| v as f32);
    Rect::from_min_size(pos2(x, y), Vec2::new(width, height))
}

/// A point as pages write it, no farther away than a canvas reaches.
fn point(at: Pos2) -> (f64, f64) {
    let one = |v: f32| f64::from(v.round()).clamp(-FARTHEST, FARTHEST);
    (one(at.x), one(at.y))
}
