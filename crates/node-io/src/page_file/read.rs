//! Reading: a visitor that sees duplicates, and every problem with its line and column.

mod decor;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use node_core::decor::Decor;
use node_core::page::{Entries, Unknown, Written};
use node_core::value::quoted;
use node_core::{BlockId, BlockNode, Page, Placement, PortRef, Problem, Value, Wire};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::FORMAT;
use super::position::{keys_at, line_and_column, offset_in, offset_of};

/// So many problems tell the block in which they are; finding it takes reading up to it.
const PLACED: usize = 100;

/// Reads a page from the bytes of its file, or tells all that is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<Page, Vec<Problem>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let (line, column) = line_and_column(&good, good.len());
            return Err(vec![Problem::file(line, column, "the file is not UTF-8 text")]);
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, problems: Vec::new() };
    let page = reader.page();
    match page {
        Some(page) if reader.problems.is_empty() => Ok(page),
        _ => {
            reader.problems.sort_by_key(|p| (p.line, p.column));
            Err(reader.problems)
        }
    }
}

/// An object's keys and values as they stand in the text, duplicates included.
struct Object<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object in braces")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<&RawValue>()? {
                    entries.push((key, map.next_value::<&RawValue>()?));
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

/// One entry of an object: its key, where the key stands, and the value's text.
struct Entry<'t> {
    key: String,
    at: &'t str,
    value: &'t str,
}

impl<'t> Reader<'t> {
    fn problem(&mut self, part: &str, message: impl Into<String>) {
        self.problem_at(offset_in(self.text, part), message);
    }

    fn problem_at(&mut self, offset: usize, message: impl Into<String>) {
        let (line, column) = line_and_column(self.text, offset);
        let mut problem = Problem::file(line, column, message);
        if self.problems.len() < PLACED {
            let keys = keys_at(self.text, offset);
            if let [blocks, id, rest @ ..] = &keys[..]
                && blocks == "blocks"
            {
                problem.block = BlockId::new(id);
                problem.port = rest.get(1).filter(|_| problem.block.is_some()).cloned();
            }
        }
        self.problems.push(problem);
    }

