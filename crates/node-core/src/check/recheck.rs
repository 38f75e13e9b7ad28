//! Checking a page that differs in attributes alone from one that has been checked: only what follows from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CheckedBlock, CheckedPage, Feeds, State, attributes, check, types};
use crate::page::{BlockId, Page};
use crate::registry::Registry;
use crate::spec::Role;
use crate::tensor::Tensor;

/// What follows from an edit is followed so far; beyond that checking all of it anew is as quick.
const FARTHEST: usize = 32;

/// Checks `page`, of which `before` was an earlier state with the same feeds. What has not changed is not looked at
/// again: a page of a thousand blocks of which one attribute differs takes microseconds.
pub fn recheck(before: &CheckedPage, page: &Arc<Page>, registry: &Registry, feeds: &Feeds) -> CheckedPage {
    if Arc::ptr_eq(&before.page, page) {
        return before.clone();
    }
    attributes_alone(before, page, feeds).unwrap_or_else(|| check(page, registry, feeds))
}

/// The check, if attributes are all that differs.
fn attributes_alone(before: &CheckedPage, page: &Arc<Page>, feeds: &Feeds) -> Option<CheckedPage> {
    let changed = changed(before, page)?;
    let mut after = CheckedPage { page: page.clone(), ..before.clone() };
    // Sets come before those that they are wired to.
    let is_set = |id: &&BlockId| role(before, id) == Some(Role::AttributeSet);
    let sets: BTreeSet<&BlockId> = changed.iter().copied().filter(is_set).collect();
    let mut concerned: BTreeSet<BlockId> = changed.iter().map(|id| (*id).clone()).collect();
    if !sets.is_empty() {
        let takes = |(_, block): &(&BlockId, &Arc<CheckedBlock>)| block.sets.iter().any(|set| sets.contains(set));
        concerned.extend(before.blocks.iter().filter(takes).map(|(id, _)| id.clone()));
    }
    for id in &concerned {
        let checked = after.blocks.get_mut(id)?;
        let Some(block) = checked.block else { continue };
        let mut problems = Vec::new();
        let (attrs, effective) = attributes::resolve(page, id, block.spec(), &checked.sets, &mut problems);
        let checked = Arc::make_mut(checked);
        (checked.attrs, checked.effective, checked.found.attributes) = (attrs, effective, problems);
    }
    let touched = follow(&mut after, concerned, feeds)?;
    after.problems.retain(|problem| problem.block.as_ref().is_none_or(|id| !touched.contains(id)));
    for id in &touched {
        let found = after.blocks.get(id).into_iter().flat_map(|block| block.found.all());
        after.problems.extend(found.cloned());
    }
    // What names a block that is not there is the page's own, and was kept.
    after.problems.sort();
    Some(after)
}

/// The blocks whose attributes have changed; `None` if more than attributes has.
fn changed<'p>(before: &CheckedPage, page: &'p Page) -> Option<Vec<&'p BlockId>> {
    let old = &before.page;
    let is_placed = |page: &Page, ids: &Page| {
        page.layout.iter().all(|(id, place)| ids.blocks.contains_key(id) && place.is_within())
    };
    let same_wires = Arc::ptr_eq(&old.wires, &page.wires) || old.wires == page.wires;
    let same_places = Arc::ptr_eq(&old.layout, &page.layout) || (is_placed(old, old) && is_placed(page, page));
    if old.blocks.len() != page.blocks.len() || old.name != page.name || !same_wires || !same_places {
        return None;
    }
    let mut changed = Vec::new();
    for ((id, new), (old_id, old)) in page.blocks.iter().zip(&old.blocks) {
        if id != old_id {
            return None;
        }
        if !Arc::ptr_eq(new, old) {
            if new.type_name != old.type_name || new.inputs != old.inputs || new.unknown != old.unknown {
                return None;
            }
            changed.push(id);
        }
    }
    Some(changed)
}

fn role(checked: &CheckedPage, id: &BlockId) -> Option<Role> {
    checked.blocks.get(id)?.block.map(|b| b.spec().role)
}

/// Infers the blocks of `wave` again, and those that read of one that has become another, until nothing changes any
/// more. Returns all that were looked at; `None` if that leads too far.
fn follow(after: &mut CheckedPage, wave: BTreeSet<BlockId>, feeds: &Feeds) -> Option<BTreeSet<BlockId>> {
    let mut touched = wave.clone();
    // A constant's value is seen by those that read it, even if its type stays.
    let mut wave: Vec<(BlockId, bool)> = wave.into_iter().map(|id| (id, true)).collect();
    for _ in 0..FARTHEST {
        let mut altered: BTreeSet<BlockId> = BTreeSet::new();
        for (id, has_changed) in wave {
            let is_seen = infer_again(after, &id, feeds)? || (has_changed && role(after, &id) == Some(Role::Constant));
            if is_seen {
                altered.insert(id);
            }
        }
        if altered.is_empty() {
            return Some(touched);
        }
        let readers = after.page.wires.iter().filter(|wire| altered.contains(&wire.from.block));
        let readers: BTreeSet<BlockId> = readers.map(|wire| wire.to.block.clone()).collect();
        let there = readers.into_iter().filter(|id| after.blocks.get(id).is_some_and(|block| block.is_ordered));
        wave = there.map(|id| (id, false)).collect();
        touched.extend(wave.iter().map(|(id, _)| id.clone()));
    }
    None
}

/// Infers a block again; whether those that read it see a difference.
fn infer_again(after: &mut CheckedPage, id: &BlockId, feeds: &Feeds) -> Option<bool> {
    let checked = after.blocks.get(id)?;
    // What is part of a loop, or behind one, is not inferred.
    if !checked.is_ordered {
        let state = checked.state_before_types();
        Arc::make_mut(after.blocks.get_mut(id)?).state = state;
        return Some(false);
    }
    let find = |id: &BlockId| after.blocks.get(id).map(Arc::as_ref);
    let constant = |id: &BlockId, index: usize| -> Option<Tensor> {
        let is_constant =
            |b: &&CheckedBlock| b.state == State::Ready && b.block.is_some_and(|b| b.spec().role == Role::Constant);
        let source = find(id).filter(is_constant)?;
        types::constant(source.block?, source, &source.outputs).ok()??.get(index).cloned()
    };
    let Some(inferred) = types::one(id, checked, find, constant, feeds) else { return Some(false) };
    let was_ready = |state: &State| *state == State::Ready;
    let before = checked.clone();
    let same = before.state == inferred.state
        && before.outputs == inferred.outputs
        && before.warnings == inferred.warnings
        && before.found.types == inferred.problems;
    if !same {
        let checked = Arc::make_mut(after.blocks.get_mut(id)?);
        checked.state = inferred.state;
        checked.outputs = inferred.outputs;
        checked.warnings = inferred.warnings;
        checked.found.types = inferred.problems;
    }
    let now = after.blocks.get(id)?;
    Some(before.outputs != now.outputs || was_ready(&before.state) != was_ready(&now.state))
}
