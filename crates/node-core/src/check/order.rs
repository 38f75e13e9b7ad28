//! An order in which every block comes after those that it needs, and the loops that have none.
//!
//! A block's level is the longest way to it from a block that needs none. Blocks are ordered by level, then by id: the
//! order is the page's alone, and a block that changes moves none but those behind it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use imbl::OrdMap;

use super::{CheckedBlock, Source, State};
use crate::page::BlockId;
use crate::problem::Problem;

/// All blocks of a page.
pub type Blocks = OrdMap<BlockId, Arc<CheckedBlock>>;

/// A block's place in the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Its level; none if it is part of a loop, or behind one.
    pub level: Option<usize>,
    /// Why it has none: faulty if it is part of a loop, waiting if it is behind one.
    pub stuck: Option<State>,
}

/// The blocks that one reads.
pub fn sources(block: &CheckedBlock) -> impl Iterator<Item = &BlockId> {
    block.inputs.iter().flatten().filter_map(|source| match source {
        Source::Output { block, .. } => Some(block),
        Source::Literal => None,
    })
}

/// Finds the levels anew that follow from `changed` blocks, and notes which have `moved`. `None` where loops are
/// concerned, or might be since it takes long: then all have to be looked at.
pub fn follow(blocks: &mut Blocks, changed: &[BlockId], moved: &mut BTreeSet<BlockId>) -> Option<()> {
    let mut open: BTreeSet<(usize, BlockId)> = BTreeSet::new();
    for id in changed {
        let block = blocks.get(id)?;
        if block.turn.stuck.is_some() {
            return None;
        }
        open.insert((block.turn.level.unwrap_or(0), id.clone()));
    }
    let most = blocks.len();
    // A new loop raises its own levels again and again, and each time those of all that is behind it.
    let mut turns = 4 * most + 64;
    while let Some((_, id)) = open.pop_first() {
        turns = turns.checked_sub(1)?;
        let block = blocks.get(&id)?;
        let mut level = 0;
        for source in sources(block) {
            let turn = &blocks.get(source)?.turn;
            if turn.stuck.is_some() {
                return None;
            }
            // A source without a level has just been added, and will tell.
            level = level.max(turn.level.unwrap_or(0) + 1);
        }
        if level >= most {
            return None;
        }
        if block.turn.level == Some(level) {
            continue;
        }
        moved.insert(id.clone());
        let block = Arc::make_mut(blocks.get_mut(&id)?);
        block.turn.level = Some(level);
        let readers = block.links.outgoing.iter().map(|wire| &wire.to.block);
        let readers: BTreeSet<BlockId> = readers.cloned().collect();
        for reader in readers {
            let Some(checked) = blocks.get(&reader) else { continue };
            if sources(checked).any(|source| *source == id) {
                open.insert((checked.turn.level.unwrap_or(0).max(level), reader));
            }
        }
    }
    Some(())
}

/// Finds the places of all blocks, and every loop; notes which have `moved`.
pub fn whole(blocks: &mut Blocks, moved: &mut BTreeSet<BlockId>) {
    let ids: Vec<&BlockId> = blocks.keys().collect();
    let number: HashMap<&BlockId, usize> = ids.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut needs: Vec<Vec<usize>> = Vec::with_capacity(ids.len());
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    for (reader, block) in blocks.values().enumerate() {
        let mut own: Vec<usize> = sources(block).filter_map(|source| number.get(source)).copied().collect();
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|source| readers[*source].push(reader));
        needs.push(own);
    }
    let mut open: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut levels: Vec<Option<usize>> = vec![None; ids.len()];
    let mut next: Vec<usize> = (0..ids.len()).filter(|block| open[*block] == 0).collect();
    next.iter().for_each(|block| levels[*block] = Some(0));
    let mut reached = vec![0; ids.len()];
    while let Some(block) = next.pop() {
        let level = reached[block];
        for reader in &readers[block] {
            reached[*reader] = reached[*reader].max(level + 1);
            open[*reader] -= 1;
            if open[*reader] == 0 {
                levels[*reader] = Some(reached[*reader]);
                next.push(*reader);
            }
        }
    }
    let among = |sources: &[usize]| sources.iter().filter(|s| levels[**s].is_none()).map(|s| ids[*s].clone()).collect();
    let is_stuck = |(block, _): &(usize, &Vec<usize>)| levels[*block].is_none();
    let stuck: Stuck = needs
        .iter()
        .enumerate()
        .filter(is_stuck)
        .map(|(block, sources)| (ids[block].clone(), among(sources)))
        .collect();
    let levels: Vec<(BlockId, Option<usize>)> = ids.into_iter().cloned().zip(levels).collect();
    settle(blocks, levels, &stuck, moved);
}