    /// Reads `part` of the text; what is wrong with it becomes a problem at its place.
    fn read<T: Deserialize<'t>>(&mut self, part: &'t str, what: &str) -> Option<T> {
        match serde_json::from_str(part) {
            Ok(value) => Some(value),
            Err(error) => {
                let wrong_kind = error.to_string().starts_with("invalid type");
                let within = if wrong_kind { 0 } else { offset_of(part, error.line(), error.column()) };
                let place = offset_in(self.text, part) + within;
                let said = error.to_string();
                let is_word =
                    ["expected value", "expected ident", "invalid number"].iter().any(|s| said.starts_with(s));
                let bare = if is_word { bare_number(part, within) } else { None };
                let message = bare.unwrap_or_else(|| explain(&error, what));
                self.problem_at(place, message);
                None
            }
        }
    }

    /// The entries of an object, each key once; a second one is a problem.
    fn object(&mut self, part: &'t str, what: &str, of: &str) -> Vec<Entry<'t>> {
        let Some(Object(raw)) = self.read::<Object<'t>>(part, what) else { return Vec::new() };
        let mut seen = std::collections::BTreeSet::new();
        let mut entries: Vec<Entry<'t>> = Vec::new();
        for (key, value) in raw {
            let (at, value) = (key.get(), value.get());
            let Some(key) = self.read::<String>(at, "a key") else { continue };
            if !seen.insert(key.clone()) {
                self.problem(at, format!("the {of} {} is there twice; rename or remove one", quoted(&key)));
                continue;
            }
            entries.push(Entry { key, at, value });
        }
        entries
    }

    fn page(&mut self) -> Option<Page> {
        let text = self.text;
        let entries = self.object(text, "a page", "key");
        if !self.problems.is_empty() && entries.is_empty() {
            return None;
        }
        match entries.iter().find(|e| e.key == "nudge") {
            Some(entry) => match self.read::<i64>(entry.value, "the format version, a whole number") {
                Some(FORMAT) => {}
                Some(newer) if newer > FORMAT => {
                    let message = format!(
                        "the page is of format {newer}, but this program reads format {FORMAT}; it was written by a newer Nudge"
                    );
                    self.problems.clear();
                    self.problem(entry.value, message);
                    return None;
                }
                Some(other) => self.problem(entry.value, format!("there is no format {other}; the first is {FORMAT}")),
                None => {}
            },
            None => {
                self.problems
                    .push(Problem::page("this is no Nudge page: the key \"nudge\" with the format version is missing"));
                return None;
            }
        }
        let (mut page, mut decor) = (Page::default(), Decor::default());
        let mut has_blocks = false;
        for entry in entries {
            match entry.key.as_str() {
                "nudge" => {}
                "name" => page.name = self.read(entry.value, "the page's name, a text"),
                "blocks" => {
                    has_blocks = true;
                    page.blocks = self.blocks(entry.value).into_iter().collect();
                }
                "wires" => page.wires = Arc::new(self.wires(entry.value)),
                "layout" => page.layout = self.layout(entry.value).into_iter().collect(),
                "notes" => decor.notes = self.notes(entry.value),
                "frames" => decor.frames = self.frames(entry.value),
                "routes" => decor.routes = self.routes(entry.value),
                "views" => decor.views = self.views(entry.value),
                _ => page.unknown.push(Unknown { key: entry.key, json: entry.value.into() }),
            }
        }
        page.decor = Arc::new(decor);
        if !has_blocks {
            self.problems.push(Problem::page("the page has no \"blocks\"; an empty page has \"blocks\": {}"));
        }
        Some(page)
    }

    fn id(&mut self, entry: &Entry<'t>) -> Option<BlockId> {
        let id = BlockId::new(&entry.key);
        if id.is_none() {
            let message = format!("{} is no block id; ids are letters, digits and underscores", quoted(&entry.key));
            self.problem(entry.at, message);
        }
        id
    }

    fn blocks(&mut self, part: &'t str) -> BTreeMap<BlockId, Arc<BlockNode>> {
        let entries = self.object(part, "the blocks, an object with a block for each id", "block id");
        let mut blocks = BTreeMap::new();
        for entry in entries {
            let id = self.id(&entry);
            if let (Some(block), Some(id)) = (self.block(&entry), id) {
                blocks.insert(id, Arc::new(block));
            }
        }
        blocks
    }

    fn block(&mut self, entry: &Entry<'t>) -> Option<BlockNode> {
        let before = self.problems.len();
        let parts = self.object(entry.value, "a block, an object with a \"type\"", "key");
        let mut block = BlockNode::default();
        let mut has_type = false;
        for part in parts {
            match part.key.as_str() {
                "type" => {
                    has_type = true;
                    block.type_name = self.read(part.value, "the block's type, a text")?;
                }
                "attrs" => block.attrs = self.entries(part.value, "attribute"),
                "mute" => block.mute = self.read(part.value, "true or false")?,
                "device" => block.device = self.read::<String>(part.value, "a device, a text").map(Into::into),
                "tf_name" => block.tf_name = self.read::<String>(part.value, "a name, a text").map(Into::into),
                "control" => block.control = self.control(part.value),
                "inputs" => block.inputs = self.entries(part.value, "literal for"),
                _ => block.unknown.push(Unknown { key: part.key, json: part.value.into() }),
            }
        }
        if !has_type && self.problems.len() == before {
            self.problem(entry.value, format!("the block {} has no \"type\"", quoted(&entry.key)));
        }
        Some(block)
    }

    /// The blocks that come before one.
    fn control(&mut self, part: &'t str) -> Vec<BlockId> {
        let ids: Vec<String> = self.read(part, "blocks, a list of their ids").unwrap_or_default();
        let wrong = ids.iter().find(|id| BlockId::new(id).is_none());
        if let Some(wrong) = wrong {
            self.problem(part, format!("{} is no block id; ids are letters, digits and underscores", quoted(wrong)));
        }
        ids.iter().filter_map(|id| BlockId::new(id)).collect()
    }

    fn entries(&mut self, part: &'t str, of: &str) -> Entries {
        let entries = self.object(part, "an object with a value for each name", of);
        let mut values = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(value) = self.read::<Value>(entry.value, "a value") {
                let spelling = (value.to_string() != entry.value).then(|| entry.value.into());
                values.push((entry.key, Written { value, spelling }));
            }
        }
        values.into_iter().collect()
    }

    fn wires(&mut self, part: &'t str) -> Vec<Wire> {
        let raw: Vec<&'t RawValue> = self.read(part, "the wires, a list").unwrap_or_default();
        raw.into_iter().filter_map(|raw| self.wire(raw.get())).collect()
    }

    /// A port, or a problem.
    fn port(&mut self, part: &'t str) -> Option<PortRef> {
        let text: String = self.read(part, "a port as \"block.port\"")?;
        PortRef::parse(&text).map_err(|message| self.problem(part, message)).ok()
    }

    fn wire(&mut self, part: &'t str) -> Option<Wire> {
        let ends: Vec<String> = self.read(part, "a wire, a pair of ports as [\"from.output\", \"to.input\"]")?;
        let [from, to] = ends.as_slice() else {
            let message =
                format!("a wire has two ends, this one has {}; write [\"from.output\", \"to.input\"]", ends.len());
            self.problem(part, message);
            return None;
        };
        match (PortRef::parse(from), PortRef::parse(to)) {
            (Ok(from), Ok(to)) => Some(Wire { from, to }),
            (from, to) => {
                for message in [from.err(), to.err()].into_iter().flatten() {
                    self.problem(part, message);
                }
                None
            }
        }
    }

    fn layout(&mut self, part: &'t str) -> BTreeMap<BlockId, Placement> {
        let entries = self.object(part, "the layout, an object with a position for each block", "layout of");
        let mut layout = BTreeMap::new();
        for entry in entries {
            let id = self.id(&entry);
            let numbers = self.read::<Vec<f64>>(entry.value, "a position as [x, y] or [x, y, width, height]");
            let placement = match numbers.as_deref() {
                Some([x, y]) => Placement::at(*x, *y),
                Some([x, y, w, h]) => Placement { x: *x, y: *y, size: Some((*w, *h)) },
                Some(_) => {
                    self.problem(entry.value, "a position is [x, y] or [x, y, width, height]");
                    continue;
                }
                None => continue,
            };
            if let Some(id) = id {
                layout.insert(id, placement);
            }
        }
        layout
    }
}

