//! Sets of attributes that are made of what blocks have.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Pos2, Vec2};
use node_core::check::{CheckedBlock, Effective, Origin};
use node_core::page::{Entries, Written};
use node_core::port::ATTRS_PORT;
use node_core::{BlockId, BlockNode, BlockSpec, Direction, Edit, Placement, PortRef, Role, Wire};

use super::blocks::clear_spot;
use super::work::Work;

impl Work<'_> {
    /// Makes a set of a block's own values, and wires it to the block.
    pub(crate) fn attrs_from(&mut self, block: &BlockId, at: Pos2) {
        let registry = self.state.registry.clone();
        let set_type = registry.iter().map(|ty| &ty.spec).find(|s| s.role == Role::AttributeSet);
        let Some(set_spec) = set_type else {
            self.say("No block type of this program is a set of attributes.");
            return;
        };
        let tab = self.tab_mut();
        let Some(checked) = tab.document.checked.blocks.get(block) else { return };
        let mut free = checked.effective.iter().filter(|e| !matches!(e.origin, Origin::Wired(_))).peekable();
        if free.peek().is_none() {
            self.say(format!("All attributes of {block} are wired already."));
            return;
        }
        // What is as by default needs no saying; the inspector offers it.
        let others = free.filter(|e| e.value != e.spec.default.value());
        let attrs: Entries =
            others.filter_map(|e| Some((e.spec.name.clone(), Written::from(e.value.clone()?)))).collect();
        let Some(id) = tab.document.fresh_id(&set_spec.name) else { return };
        let Some(output) = set_spec.ports.iter().find(|p| p.direction == Direction::Out) else { return };
        let node = BlockNode { attrs, ..BlockNode::new(&set_spec.name) };
        let corner = clear_spot(at - Vec2::new(218.0, 60.0), &tab.document.places);
        let place = Placement::at(f64::from(corner.x.round()), f64::from(corner.y.round())).kept_within();
        let wire = Wire { from: PortRef::new(&id, &output.name), to: PortRef::new(block, node_core::port::ATTRS_PORT) };
        let edits =
            vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }, Edit::Connect { wire }];
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
        }
    }

    /// Makes one set of the attributes that the selected blocks have in common, and wires it to all of them.
    pub(crate) fn share_attributes(&mut self) {
        let selected: Vec<BlockId> = self.tab().view.selection.iter().cloned().collect();
        self.share_among(&selected);
    }

    /// Has a block have the attributes that another has: from the other's set, where that gives all that differ and the block
    /// has none, from a new set where neither is wired, else by setting each where it comes from.
    pub(super) fn share_with(&mut self, other: &BlockId, block: &BlockId) {
        let checked = self.tab().document.checked.clone();
        let effective = |id: &BlockId| checked.blocks.get(id).map(|block| block.effective.clone()).unwrap_or_default();
        let (own, others) = (effective(block), effective(other));
        let like = |entry: &&Effective| others.iter().find(|other| other.spec.name == entry.spec.name).cloned();
        let differing: Vec<Effective> =
            own.iter().filter_map(|entry| like(&entry).filter(|other| other.value != entry.value)).collect();
        let set_of = |entry: &Effective| if let Origin::Wired(set) = &entry.origin { Some(set.clone()) } else { None };
        let is_wired = |id: &BlockId| checked.blocks.get(id).is_some_and(|block| !block.sets.is_empty());
        let sets: BTreeSet<Option<BlockId>> = differing.iter().map(set_of).collect();
        let one = sets.iter().next().cloned().flatten().filter(|_| sets.len() == 1);
        let edits = match one {
            Some(set) if !is_wired(block) => self.wired_to(&set, block),
            None if !is_wired(block) && !is_wired(other) => return self.share_among(&[other.clone(), block.clone()]),
            _ => {
                let set = |entry: &Effective| {
                    let target = checked.set_at(block, &entry.spec.name);
                    let value = entry.value.clone().map(Written::from);
                    Edit::set_attr(&target.block, &target.port, value)
                };
                differing.iter().map(set).collect()
            }
        };
        self.edit(&format!("take the attributes of {other}"), Edit::Batch(edits));
    }

    /// What wires a set to a block, whose own values of what it gives go.
    fn wired_to(&self, set: &BlockId, block: &BlockId) -> Vec<Edit> {
        let checked = &self.tab().document.checked;
        let Some(output) = checked.blocks.get(set).and_then(|set| output(set.spec()?)) else { return Vec::new() };
        let attrs = |id: &BlockId| checked.page.block(id.as_str()).map(|node| node.attrs.clone()).unwrap_or_default();
        let (given, own) = (attrs(set), attrs(block));
        let gone = given.names().filter(|name| own.get(name).is_some());
        let mut edits: Vec<Edit> = gone.map(|name| Edit::set_attr(block, name, None)).collect();
        let wire = Wire { from: PortRef::new(set, output), to: PortRef::new(block, ATTRS_PORT) };
        edits.push(Edit::Connect { wire });
        edits
    }

    /// The same for these blocks; where their values differ, those of the first count.
    fn share_among(&mut self, ids: &[BlockId]) {
        let registry = self.state.registry.clone();
        let set_type = registry.iter().map(|ty| &ty.spec).find(|spec| spec.role == Role::AttributeSet);
        let Some((set_spec, output)) = set_type.and_then(|spec| Some((spec, output(spec)?))) else {
            return self.say("No block type of this program is a set of attributes.");
        };
        let tab = self.tab();
        let blocks: Vec<(&BlockId, &Arc<CheckedBlock>)> = ids
            .iter()
            .filter_map(|id| tab.document.checked.blocks.get_key_value(id))
            .filter(|(_, block)| block.spec().is_some_and(|spec| !spec.attrs.is_empty()))
            .collect();
        let shared = in_common(&blocks);
        if blocks.len() < 2 || shared.is_empty() {
            return self.say("These blocks have no attributes in common that are not wired already.");
        }
        let (values, differing) = common_values(&blocks, &shared);
        let first = blocks[0].0.clone();
        let given: Vec<String> = values.names().map(str::to_owned).collect();
        let ids: Vec<BlockId> = blocks.iter().map(|(id, _)| (*id).clone()).collect();
        let corner = self.left_of(&ids);
        let tab = self.tab_mut();
        let Some(id) = tab.document.fresh_id(&set_spec.name) else { return };
        let node = BlockNode { attrs: values, ..BlockNode::new(&set_spec.name) };
        let corner = clear_spot(corner, &tab.document.places);
        let place = Placement::at(f64::from(corner.x.round()), f64::from(corner.y.round())).kept_within();
        let mut edits = vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }];
        for block in &ids {
            let own = tab.document.page.block(block.as_str()).map(|node| &node.attrs);
            let of_own = given.iter().filter(|name| own.is_some_and(|own| own.get(name).is_some()));
            edits.extend(of_own.map(|name| Edit::set_attr(block, name, None)));
            let wire = Wire { from: PortRef::new(&id, output), to: PortRef::new(block, ATTRS_PORT) };
            edits.push(Edit::Connect { wire });
        }
        if self.edit(&format!("share attributes in {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
            if !differing.is_empty() {
                self.say(format!("{} had several values; {first}'s count now.", differing.join(", ")));
            }
        }
    }

    /// Where a set for these blocks goes: left of all of them.
    fn left_of(&self, ids: &[BlockId]) -> Pos2 {
        let rects = ids.iter().filter_map(|id| self.tab().document.block_rect(id));
        let all = rects.reduce(egui::Rect::union).map_or(Pos2::ZERO, |all| all.left_center());
        all - Vec2::new(280.0, 60.0)
    }
}