/// The blocks that could not be ordered, with those among them that each needs.
type Stuck = BTreeMap<BlockId, BTreeSet<BlockId>>;

/// Every loop becomes a problem and its blocks faulty; blocks behind a loop wait for it.
fn settle(blocks: &mut Blocks, levels: Vec<(BlockId, Option<usize>)>, stuck: &Stuck, moved: &mut BTreeSet<BlockId>) {
    let mut in_loops: BTreeSet<BlockId> = BTreeSet::new();
    let mut problems: BTreeMap<BlockId, Vec<Problem>> = BTreeMap::new();
    for path in loops(stuck.clone()) {
        problems.entry(path[0].clone()).or_default().push(describe(blocks, &path));
        in_loops.extend(path);
    }
    for (id, level) in levels {
        let waits = || stuck.get(&id).and_then(|sources| sources.first()).cloned().map(State::Waiting);
        let why = if in_loops.contains(&id) { Some(State::Faulty) } else { waits() };
        let turn = Turn { level, stuck: why.filter(|_| level.is_none()) };
        let found = problems.remove(&id).unwrap_or_default();
        let Some(block) = blocks.get_mut(&id) else { continue };
        if block.turn != turn || block.found.order != found {
            moved.insert(id);
            let block = Arc::make_mut(block);
            (block.turn, block.found.order) = (turn, found);
        }
    }
}

/// The order of blocks that stood in another one `before`; shared if nothing is different. `moved` are those that may
/// stand elsewhere, or are not there any more.
pub fn updated(before: &Arc<Vec<BlockId>>, was: &Blocks, is: &Blocks, moved: &BTreeSet<BlockId>) -> Arc<Vec<BlockId>> {
    const FEW: usize = 64;
    let level = |blocks: &Blocks, id: &BlockId| blocks.get(id).and_then(|block| block.turn.level);
    let moved: Vec<(&BlockId, Option<usize>, Option<usize>)> =
        moved.iter().map(|id| (id, level(was, id), level(is, id))).filter(|(_, before, now)| before != now).collect();
    if moved.is_empty() {
        return before.clone();
    }
    if moved.len() > FEW {
        let placed = is.iter().filter_map(|(id, block)| Some((block.turn.level?, id.clone())));
        let mut placed: Vec<(usize, BlockId)> = placed.collect();
        placed.sort_unstable();
        return Arc::new(placed.into_iter().map(|(_, id)| id).collect());
    }
    let mut order = (**before).clone();
    let stood = moved.iter().filter_map(|(id, before, _)| Some((id, (*before)?)));
    let mut places: Vec<usize> = stood
        .filter_map(|(id, own)| order.binary_search_by(|other| (level(was, other), other).cmp(&(Some(own), *id))).ok())
        .collect();
    places.sort_unstable();
    for place in places.into_iter().rev() {
        order.remove(place);
    }
    for (id, own) in moved.iter().filter_map(|(id, _, now)| Some((*id, (*now)?))) {
        let place = order.partition_point(|other| (level(is, other), other) < (Some(own), id));
        order.insert(place, id.clone());
    }
    Arc::new(order)
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

fn describe(blocks: &Blocks, path: &[BlockId]) -> Problem {
    let shown = path.iter().take(12).map(BlockId::as_str).collect::<Vec<_>>().join(" → ");
    let rest = if path.len() > 12 { format!(" → … ({} blocks)", path.len()) } else { String::new() };
    let message = format!("is part of a loop: {shown}{rest} → {}; remove one of its wires", path[0]);
    let port = blocks.get(&path[0]).and_then(|block| {
        let last = path.last();
        let fed = |sources: &Vec<Source>| {
            sources.iter().any(|s| matches!(s, Source::Output { block, .. } if Some(block) == last))
        };
        let index = block.inputs.iter().position(fed)?;
        block.spec()?.inputs().nth(index).map(|port| port.name.clone())
    });
    match port {
        Some(port) => Problem::port(&path[0], port, message),
        None => Problem::block(&path[0], message),
    }
}
