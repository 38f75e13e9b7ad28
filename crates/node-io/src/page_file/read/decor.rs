//! Notes, frames, bends of wires, places to come back to.

use std::collections::BTreeMap;

use node_core::decor::{Frame, Note, Point, View};
use node_core::page::Unknown;
use node_core::value::quoted;
use node_core::{BlockId, Wire};
use serde_json::value::RawValue;

use super::{Entry, Reader};

impl<'t> Reader<'t> {
    pub(super) fn notes(&mut self, part: &'t str) -> BTreeMap<String, Note> {
        let entries = self.object(part, "the notes, an object with a note for each name", "note");
        entries.into_iter().map(|entry| (entry.key.clone(), self.note(&entry))).collect()
    }

    fn note(&mut self, entry: &Entry<'t>) -> Note {
        let mut note = Note { size: (240.0, 120.0), ..Note::default() };
        for part in self.object(entry.value, "a note, an object with \"at\", \"size\" and \"text\"", "key") {
            match part.key.as_str() {
                "at" => note.at = self.point(part.value, "a place as [x, y]").unwrap_or_default(),
                "size" => note.size = self.point(part.value, "a size as [width, height]").unwrap_or(note.size),
                "text" => note.text = self.read(part.value, "the note's text").unwrap_or_default(),
                _ => note.unknown.push(Unknown { key: part.key, json: part.value.into() }),
            }
        }
        note
    }

    pub(super) fn frames(&mut self, part: &'t str) -> BTreeMap<String, Frame> {
        let entries = self.object(part, "the frames, an object with a frame for each name", "frame");
        entries.into_iter().map(|entry| (entry.key.clone(), self.frame(&entry))).collect()
    }

    fn frame(&mut self, entry: &Entry<'t>) -> Frame {
        let mut frame = Frame::default();
        for part in self.object(entry.value, "a frame, an object with \"title\", \"rect\" and \"blocks\"", "key") {
            match part.key.as_str() {
                "title" => frame.title = self.read(part.value, "the frame's title, a text").unwrap_or_default(),
                "color" => frame.color = self.read(part.value, "the name of a colour"),
                "device" => frame.device = self.read(part.value, "a device, a text"),
                "rect" => frame.rect = self.numbers(part.value, "[x, y, width, height]").unwrap_or_default(),
                "blocks" => {
                    let ids: Vec<&'t RawValue> = self.read(part.value, "a list of block ids").unwrap_or_default();
                    frame.blocks = ids.into_iter().filter_map(|raw| self.block_id(raw.get())).collect();
                }
                _ => frame.unknown.push(Unknown { key: part.key, json: part.value.into() }),
            }
        }
        frame
    }

    fn block_id(&mut self, part: &'t str) -> Option<BlockId> {
        let text: String = self.read(part, "a block id")?;
        let id = BlockId::new(&text);
        if id.is_none() {
            let message = format!("{} is no block id; ids are letters, digits and underscores", quoted(&text));
            self.problem(part, message);
        }
        id
    }

    pub(super) fn routes(&mut self, part: &'t str) -> BTreeMap<Wire, Vec<Point>> {
        let raw: Vec<&'t RawValue> = self.read(part, "the bends of wires, a list").unwrap_or_default();
        raw.into_iter().filter_map(|raw| self.route(raw.get())).collect()
    }

    fn route(&mut self, part: &'t str) -> Option<(Wire, Vec<Point>)> {
        const FORM: &str = "a wire and its bends as [\"from.output\", \"to.input\", [[x, y], …]]";
        let parts: Vec<&'t RawValue> = self.read(part, FORM)?;
        let [from, to, points] = parts.as_slice() else {
            self.problem(part, format!("here should be {FORM}"));
            return None;
        };
        let ends = (self.port(from.get()), self.port(to.get()));
        let points: Vec<&'t RawValue> = self.read(points.get(), "the bends, a list of points")?;
        let points = points.into_iter().filter_map(|point| self.point(point.get(), "a point as [x, y]")).collect();
        match ends {
            (Some(from), Some(to)) => Some((Wire { from, to }, points)),
            _ => None,
        }
    }

    pub(super) fn views(&mut self, part: &'t str) -> BTreeMap<String, View> {
        let entries = self.object(part, "the places to come back to, an object", "place");
        let view = |entry: Entry<'t>| {
            let [x, y, zoom] = self.numbers(entry.value, "a place as [x, y, zoom]")?;
            Some((entry.key, View { center: (x, y), zoom }))
        };
        entries.into_iter().filter_map(view).collect()
    }

    fn point(&mut self, part: &'t str, what: &str) -> Option<Point> {
        self.numbers(part, what).map(|[x, y]| (x, y))
    }

    fn numbers<const N: usize>(&mut self, part: &'t str, what: &str) -> Option<[f64; N]> {
        let numbers: Vec<f64> = self.read(part, what)?;
        let found = numbers.try_into().ok();
        if found.is_none() {
            self.problem(part, format!("here should be {what}"));
        }
        found
    }
}
