//! Checking a page that differs in attributes alone from one that has been checked: only what follows from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{CheckedBlock, CheckedPage, Feeds, Source, State, attributes, check, guarded, types};
use crate::block::{InferCx, InputType};
use crate::page::{BlockId, Page};
use crate::registry::Registry;
use crate::spec::Role;
use crate::tensor::Tensor;

/// Checks `page`, of which `before` was an earlier state with the same feeds. What has not changed is not looked at
/// again: a page of a thousand blocks of which one attribute differs takes microseconds.
pub fn recheck(before: &CheckedPage, page: &Arc<Page>, registry: &Registry, feeds: &Feeds) -> CheckedPage {
    if Arc::ptr_eq(&before.page, page) {
        return before.clone();
    }
    attributes_alone(before, page, feeds).unwrap_or_else(|| check(page, registry, feeds))
}

/// The check, if attributes are all that differs, nothing is wrong before and after, and no type changes.
fn attributes_alone(before: &CheckedPage, page: &Arc<Page>, feeds: &Feeds) -> Option<CheckedPage> {
    let old = &before.page;
    let is_good = before.problems.is_empty() && old.blocks.len() == page.blocks.len() && old.name == page.name;
    let same_wires = Arc::ptr_eq(&old.wires, &page.wires) || old.wires == page.wires;
    // No problem before: each place was that of a block, and the blocks are found to be the same.
    let same_places = || page.layout.iter().all(|(id, place)| page.blocks.contains_key(id) && place.is_within());
    if !is_good || !same_wires || !(Arc::ptr_eq(&old.layout, &page.layout) || same_places()) {
        return None;
    }
    let mut changed: Vec<&BlockId> = Vec::new();
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
    let mut after = CheckedPage { page: page.clone(), ..before.clone() };
    // What follows from what has changed: sets come before those that they are wired to, and constants before those that
    // see their values. Nothing else of a block is seen by another, as long as its types stay.
    let changed: BTreeSet<&BlockId> = changed.into_iter().collect();
    let sets: BTreeSet<&BlockId> =
        changed.iter().copied().filter(|id| role(before, id) == Some(Role::AttributeSet)).collect();
    let attributes: Vec<&BlockId> = match sets.is_empty() {
        true => changed.iter().copied().collect(),
        false => page.blocks.keys().filter(|id| changed.contains(id) || has_set_of(before, id, &sets)).collect(),
    };
    let constants: BTreeSet<&BlockId> =
        attributes.iter().copied().filter(|id| role(before, id) == Some(Role::Constant)).collect();
    for id in &attributes {
        let block = after.blocks.get(*id)?;
        let mut problems = Vec::new();
        let (attrs, effective) = attributes::resolve(page, id, block.block?.spec(), &block.sets, &mut problems);
        if !problems.is_empty() {
            return None;
        }
        let new = CheckedBlock { attrs, effective, ..CheckedBlock::clone(block) };
        after.blocks.insert((*id).clone(), Arc::new(new));
    }
    let infers: Vec<&BlockId> = match constants.is_empty() {
        true => attributes,
        false => {
            let attributes: BTreeSet<&BlockId> = attributes.into_iter().collect();
            let concerned = |id: &&BlockId| attributes.contains(id) || reads_one_of(before, id, &constants);
            page.blocks.keys().filter(concerned).collect()
        }
    };
    for id in infers {
        let block = after.blocks.get(id)?.clone();
        infer_again(&mut after, id, &block, feeds)?;
    }
    Some(after)
}

fn role(checked: &CheckedPage, id: &BlockId) -> Option<Role> {
    checked.blocks.get(id)?.block.map(|b| b.spec().role)
}

fn has_set_of(checked: &CheckedPage, id: &BlockId, sets: &BTreeSet<&BlockId>) -> bool {
    checked.blocks.get(id).is_some_and(|block| block.sets.iter().any(|set| sets.contains(set)))
}

fn reads_one_of(checked: &CheckedPage, id: &BlockId, blocks: &BTreeSet<&BlockId>) -> bool {
    let mut sources = checked.blocks.get(id).into_iter().flat_map(|block| block.inputs.iter().flatten());
    sources.any(|source| matches!(source, Source::Output { block, .. } if blocks.contains(block)))
}

/// Infers a block again; `None` if it cannot run any more or gives other types.
fn infer_again(after: &mut CheckedPage, id: &BlockId, checked: &Arc<CheckedBlock>, feeds: &Feeds) -> Option<()> {
    let block = checked.block?;
    let find = |id: &BlockId| after.blocks.get(id).map(Arc::as_ref);
    let constant = |id: &BlockId, index: usize| -> Option<Tensor> {
        let source = find(id).filter(|b| b.block.is_some_and(|b| b.spec().role == Role::Constant))?;
        types::constant(source.block?, source, &source.outputs).ok()??.get(index).cloned()
    };
    let (inputs, waits_for) = types::inputs(find, constant, checked);
    if checked.state != State::Ready || waits_for.is_some() {
        return None;
    }
    let inputs: Vec<Vec<InputType>> = inputs.into_iter().map(|port| port.into_iter().flatten().collect()).collect();
    let fed = types::fed(id, block, feeds);
    let cx = InferCx { spec: block.spec(), attrs: &checked.attrs, inputs: &inputs, fed };
    let outputs = types::infer_block(block, &cx).ok().filter(|outputs| *outputs == checked.outputs)?;
    let warnings = guarded(|| Ok(block.warnings(&cx))).ok()?;
    if block.spec().role == Role::Constant {
        types::constant(block, checked, &outputs).ok()?;
    }
    if warnings != checked.warnings {
        let new = CheckedBlock { outputs, warnings, ..CheckedBlock::clone(checked) };
        after.blocks.insert(id.clone(), Arc::new(new));
    }
    Some(())
}
