//! Checking a page that differs in attributes alone from one that has been checked: only what follows from them.

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
    let is_good = before.problems.is_empty() && old.blocks.len() == page.blocks.len();
    let same_wires = Arc::ptr_eq(&old.wires, &page.wires) || old.wires == page.wires;
    // No problem before: each place was that of a block, and the blocks are found to be the same.
    let same_places = || page.layout.keys().all(|id| page.blocks.contains_key(id));
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
    let is_set = |id: &BlockId| after.blocks.get(id).is_some_and(|b| role(b) == Some(Role::AttributeSet));
    let fed_by_sets: Vec<&BlockId> = match changed.iter().any(|id| is_set(id)) {
        true => page.blocks.keys().filter(|id| sets_of(before, id).any(|set| changed.contains(&set))).collect(),
        false => Vec::new(),
    };
    let constants: Vec<&BlockId> = changed
        .iter()
        .copied()
        .filter(|id| before.blocks.get(*id).and_then(|b| role(b)) == Some(Role::Constant))
        .collect();
    let fed_by_constants: Vec<&BlockId> = match constants.is_empty() {
        false => page.blocks.keys().filter(|id| reads(before, id).any(|source| constants.contains(&source))).collect(),
        true => Vec::new(),
    };
    // Attributes first: a block may be concerned in both ways.
    for id in changed.into_iter().chain(fed_by_sets.iter().copied()) {
        let block = after.blocks.get(id)?;
        let mut problems = Vec::new();
        let (attrs, effective) = attributes::resolve(page, id, block.block?.spec(), &block.sets, &mut problems);
        if !problems.is_empty() {
            return None;
        }
        let new = Arc::new(CheckedBlock { attrs, effective, ..CheckedBlock::clone(block) });
        after.blocks.insert(id.clone(), new.clone());
        infer_again(&mut after, id, &new, feeds)?;
    }
    for id in fed_by_constants {
        let block = after.blocks.get(id)?.clone();
        infer_again(&mut after, id, &block, feeds)?;
    }
    Some(after)
}

fn role(block: &CheckedBlock) -> Option<Role> {
    block.block.map(|b| b.spec().role)
}

fn sets_of<'c>(checked: &'c CheckedPage, id: &BlockId) -> impl Iterator<Item = &'c BlockId> {
    checked.blocks.get(id).into_iter().flat_map(|block| &block.sets)
}

fn reads<'c>(checked: &'c CheckedPage, id: &BlockId) -> impl Iterator<Item = &'c BlockId> {
    let sources = checked.blocks.get(id).into_iter().flat_map(|block| block.inputs.iter().flatten());
    sources.filter_map(|source| match source {
        Source::Output { block, .. } => Some(block),
        Source::Literal(_) => None,
    })
}

/// Infers a block again; `None` if it cannot run any more or gives other types.
fn infer_again(after: &mut CheckedPage, id: &BlockId, checked: &Arc<CheckedBlock>, feeds: &Feeds) -> Option<()> {
    let block = checked.block?;
    let find = |id: &BlockId| after.blocks.get(id).map(Arc::as_ref);
    let constant = |id: &BlockId, index: usize| -> Option<Tensor> {
        let source = find(id).filter(|b| role(b) == Some(Role::Constant))?;
        types::constant(source.block?, source, &source.outputs)?.get(index).cloned()
    };
    let (inputs, waits_for) = types::inputs(find, constant, checked);
    if checked.state != State::Ready || waits_for.is_some() {
        return None;
    }
    let inputs: Vec<Vec<InputType>> = inputs.into_iter().map(|port| port.into_iter().flatten().collect()).collect();
    let fed = types::fed(id, block, feeds);
    let cx = InferCx { spec: block.spec(), attrs: &checked.attrs, inputs: &inputs, fed };
    let outputs = types::infer_block(block, &cx).ok().filter(|outputs| *outputs == checked.outputs)?;
    let warnings = guarded(|| Ok(block.warnings(&cx))).unwrap_or_default();
    if warnings != checked.warnings {
        let new = CheckedBlock { outputs, warnings, ..CheckedBlock::clone(checked) };
        after.blocks.insert(id.clone(), Arc::new(new));
    }
    Some(())
}
