//! An order in which every block comes after those that it needs, and the loops that have none.

use std::collections::{BTreeMap, BTreeSet};

use super::{CheckedBlock, Source, State};
use crate::page::BlockId;
use crate::problem::Problem;

/// Sorts the blocks; among those that could come next the least id goes first, so the order is the page's alone.
/// Blocks of a loop become faulty, and each loop a problem.
pub fn topological(blocks: &mut BTreeMap<BlockId, CheckedBlock>, problems: &mut Vec<Problem>) -> Vec<BlockId> {
    let mut needs: BTreeMap<&BlockId, BTreeSet<&BlockId>> = BTreeMap::new();
    let mut feeds: BTreeMap<&BlockId, Vec<&BlockId>> = BTreeMap::new();
    for (id, block) in blocks.iter() {
        let sources = block.inputs.iter().flatten().filter_map(|source| match source {
            Source::Output { block, .. } => Some(block),
            Source::Literal(_) => None,
        });
        let sources: BTreeSet<_> = sources.collect();
        for source in &sources {
            feeds.entry(source).or_default().push(id);
        }
        needs.insert(id, sources);
    }
    let mut next: BTreeSet<&BlockId> = needs.iter().filter(|(_, n)| n.is_empty()).map(|(id, _)| *id).collect();
    let mut order = Vec::with_capacity(blocks.len());
    while let Some(id) = next.pop_first() {
        order.push(id.clone());
        needs.remove(id);
        for follower in feeds.get(id).into_iter().flatten() {
            if let Some(open) = needs.get_mut(follower)
                && open.remove(id)
                && open.is_empty()
            {
                next.insert(follower);
            }
        }
    }
    settle(blocks, &stuck(&needs), problems);
    order
}

/// The blocks that could not be ordered, with those among them that each needs.
type Stuck = BTreeMap<BlockId, BTreeSet<BlockId>>;

fn stuck(needs: &BTreeMap<&BlockId, BTreeSet<&BlockId>>) -> Stuck {
    let among = |sources: &BTreeSet<&BlockId>| {
        sources.iter().filter(|s| needs.contains_key(**s)).map(|s| (*s).clone()).collect()
    };
    needs.iter().map(|(id, sources)| ((*id).clone(), among(sources))).collect()
}

/// Every loop becomes a problem and its blocks faulty; blocks behind a loop wait for it.
fn settle(blocks: &mut BTreeMap<BlockId, CheckedBlock>, stuck: &Stuck, problems: &mut Vec<Problem>) {
    for (id, sources) in stuck {
        if let (Some(block), Some(source)) = (blocks.get_mut(id), sources.first())
            && block.state == State::Ready
        {
            block.state = State::Waiting(source.clone());
        }
    }
    for path in loops(stuck.clone()) {
        problems.push(describe(blocks, &path));
        for id in &path {
            if let Some(block) = blocks.get_mut(id) {
                block.state = State::Faulty;
            }
        }
    }
}

/// The loops, each as a path along the wires that begins at its least id. Walks against the wires, depth first.
fn loops(mut stuck: Stuck) -> Vec<Vec<BlockId>> {
    let mut found = Vec::new();
    let mut path: Vec<BlockId> = Vec::new();
    let mut steps: BTreeMap<BlockId, usize> = BTreeMap::new();
    while let Some(at) = path.last().or_else(|| stuck.keys().next()).cloned() {
        if path.is_empty() {
            steps.insert(at.clone(), 0);
            path.push(at.clone());
        }
        let source = stuck.get(&at).and_then(|s| s.iter().find(|id| stuck.contains_key(*id))).cloned();
        let begin = match &source {
            Some(source) => match steps.get(source) {
                Some(begin) => *begin,
                None => {
                    steps.insert(source.clone(), path.len());
                    path.push(source.clone());
                    continue;
                }
            },
            None => path.len() - 1,
        };
        let mut done = path.split_off(begin);
        for id in &done {
            stuck.remove(id);
            steps.remove(id);
        }
        if source.is_some() {
            done.reverse();
            let least = done.iter().enumerate().min_by_key(|(_, id)| *id).map_or(0, |(i, _)| i);
            done.rotate_left(least);
            found.push(done);
        }
    }
    found
}

fn describe(blocks: &BTreeMap<BlockId, CheckedBlock>, path: &[BlockId]) -> Problem {
    let shown = path.iter().take(12).map(BlockId::as_str).collect::<Vec<_>>().join(" → ");
    let rest = if path.len() > 12 { format!(" → … ({} blocks)", path.len()) } else { String::new() };
    let message = format!("is part of a loop: {shown}{rest} → {}; remove one of its wires", path[0]);
    let port = blocks.get(&path[0]).and_then(|block| {
        let last = path.last();
        let fed = |sources: &Vec<Source>| {
            sources.iter().any(|s| matches!(s, Source::Output { block, .. } if Some(block) == last))
        };
        let index = block.inputs.iter().position(fed)?;
        block.block?.spec().inputs().nth(index)
    });
    match port {
        Some(port) => Problem::port(&path[0], port.name, message),
        None => Problem::block(&path[0], message),
    }
}