/// The port of a set type that gives its attributes.
fn output(spec: &BlockSpec) -> Option<&str> {
    spec.ports.iter().find(|port| port.direction == Direction::Out).map(|port| &*port.name)
}

/// The attributes that all blocks have, alike, and that no wire gives to any.
fn in_common(blocks: &[(&BlockId, &Arc<CheckedBlock>)]) -> Vec<String> {
    let Some((_, first)) = blocks.first() else { return Vec::new() };
    let is_free = |block: &CheckedBlock, like: &Effective| {
        let mut own = block.effective.iter().filter(|own| own.spec.name == like.spec.name);
        own.any(|own| own.spec.ty == like.spec.ty && !matches!(own.origin, Origin::Wired(_)))
    };
    let common = first.effective.iter().filter(|like| blocks.iter().all(|(_, block)| is_free(block, like)));
    common.map(|like| like.spec.name.to_string()).collect()
}

/// The first values of those attributes that a block has, as far as some block has one of its own; all of them where none has. And
/// the names of those that blocks have different values of.
fn common_values(blocks: &[(&BlockId, &Arc<CheckedBlock>)], names: &[String]) -> (Entries, Vec<String>) {
    let of = |block: &CheckedBlock, name: &str| block.effective.iter().find(|e| e.spec.name == *name).cloned();
    let set: BTreeSet<&String> = names
        .iter()
        .filter(|name| blocks.iter().any(|(_, block)| of(block, name).is_some_and(|e| e.origin == Origin::Own)))
        .collect();
    let is_in = |name: &&String| set.is_empty() || set.contains(name);
    let first = |name: &String| blocks.iter().find_map(|(_, block)| of(block, name).and_then(|entry| entry.value));
    let values = names.iter().filter(is_in).filter_map(|name| Some((name.clone(), Written::from(first(name)?))));
    let differs =
        |name: &&String| blocks.iter().any(|(_, block)| of(block, name).and_then(|entry| entry.value) != first(name));
    (values.collect(), names.iter().filter(is_in).filter(differs).cloned().collect())
}
