//! Blocks that come, go, move and are called otherwise.

use std::sync::Arc;

use egui::{Pos2, Vec2};
use imbl::OrdMap;
use node_core::check::{CheckedBlock, can_be_muted};
use node_core::page::Written;
use node_core::{
    AttrType, BlockId, BlockNode, Direction, Edit, Placement, PortKind, Role, Shape, Tensor, Value, Wire, literal,
};

use super::work::Work;
use crate::state::tab::Tab;
use crate::state::view::{Gesture, PortEnd};
use crate::wiring::{free, heal, splice};

impl Work<'_> {
    pub(super) fn add(&mut self, type_name: &str, at: Option<Pos2>, connect: Option<PortEnd>, onto: Option<Wire>) {
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
        let checked = &tab.document.checked;
        if let (Some(spec), Some(end)) = (spec, connect) {
            edits.extend(free::of_new(checked, &id, spec, &end).map(|wire| Edit::Connect { wire }));
        } else if let (Some(spec), Some(wire)) = (spec, onto) {
            edits.extend(splice::new_into(checked, &id, spec, &wire).into_iter().flatten());
        }
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.state.appearance.added(type_name);
            self.select([id].into());
            self.bring_into_view();
        }
    }

    pub(crate) fn move_selection(&mut self, by: Vec2) {
        self.move_blocks(by, false, None);
    }

    /// Moves the selected blocks; `out` of their chains, or the one of them `onto` a wire.
    pub(super) fn move_blocks(&mut self, delta: Vec2, out: bool, onto: Option<Wire>) {
        let Tab { document, view, .. } = self.tab();
        let mut edits = Vec::new();
        let mut label = "move".to_owned();
        if out {
            edits = heal::extract(&document.checked, &view.selection);
            label = if edits.is_empty() { label } else { "extract".to_owned() };
        } else if let (Some(wire), Some(id)) = (onto, view.selected_block())
            && let Some(spliced) = splice::into(&document.checked, id, &wire)
        {
            edits = spliced;
            label = format!("insert {id}");
        }
        let moved = view.selection.iter().filter_map(|id| {
            let place = *document.places.get(id)?;
            let to = Placement {
                x: (place.x + f64::from(delta.x)).round(),
                y: (place.y + f64::from(delta.y)).round(),
                ..place
            }
            .kept_within();
            (to != place).then(|| Edit::Place { block: id.clone(), to: Some(to) })
        });
        edits.extend(moved);
        // First: what is taken off afterwards takes its bends along.
        edits.splice(0..0, self.decor_moved(delta));
        if !edits.is_empty() {
            self.edit(&label, Edit::Batch(edits));
        }
    }

    /// Pulls the selected blocks out of their chains, which are healed.
    pub(crate) fn extract(&mut self) {
        let Tab { document, view, .. } = self.tab();
        let edits = heal::extract(&document.checked, &view.selection);
        match edits.is_empty() {
            true => self.say("Nothing is wired to what is selected."),
            false => drop(self.edit("extract", Edit::Batch(edits))),
        }
    }

    /// Deletes the selected blocks and wires past them those that read of them.
    pub(crate) fn dissolve(&mut self) {
        let Tab { document, view, .. } = self.tab();
        let mut edits = heal::past(&document.checked, &view.selection);
        edits.extend(view.selection.iter().cloned().map(Edit::RemoveBlock));
        if !edits.is_empty() {
            self.edit("dissolve", Edit::Batch(edits));
        }
    }

    /// Mutes the selected blocks; where all of them are muted, has them compute again.
    pub(crate) fn mute(&mut self) {
        let (able, others): (Vec<BlockId>, Vec<BlockId>) = {
            let Tab { document, view, .. } = self.tab();
            let can = |id: &BlockId| {
                let block = document.checked.blocks.get(id);
                block.and_then(|block| block.spec()).is_some_and(can_be_muted) || document.is_muted(id)
            };
            view.selection.iter().cloned().partition(can)
        };
        if let Some(other) = others.first() {
            let of = if others.len() > 1 { format!("{} of these blocks", others.len()) } else { other.to_string() };
            self.say(format!("{of} cannot be muted: nothing could pass through."));
        }
        let mute = !able.iter().all(|id| self.tab().document.is_muted(id));
        let label = match (mute, able.as_slice()) {
            (_, []) => return,
            (true, [id]) => format!("mute {id}"),
            (false, [id]) => format!("unmute {id}"),
            (true, _) => "mute".to_owned(),
            (false, _) => "unmute".to_owned(),
        };
        let said = self.state.notice.take();
        self.edit(&label, Edit::Batch(able.into_iter().map(|block| Edit::Mute { block, mute }).collect()));
        self.state.notice = self.state.notice.take().or(said);
    }

    /// Has the selected blocks follow the pointer until a button is pressed.
    pub(crate) fn carry(&mut self) {
        let canvas = self.canvas();
        let Some(pointer) = self.ctx.pointer_latest_pos().filter(|at| canvas.contains(*at)) else {
            return self.say("Put the pointer onto the canvas: the blocks follow it.");
        };
        let view = &mut self.tab_mut().view;
        view.gesture = Gesture::Carry { from: view.camera.to_world(canvas, pointer) };
        self.say("Click to put the blocks down; Escape leaves them where they were.");
    }

    /// Makes a constant of a port: of an input's literal, which it feeds instead; of what an output gives now.
    pub(super) fn make_constant(&mut self, end: &PortEnd) {
        let registry = self.state.registry.clone();
        let constant = registry.iter().map(|ty| &ty.spec).find(|spec| spec.role == Role::Constant);
        let attr = constant.and_then(|spec| spec.attrs.iter().find(|a| matches!(a.ty, AttrType::Tensor { .. })));
        let (Some(spec), Some(attr)) = (constant, attr) else {
            return self.say("No block type of this program is a constant.");
        };
        let value = match self.value_at(end) {
            Ok(value) => value,
            Err(why) => return self.say(why),
        };
        let tab = self.tab_mut();
        let Some(id) = tab.document.fresh_id(&spec.name) else { return };
        let Some(output) = free::ends(&id, spec, Direction::Out, PortKind::Tensor).next() else { return };
        let stands = tab.document.block_rect(&end.port.block).map_or(Pos2::ZERO, |rect| rect.min);
        let aside = if end.direction == Direction::In { Vec2::new(-260.0, 0.0) } else { Vec2::new(0.0, -160.0) };
        let corner = clear_spot(stands + aside, &tab.document.places);
        let place = Placement::at(f64::from(corner.x.round()), f64::from(corner.y.round())).kept_within();
        let attrs = [(attr.name.to_string(), Written::from(value))].into_iter().collect();
        let node = BlockNode { attrs, ..BlockNode::new(&spec.name) };
        let mut edits = vec![Edit::AddBlock { id: id.clone(), block: Arc::new(node), place: Some(place) }];
        if end.direction == Direction::In {
            edits.extend(tab.document.literal_names(end).map(|name| Edit::set_input(&end.port.block, &name, None)));
            edits.push(Edit::Connect { wire: Wire { from: output.0.port, to: end.port.clone() } });
        }
        if self.edit(&format!("add {id}"), Edit::Batch(edits)) {
            self.select([id].into());
            self.bring_into_view();
        }
    }

    /// The value that a port has, as it can be written, or why there is none.
    fn value_at(&self, end: &PortEnd) -> Result<Value, String> {
        const MOST: usize = 65_536;
        let Tab { document, .. } = self.tab();
        let block = &end.port.block;
        let checked = document.checked.blocks.get(block);
        if end.direction == Direction::In {
            return Ok(checked.map_or(Value::Int(0), |checked| literal_at(checked, &end.port.port)));
        }
        let index = checked.and_then(|checked| checked.output_index(&end.port.port));
        let known = checked.and_then(|checked| checked.values.as_ref()).zip(index).and_then(|(v, i)| v.get(i).cloned());
        let result = || self.tab().result(block)?.tensors()?.get(index?)?.clone();
        let tensor = known.or_else(result);
        let tensor = tensor
            .ok_or_else(|| format!("What {} gives is not there: run the page, with {block} selected.", end.port))?;
        if tensor.len() > MOST {
            return Err(format!("{} has {} elements; a constant on a page can have {MOST}.", end.port, tensor.len()));
        }
        Ok(literal::of_tensor(&tensor))
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

    pub(crate) fn disconnect_selected(&mut self) {
        let tab = self.tab();
        let touches =
            |w: &&Wire| tab.view.selection.contains(&w.from.block) || tab.view.selection.contains(&w.to.block);
        let wires = tab.document.page.wires.iter().filter(touches).cloned().collect();
        self.take_off("disconnect", wires);
    }

    pub(crate) fn delete(&mut self) {
        let view = &self.tab().view;
        let (blocks, wire, picked) = (view.selection.clone(), view.wire.clone(), view.picked.clone());
        if !blocks.is_empty() {
            let edits = blocks.iter().cloned().map(Edit::RemoveBlock).collect();
            self.edit("delete", Edit::Batch(edits));
        } else if let Some(wire) = wire {
            self.edit("delete", Edit::Disconnect(wire));
        } else if let Some(picked) = picked {
            self.remove_picked(&picked);
        }
    }
}

/// What an input's literal stands for there, else 0 of the type that it takes.
fn literal_at(checked: &CheckedBlock, port: &str) -> Value {
    let index = checked.spec().and_then(|spec| spec.input_index(port));
    let literal = index.and_then(|index| checked.literals.get(index)?.as_ref());
    if let Some(literal) = literal {
        return literal::of_tensor(&literal.tensor);
    }
    let fixed = checked.spec().and_then(|spec| spec.port(Direction::In, port)?.types.fixed());
    match fixed.or_else(|| checked.bound_dtype(port)).and_then(|dtype| Tensor::zeros(dtype, &Shape::scalar())) {
        Some(zero) => literal::of_tensor(&zero),
        None => Value::Int(0),
    }
}

/// A spot near `at` where no block begins.
pub(super) fn free_spot(mut at: Pos2, places: &OrdMap<BlockId, Placement>) -> Pos2 {
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
pub(super) fn clear_spot(mut at: Pos2, places: &OrdMap<BlockId, Placement>) -> Pos2 {
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
