//! The document: blocks and wires under one scope.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use imbl::OrdMap;

use crate::decor::Decor;
use crate::port::PortSpec;
use crate::value::Value;

/// The id of a block, unique in its page: `[A-Za-z0-9_]+`. Ids come in the order of their bytes.
#[derive(Clone)]
pub struct BlockId {
    /// Its first bytes as numbers, which compare as they do: most ids are told apart without looking at their texts.
    head: [u64; 2],
    text: Arc<str>,
}

impl PartialEq for BlockId {
    fn eq(&self, other: &BlockId) -> bool {
        // Most ids that are compared are copies of one.
        self.head == other.head && (Arc::ptr_eq(&self.text, &other.text) || self.rest() == other.rest())
    }
}

impl Eq for BlockId {}

impl Ord for BlockId {
    fn cmp(&self, other: &BlockId) -> Ordering {
        self.head.cmp(&other.head).then_with(|| self.rest().cmp(&other.rest()))
    }
}

impl PartialOrd for BlockId {
    fn partial_cmp(&self, other: &BlockId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for BlockId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl BlockId {
    /// The id `text`, if it is one.
    pub fn new(text: &str) -> Option<BlockId> {
        let valid = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        valid.then(|| BlockId { head: head(text.as_bytes()), text: text.into() })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What comes behind the head, if there is more.
    fn rest(&self) -> Option<&[u8]> {
        self.text.as_bytes().get(HEAD..).filter(|rest| !rest.is_empty())
    }
}

/// So many bytes are in an id's head.
const HEAD: usize = 2 * PART;
const PART: usize = size_of::<u64>();

/// The first bytes as numbers; no id has a byte of zero, so a shorter one comes first.
fn head(text: &[u8]) -> [u64; 2] {
    let part = |from: usize| {
        let mut bytes = [0; PART];
        bytes.iter_mut().zip(text.iter().skip(from)).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(bytes)
    };
    [part(0), part(PART)]
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockId").field(&self.text).finish()
    }
}

impl Borrow<str> for BlockId {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `name` can be a page's: it is the scope of its blocks, and TensorFlow's scopes are letters, digits and
/// `_.-/`, the first a letter, a digit or a point.
pub fn is_scope(name: &str) -> bool {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'.');
    first && bytes.all(|b| is_in_scope(char::from(b)))
}

/// Whether a scope may hold this sign, but for its first.
fn is_in_scope(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-/".contains(c)
}

/// The scope that is nearest to `name`: what cannot be in one is `_`.
pub fn scope_of(name: &str) -> String {
    let scope: String = name.chars().map(|c| if is_in_scope(c) { c } else { '_' }).collect();
    if is_scope(&scope) { scope } else { format!("page{scope}") }
}

/// A block's port: `grad.inputs`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRef {
    /// The block.
    pub block: BlockId,
    /// The port's name, or an alias.
    pub port: Arc<str>,
}

impl PortRef {
    /// The port called `port` of `block`.
    pub fn new(block: &BlockId, port: &str) -> PortRef {
        PortRef { block: block.clone(), port: port.into() }
    }

    /// Reads `block.port`, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<PortRef, String> {
        let Some((block, port)) = text.split_once('.') else {
            return Err(format!("'{text}' names no port; a port is written as block.port"));
        };
        if block.contains('/') {
            return Err(format!("'{text}' names a port in a page within the page, which this version cannot open"));
        }
        match BlockId::new(block) {
            Some(id) if !port.is_empty() => Ok(PortRef::new(&id, port)),
            Some(_) => Err(format!("'{text}' names no port; a port is written as block.port")),
            None => Err(format!("'{block}' is no block id; ids are letters, digits and underscores")),
        }
    }
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.block, self.port)
    }
}

/// A connection from an output to an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire {
    /// The output.
    pub from: PortRef,
    /// The input.
    pub to: PortRef,
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.from, self.to)
    }
}

