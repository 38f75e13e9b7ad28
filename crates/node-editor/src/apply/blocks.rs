//! Blocks that come, go, move and are called otherwise.

use std::sync::Arc;

use egui::{Pos2, Vec2};
use imbl::OrdMap;
use node_core::check::Origin;
use node_core::page::{Entries, Written};
use node_core::{BlockId, BlockNode, Direction, Edit, Placement, PortRef, Role, Wire};

use super::wires::first_fit;
use super::work::Work;
use crate::state::view::PortEnd;

impl Work<'_> {
    pub(super) fn add(&mut self, type_name: &str, at: Option<Pos2>, connect: Option<PortEnd>) {
        let canvas = self.canvas();
        let registry = self.state.registry.clone();
        let tab = self.tab_mut();
        let middle = || tab.view.camera.to_world(canvas, canvas.center()) - Vec2::new(109.0, 80.0);
        let at = free_spot(at.unwrap_or_else(middle), &tab.document.places);

        let Some(id) = tab.document.fresh_id(type_name) else { return };
        let mut node = BlockNode::new(type_name);
        let spec = registry.get(type_name).map(|ty| &ty.spec);
        // A constant without a value would be born with a problem.
        if let Some(spec) = spec.filter(|s| s.role == Role::Constant) {
            let required = spec.attrs.iter().filter(|a| a.default == node_core::attr::AttrDefault::Required);
            node.attrs = required.map(|a| (a.name.clone(), node_core::Value::Int(0))).collect();
        }
        let place = Placement::at(f64::from(at.x.round()), f64::from(at.y.round())).kept_within();
        let mut edits = vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }];
        if let (Some(spec), Some(end)) = (spec, connect) {
            edits.extend(first_fit(tab, &id, spec, &end));
        }
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
        }
    }

    pub(crate) fn move_selection(&mut self, delta: Vec2) {
        let document = &self.tab().document;
        let edits: Vec<Edit> = self
            .tab()
            .view
            .selection
            .iter()
            .filter_map(|id| {
                let place = *document.places.get(id)?;
                let to = Placement {
                    x: (place.x + f64::from(delta.x)).round(),
                    y: (place.y + f64::from(delta.y)).round(),
                    ..place
                }
                .kept_within();
                (to != place).then(|| Edit::Place { block: id.clone(), to: Some(to) })
            })
            .collect();
        if !edits.is_empty() {
            self.edit("move", Edit::Batch(edits));
        }
    }

    pub(crate) fn rename(&mut self, from: BlockId, to: BlockId) {
        if from == to {
            return;
        }
        let tab = self.tab();
        let selected = tab.view.selection.contains(&from);
        let renamed = self.edit(&format!("rename {from} to {to}"), Edit::Rename { from, to: to.clone() });
        if renamed && selected {
            Arc::make_mut(&mut self.tab_mut().view.selection).insert(to);
        }
    }

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

    pub(crate) fn disconnect_selected(&mut self) {
        let tab = self.tab();
        let touches =
            |w: &&Wire| tab.view.selection.contains(&w.from.block) || tab.view.selection.contains(&w.to.block);
        let wires = tab.document.page.wires.iter().filter(touches).cloned();
        let edits: Vec<Edit> = wires.map(Edit::Disconnect).collect();
        if !edits.is_empty() {
            self.edit("disconnect", Edit::Batch(edits));
        }
    }

    pub(crate) fn delete(&mut self) {
        let view = &self.tab().view;
        let (blocks, wire) = (view.selection.clone(), view.wire.clone());
        if !blocks.is_empty() {
            let edits = blocks.iter().cloned().map(Edit::RemoveBlock).collect();
            self.edit("delete", Edit::Batch(edits));
        } else if let Some(wire) = wire {
            self.edit("delete", Edit::Disconnect(wire));
        }
    }
}

/// A spot near `at` where no block begins.
fn free_spot(mut at: Pos2, places: &OrdMap<BlockId, Placement>) -> Pos2 {
    let taken =
        |at: Pos2| places.values().any(|p| (p.x as f32 - at.x).abs() < 24.0 && (p.y as f32 - at.y).abs() < 24.0);
    for _ in 0..1000 {
        if !taken(at) {
            break;
        }
        at += Vec2::splat(32.0);
    }
    at
}

/// The first spot below `at` where a block of usual size covers no other.
fn clear_spot(mut at: Pos2, places: &OrdMap<BlockId, Placement>) -> Pos2 {
    let covers =
        |at: Pos2| places.values().any(|p| (p.x as f32 - at.x).abs() < 230.0 && (p.y as f32 - at.y).abs() < 160.0);
    for _ in 0..100 {
        if !covers(at) {
            break;
        }
        at.y += 40.0;
    }
    at
}
