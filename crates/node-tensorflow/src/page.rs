//! Pages as TensorFlow's graphs, with what their blocks read of files.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Edge;
use crate::lower::{self, Lowered, Subject};
use node_core::check::{CheckedPage, State};
use node_core::{BlockId, PortRef, Problem, Role};
use node_engine::{Engine, Request, RunOptions, available_threads, needed_blocks, plan};

/// A page's graph.
pub struct PageGraph {
    /// The graph.
    pub lowered: Lowered,
    /// Where in it is what is fetched.
    pub fetched: Vec<(PortRef, Edge)>,
}

impl PageGraph {
    /// Has what is fetched come as tensors that there are here, and gives back what cannot: it is fetched no more.
    pub fn as_tensors(&mut self) -> Vec<Problem> {
        let mut unsaid = Vec::new();
        for (port, edge) in std::mem::take(&mut self.fetched) {
            match self.lowered.plain(edge) {
                Ok(edge) => self.fetched.push((port, edge)),
                Err(why) => unsaid.push(Problem::port(&port.block, port.port.to_string(), format!("gives {why}"))),
            }
        }
        unsaid
    }
}

/// The blocks that these ports need of a graph: those that they need here, what is wired to operations that are not known
/// here, and what is to be done before.
pub fn needed(checked: &CheckedPage, fetch: &[PortRef]) -> BTreeSet<BlockId> {
    let mut needed = needed_blocks(checked, fetch);
    let mut open: Vec<BlockId> = needed.iter().cloned().collect();
    while let Some(id) = open.pop() {
        let Some(block) = checked.blocks.get(&id) else { continue };
        let is_unknown = |id: &BlockId| checked.blocks.get(id).is_some_and(|block| block.setup.is_none());
        let wired = block.links.incoming.iter().map(|wire| &wire.from.block);
        let wired = wired.filter(|from| block.setup.is_none() || is_unknown(from));
        let before = checked.page.block(id.as_str()).map(|block| block.control.as_slice()).unwrap_or_default();
        for from in wired.chain(before).filter(|from| checked.blocks.contains_key(*from)) {
            for new in needed_blocks(checked, &[PortRef::new(from, "")]) {
                if needed.insert(new.clone()) {
                    open.push(new);
                }
            }
        }
    }
    needed
}

/// Of these ports those whose blocks can be part of a graph, as far as check can tell: nothing that they need is wrong.
pub fn possible(checked: &CheckedPage, mut ports: Vec<PortRef>) -> Vec<PortRef> {
    let mut open: Vec<&BlockId> = checked
        .problems
        .iter()
        .filter(|problem| stands_in_the_way(checked, problem))
        .filter_map(|p| p.block.as_ref())
        .collect();
    open.retain(|id| checked.blocks.get(*id).is_some_and(|block| block.state == State::Faulty));
    let mut broken: BTreeSet<&BlockId> = BTreeSet::new();
    while let Some(id) = open.pop() {
        if broken.insert(id) {
            open.extend(checked.blocks.get(id).into_iter().flat_map(|b| &b.links.outgoing).map(|wire| &wire.to.block));
        }
    }
    ports.retain(|port| checked.blocks.contains_key(&port.block) && !broken.contains(&port.block));
    ports
}

/// Whether a page has loops as TensorFlow closes them; any other loop nothing can run.
pub fn has_closed_loops(checked: &CheckedPage) -> bool {
    checked.blocks.values().any(|block| lower::order::is_next_iteration(block))
}

/// Whether what is wrong with a page keeps it from being a graph: TensorFlow has loops, and operations that are not known
/// here, where they came from a graph.
pub fn stands_in_the_way(checked: &CheckedPage, problem: &Problem) -> bool {
    let Some((id, block)) = problem.block.as_ref().and_then(|id| Some((id, checked.blocks.get(id)?))) else {
        return true;
    };
    let is_kept = || checked.page.block(id.as_str()).is_some_and(|block| block.tf_name.is_some());
    match &block.setup {
        Some(_) => !(block.is_in_loop_alone() && is_kept() && has_closed_loops(checked)),
        None => !is_kept(),
    }
}

/// A page's graph, and where in it what is fetched is. With `all` blocks that nobody fetches are part of it too.
pub fn graph(
    (checked, name): (&CheckedPage, &str),
    fetch: &[PortRef],
    all: bool,
    options: &RunOptions<'_>,
) -> Result<PageGraph, Vec<Problem>> {
    let needed = if all { checked.blocks.keys().cloned().collect() } else { needed(checked, fetch) };
    let is_file = |id: &&BlockId| checked.blocks.get(*id).is_some_and(|block| block.role() == Some(Role::File));
    let output = |id: &BlockId| Some(PortRef::new(id, checked.blocks.get(id)?.setup.as_ref()?.output_name(0)));
    let files: Vec<PortRef> = needed.iter().filter(is_file).filter_map(output).collect();
    let mut tensors = BTreeMap::new();
    if !files.is_empty() {
        let results = Engine::new(available_threads(), 0).run(&plan(checked, &Request::fetch(&files)), options);
        if results.cancelled {
            return Err(vec![Problem::page("it was stopped")]);
        }
        let problems: Vec<Problem> = results.problems().cloned().collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        for port in &files {
            tensors.extend(results.tensor(port.block.as_str(), 0).map(|tensor| (port.block.clone(), tensor.clone())));
        }
    }
    let file = |id: &BlockId| tensors.get(id).cloned().ok_or_else(|| "cannot be read".to_owned());
    let lowered = lower::lower(&Subject { checked, scope: name, needed: &needed, file: &file })?;
    let fetched = fetch.iter().filter_map(|port| Some((port.clone(), lowered.edge(checked, port)?))).collect();
    Ok(PageGraph { lowered, fetched })
}