/// A value as it was written: how it is spelled in its file is kept until it changes, for blocks whose type this
/// program does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The value.
    pub value: Value,
    /// The file's own spelling, where it is not the canonical one.
    pub spelling: Option<Arc<str>>,
}

impl From<Value> for Written {
    fn from(value: Value) -> Self {
        Written { value, spelling: None }
    }
}

/// Named values in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries(Vec<(String, Written)>);

impl Entries {
    /// The value called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, w)| &w.value)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Written)> {
        self.0.iter().map(|(n, w)| (n.as_str(), w))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|(n, _)| n.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Sets, replaces or removes one; `at` is the place of a new one. What was there comes back, with its place.
    pub fn set(&mut self, name: &str, value: Option<Written>, at: Option<usize>) -> (Option<Written>, Option<usize>) {
        match (self.0.iter().position(|(n, _)| n == name), value) {
            (Some(i), Some(value)) => (Some(std::mem::replace(&mut self.0[i].1, value)), Some(i)),
            (Some(i), None) => (Some(self.0.remove(i).1), Some(i)),
            (None, Some(value)) => {
                let at = at.unwrap_or(self.0.len()).min(self.0.len());
                self.0.insert(at, (name.to_owned(), value));
                (None, None)
            }
            (None, None) => (None, None),
        }
    }
}

impl<N: Into<String>, V: Into<Written>> FromIterator<(N, V)> for Entries {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        Entries(iter.into_iter().map(|(n, v)| (n.into(), v.into())).collect())
    }
}

/// JSON of a key that this version does not know, word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The key.
    pub key: String,
    /// The value's text.
    pub json: Arc<str>,
}

/// One operation on a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockNode {
    /// The name of its type.
    pub type_name: String,
    /// The attributes set on the block.
    pub attrs: Entries,
    /// Literals of unconnected inputs.
    pub inputs: Entries,
    /// Whether it computes nothing, and lets inputs of an output's type pass through.
    pub mute: bool,
    /// Where a cluster computes it, as TensorFlow names devices: `/job:worker/task:1`. Here it says nothing.
    pub device: Option<Arc<str>>,
    /// The name of the node that it came from, and goes back to, in a graph of TensorFlow's.
    pub tf_name: Option<Arc<str>>,
    /// Blocks that a cluster is to have done before, whose values it does not need. Here they say nothing.
    pub control: Vec<BlockId>,
    /// Keys that this version does not know.
    pub unknown: Vec<Unknown>,
}

impl BlockNode {
    /// A block of the type called `type_name`, with nothing set.
    pub fn new(type_name: &str) -> BlockNode {
        BlockNode { type_name: type_name.to_owned(), ..BlockNode::default() }
    }

    /// The literal of an input, under whichever of the port's names it is written.
    pub fn literal(&self, port: &PortSpec) -> Option<(&str, &Value)> {
        let (name, written) = self.inputs.iter().find(|(name, _)| port.answers_to(name))?;
        Some((name, &written.value))
    }
}

/// Where a block stands on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The left edge.
    pub x: f64,
    /// The top edge.
    pub y: f64,
    /// Width and height, where a person chose them.
    pub size: Option<(f64, f64)>,
}

/// How far from the middle of the canvas a block may stand, each way.
pub const FARTHEST: f64 = 1e6;

impl Placement {
    /// Whether it is where blocks may stand: a canvas of single precision can tell neighbours apart there.
    pub fn is_within(&self) -> bool {
        let size = self.size.unwrap_or_default();
        [self.x, self.y, size.0, size.1].iter().all(|v| v.abs() <= FARTHEST)
    }

    /// The nearest place where blocks may stand.
    pub fn kept_within(self) -> Placement {
        let within = |v: f64| if v.is_nan() { 0.0 } else { v.clamp(-FARTHEST, FARTHEST) };
        let size = self.size.map(|(width, height)| (within(width), within(height)));
        Placement { x: within(self.x), y: within(self.y), size }
    }

    /// A place, without a size of its own.
    pub fn at(x: f64, y: f64) -> Placement {
        Placement { x, y, size: None }
    }
}