/// What to do about a word at `at` that Python writes for a number that JSON lacks.
fn bare_number(part: &str, at: usize) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '-';
    let begin = part.get(..at)?.trim_end_matches(is_word).len();
    let word = part[begin..].split(|c| !is_word(c)).next()?;
    let quoted = match word {
        "NaN" | "nan" => "NaN",
        "Infinity" | "inf" => "Infinity",
        "-Infinity" | "-inf" => "-Infinity",
        _ => return None,
    };
    Some(format!("JSON has no {word}: write \"{quoted}\", in quotes"))
}

/// What serde_json says, in words for people.
fn explain(error: &serde_json::Error, what: &str) -> String {
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or(&text);
    if error.is_eof() {
        return "the file ends too early: it is cut off, or a bracket or quote is not closed".to_owned();
    }
    if said.starts_with("recursion limit") {
        return "the brackets are nested too deeply; a tensor of many dimensions can be written as {\"shape\": […], \"data\": […]}".to_owned();
    }
    if let Some(found) = said.strip_prefix("invalid type: ").and_then(|s| s.split(", expected").next()) {
        return format!("here should be {what}, not {}", plain(found));
    }
    if said.starts_with("invalid value") {
        return format!("here should be {what}");
    }
    said.to_owned()
}

/// The kind of what was found in words for people; what the person wrote stays as it is.
fn plain(found: &str) -> String {
    let (kind, own) = found.split_at(found.find(['"', '`']).unwrap_or(found.len()));
    let kind = kind
        .replace("sequence", "a list")
        .replace("map", "an object")
        .replace("unit", "null")
        .replace("integer", "the number")
        .replace("floating point", "the number")
        .replace("boolean", "the bool")
        .replace("string", "the text");
    let own = own.strip_prefix('`').and_then(|own| own.strip_suffix('`')).unwrap_or(own);
    kind + own
}
