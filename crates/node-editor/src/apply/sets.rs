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

    /// Has a block take its attributes from the set that another has, else from a new one with the other's values.
    pub(super) fn share_with(&mut self, other: &BlockId, block: &BlockId) {
        let checked = self.tab().document.checked.clone();
        let Some(set) = checked.blocks.get(other).and_then(|checked| checked.sets.first()) else {
            return self.share_among(&[other.clone(), block.clone()]);
        };
        let Some(output) = checked.blocks.get(set).and_then(|set| output(set.spec()?)) else { return };
        let given = checked.page.block(set.as_str()).map(|node| &node.attrs);
        let own = checked.page.block(block.as_str()).map(|node| &node.attrs);
        let given = given.into_iter().flat_map(|attrs| attrs.names());
        let mut edits: Vec<Edit> = given
            .filter(|name| own.is_some_and(|own| own.get(name).is_some()))
            .map(|name| Edit::set_attr(block, name, None))
            .collect();
        let before = checked.blocks.get(block).map(|block| block.links.incoming.iter()).into_iter().flatten();
        edits.extend(before.filter(|wire| &*wire.to.port == ATTRS_PORT).cloned().map(Edit::Disconnect));
        let wire = Wire { from: PortRef::new(set, output), to: PortRef::new(block, ATTRS_PORT) };
        edits.push(Edit::Connect { wire });
        self.edit(&format!("share the attributes of {other}"), Edit::Batch(edits));
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