/// Blocks and wires under one scope: what a page file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The page's name, which is its scope; without one it is named after its file.
    pub name: Option<String>,
    /// The blocks.
    pub blocks: OrdMap<BlockId, Arc<BlockNode>>,
    /// The wires; those of one list port in their order. Shared, so that a page whose wires do not change is cheap to copy.
    pub wires: Arc<Vec<Wire>>,
    /// Where blocks stand; a block without an entry is placed by the program. Shared, as the wires.
    pub layout: OrdMap<BlockId, Placement>,
    /// Notes, frames, bends of wires, places to come back to. Shared, as the wires.
    pub decor: Arc<Decor>,
    /// Keys that this version does not know.
    pub unknown: Vec<Unknown>,
}

impl Page {
    /// The block called `id`.
    pub fn block(&self, id: &str) -> Option<&BlockNode> {
        self.blocks.get(id).map(Arc::as_ref)
    }

    /// Where a cluster computes a block: what it says itself, else what the frame does that it is in.
    pub fn device_of(&self, id: &BlockId) -> Option<&str> {
        let own = self.blocks.get(id).and_then(|block| block.device.as_deref());
        let framed = |frame: &'_ crate::decor::Frame| frame.blocks.contains(id);
        own.or_else(|| {
            self.decor.frames.values().filter(|frame| framed(frame)).find_map(|frame| frame.device.as_deref())
        })
    }

    /// Whether anything of the page names this id: a block has it, or comes after it, or wires, places or frames do.
    pub fn is_named(&self, id: &BlockId) -> bool {
        let ends = |wire: &Wire| wire.from.block == *id || wire.to.block == *id;
        let is_placed = self.blocks.contains_key(id) || self.layout.contains_key(id);
        let is_before = || self.blocks.values().any(|block| block.control.contains(id));
        is_placed || self.wires.iter().any(ends) || self.decor.names(id) || is_before()
    }

    /// What cannot be in a page that was made by edits alone; for tests.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        for wire in self.wires.iter() {
            for end in [&wire.from, &wire.to] {
                if !self.blocks.contains_key(&end.block) {
                    found.push(format!("wire {wire} ends at {}, which is not there", end.block));
                }
            }
        }
        for id in self.layout.keys().filter(|id| !self.blocks.contains_key(*id)) {
            found.push(format!("layout places {id}, which is not there"));
        }
        for (name, frame) in &self.decor.frames {
            let gone = frame.blocks.iter().filter(|id| !self.blocks.contains_key(*id));
            found.extend(gone.map(|id| format!("the frame {name} has {id}, which is not there")));
        }
        let loose = self.decor.routes.keys().filter(|wire| !self.wires.contains(wire));
        found.extend(loose.map(|wire| format!("the wire {wire} has bends and is not there")));
        for (id, block) in &self.blocks {
            let gone = block.control.iter().filter(|before| !self.blocks.contains_key(*before));
            found.extend(gone.map(|before| format!("{id} comes after {before}, which is not there")));
            for entries in [&block.attrs, &block.inputs] {
                let names: BTreeSet<_> = entries.names().collect();
                if names.len() != entries.len() {
                    found.push(format!("{id} has a name twice"));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_compare_as_their_texts_do() {
        let mut texts: Vec<String> = vec!["a".into(), "b".into(), "B".into(), "_".into(), "9".into(), "10".into()];
        for length in 14..20 {
            for last in ['0', '1', 'A', 'z'] {
                texts.push(format!("{}{last}", "x".repeat(length)));
                texts.push(format!("x{last}{}", "x".repeat(length)));
            }
        }
        for (a, b) in texts.iter().flat_map(|a| texts.iter().map(move |b| (a, b))) {
            let (x, y) = (BlockId::new(a).unwrap(), BlockId::new(b).unwrap());
            assert_eq!((x.cmp(&y), x == y), (a.cmp(b), a == b), "{a} {b}");
        }
    }
}
