//! Frames and notes: where they are, and what of them is under a point.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use node_core::decor::{Frame, Note};

use super::scene::Scene;
use crate::state::decor::{LEAST_NOTE, TITLE, around, near};
use crate::state::tab::Tab;
use crate::state::view::{Gesture, Picked};

/// Where a note is held to make it larger.
const CORNER: f32 = 16.0;

/// What is being moved, and how far.
#[derive(Clone, Copy)]
pub struct Moved<'t> {
    /// The selected blocks.
    pub blocks: Option<Vec2>,
    /// A frame without blocks, or a note; and whether it is made larger instead.
    pub other: Option<(&'t Picked, Vec2, bool)>,
}

impl<'t> Moved<'t> {
    /// By the gesture under way, with the pointer at a point of the page.
    pub fn of(tab: &'t Tab, at: Option<Pos2>) -> Moved<'t> {
        let mut moved = Moved { blocks: None, other: None };
        match (&tab.view.gesture, at) {
            (Gesture::Move { from, .. } | Gesture::Carry { from }, Some(at)) => moved.blocks = Some(at - *from),
            (Gesture::Shift { what, from, corner }, Some(at)) => moved.other = Some((what, at - *from, *corner)),
            _ => {}
        }
        moved
    }
}

/// Where a frame is: around its blocks, with room for its title.
pub fn frame_rect(scene: &Scene, name: &str, frame: &Frame, moved: Moved<'_>) -> Rect {
    let rect = |id| {
        let item = scene.item(id)?;
        let by = moved.blocks.filter(|_| item.selected).unwrap_or_default();
        Some(item.block.rect.translate(by))
    };
    let [x, y, width, height] = frame.rect.map(near);
    match frame.blocks.iter().filter_map(rect).reduce(Rect::union) {
        Some(all) => around(all),
        None => {
            let own = Rect::from_min_size(pos2(x, y), vec2(width.max(120.0), height.max(TITLE * 2.0)));
            match moved.other {
                Some((Picked::Frame(other), by, _)) if other == name => own.translate(by),
                _ => own,
            }
        }
    }
}

/// Where a note is.
pub fn note_rect(name: &str, note: &Note, moved: Moved<'_>) -> Rect {
    let (x, y) = (near(note.at.0), near(note.at.1));
    let size = vec2(near(note.size.0), near(note.size.1));
    let (by, grown) = match moved.other {
        Some((Picked::Note(other), by, false)) if other == name => (by, Vec2::ZERO),
        Some((Picked::Note(other), by, true)) if other == name => (Vec2::ZERO, by),
        _ => (Vec2::ZERO, Vec2::ZERO),
    };
    Rect::from_min_size(pos2(x, y) + by, (size + grown).max(LEAST_NOTE))
}

/// What of notes and frames is under a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Hit {
    /// A frame's title.
    Title(String),
    /// A note.
    Note(String),
    /// The corner of a note.
    Corner(String),
}

/// What of notes and frames is under a point; notes before frames.
pub fn hit(scene: &Scene, tab: &Tab, at: Pos2) -> Option<Hit> {
    let still = Moved { blocks: None, other: None };
    let decor = &tab.document.page.decor;
    for (name, note) in decor.notes.iter().rev() {
        let rect = note_rect(name, note, still);
        if rect.contains(at) {
            let corner = Rect::from_min_max(rect.max - Vec2::splat(CORNER), rect.max);
            let name = name.clone();
            return Some(if corner.contains(at) { Hit::Corner(name) } else { Hit::Note(name) });
        }
    }
    let title = |name: &str, frame: &Frame| {
        let rect = frame_rect(scene, name, frame, still);
        Rect::from_min_size(rect.min, vec2(rect.width(), TITLE)).contains(at)
    };
    let mut frames = decor.frames.iter().rev();
    frames.find(|(name, frame)| title(name, frame)).map(|(name, _)| Hit::Title(name.clone()))
}

/// Around all notes and all frames without blocks, if there are any.
pub fn bounds(scene: &Scene, tab: &Tab) -> Option<Rect> {
    let still = Moved { blocks: None, other: None };
    let decor = &tab.document.page.decor;
    let notes = decor.notes.iter().map(|(name, note)| note_rect(name, note, still));
    let frames = decor.frames.iter().map(|(name, frame)| frame_rect(scene, name, frame, still));
    notes.chain(frames).reduce(Rect::union)
}
