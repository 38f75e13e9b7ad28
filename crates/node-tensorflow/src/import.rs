//! A graph as a page: every node a block.
//!
//! A node is the block of its operation's name where that block can stand for it, with these data types and attributes;
//! else a block that is known by its description alone ([`described`](crate::described)); and where not even TensorFlow's
//! list has the operation, a block of an unknown type. What no block says is kept in keys of the page
//! ([`kept`](crate::kept)), so that the graph goes back as it came.

mod blocks;
mod graph;
mod held;

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::check::{CheckedPage, State, Surroundings};
use node_core::{BlockId, Feeds, Page, Problem, Registry, Tensor};

use crate::kept;
use crate::page::has_closed_loops;
use crate::proto::GraphDef;
use blocks::Blocks;
use graph::Incoming;
use held::Held;

pub use graph::read;

/// What a graph has become.
pub struct Imported {
    /// The page; its blocks have no places.
    pub page: Page,
    /// Constants that are too large for a page, by the parts of the file that its blocks read.
    pub constants: Vec<(BlockId, Tensor)>,
    /// What has not become a block that can run, and why, a line each.
    pub left_out: Vec<String>,
}

/// How a graph becomes a page.
pub struct Import<'a> {
    /// The block types that there are.
    pub registry: &'a Registry,
    /// The file, from the page's folder on, that blocks read large constants from.
    pub constants: &'a str,
    /// Told how far it is, from 0 to 1; says whether to go on.
    pub go_on: &'a dyn Fn(f32) -> bool,
}

/// So often what cannot stand for its node is replaced: what comes behind it is seen only then.
const ROUNDS: usize = 100;

/// The page of a graph; nothing if it was told to stop.
///
/// # Errors
/// What is wrong with the graph itself: names that are there twice, inputs that are not there.
pub fn import(def: &GraphDef, how: &Import<'_>) -> Result<Option<Imported>, Vec<Problem>> {
    let incoming = Incoming::of(def)?;
    let Some(blocks) = Blocks::of(def, &incoming, how) else { return Ok(None) };
    let held = Held(&blocks.constants);
    let mut opaque: BTreeMap<usize, String> = BTreeMap::new();
    let mut checked = CheckedPage::default();
    for round in 1..=ROUNDS {
        if !(how.go_on)(0.5 + 0.5 * (1.0 - 1.0 / round as f32)) {
            return Ok(None);
        }
        let mut page = blocks.page(&opaque);
        // A graph that says nothing of versions is of the first.
        kept::keep_graph(&mut page, def.library.as_ref(), &def.versions.clone().unwrap_or_default());
        let around = Surroundings { registry: how.registry, feeds: &Feeds::new(), files: &held };
        checked = checked.recheck(&Arc::new(page), &around);
        let before = opaque.len();
        opaque.extend(blocks.unfit(&checked));
        if opaque.len() == before {
            break;
        }
    }
    let left_out = left_out(&checked, &blocks, &opaque);
    let page = Page::clone(&checked.page);
    Ok(Some(Imported { page, constants: blocks.constants, left_out }))
}

/// What cannot run here, by operation; loops; what was left behind.
fn left_out(checked: &CheckedPage, blocks: &Blocks<'_>, opaque: &BTreeMap<usize, String>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<&BlockId>> = BTreeMap::new();
    let mut loops = Vec::new();
    for (id, block) in &checked.blocks {
        let node = checked.page.block(id.as_str());
        if block.is_in_loop_alone() {
            loops.push(id);
        }
        if block.code().is_none() {
            kinds.entry(node.map_or("", |node| node.type_name.as_str())).or_default().push(id);
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for (kind, ids) in kinds {
        let who = match ids.as_slice() {
            [one] => format!("{one} is"),
            [first, rest @ ..] => format!("{first} and {} more are", rest.len()),
            [] => continue,
        };
        let why = ids.first().and_then(|id| blocks.why(id, opaque));
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        lines.push(format!("{kind}: {who} kept as written, and cannot run here{why}"));
    }
    if let Some(first) = loops.first() {
        let runs = if has_closed_loops(checked) { "runs on a cluster alone" } else { "nothing can run" };
        let message = format!("{first}: {} blocks are part of a loop, which {runs}", loops.len());
        lines.push(message);
    }
    let waiting = checked.blocks.values().filter(|block| matches!(block.state, State::Waiting(_))).count();
    if waiting > 0 {
        lines.push(format!("{waiting} blocks need one of these, and wait for it"));
    }
    lines
}
