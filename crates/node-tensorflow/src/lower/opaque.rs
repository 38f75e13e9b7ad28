//! Blocks that nobody here computes: operations known by their description, and those that not even TensorFlow's own list
//! has. Their data types are those of the graph: what comes to them, and what they say of themselves.

use std::borrow::Cow;
use std::collections::HashMap;

use node_core::check::{CheckedBlock, Source};
use node_core::{Attr, BlockId, PortRef, Problem};

use super::order::is_next_iteration;
use super::{Lowering, found, waits};
use crate::graph::{Edge, Parts};
use crate::proto::op_def::{ArgDef, AttrDef};
use crate::proto::{AttrValue, OpDef};
use crate::{attr, data_type, described, kept};

/// Which parts of an input come later, and of which output of which block.
type Later = Vec<(usize, (BlockId, usize))>;

impl Lowering<'_> {
    /// A block whose type is an operation's description.
    pub(super) fn described(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let setup = block.setup.as_ref().ok_or_else(|| waits(id))?;
        let spec = setup.spec();
        let Some(def) = described::op_of(&spec.name) else {
            let message = format!("has the type {}, which is no operation of TensorFlow's", spec.name);
            return Err(Problem::block(id, message));
        };
        let says = |name: &str| match setup.attrs.get(name) {
            Some(Attr::String(dtype)) => data_type::named(dtype),
            _ => None,
        };
        let (mut inputs, mut pending) = (Vec::new(), Vec::new());
        for (nth, arg) in def.input_arg.iter().enumerate() {
            let (mut edges, later) = self.operands_of_loop(id, block, nth)?;
            if let Some(dtype) = says(&arg.type_attr) {
                for edge in edges.iter_mut().filter(|edge| is_of_same_bits(edge.dtype, dtype)) {
                    *edge = self.cast_bits(id, *edge, dtype, &arg.name)?;
                }
            }
            pending.extend(later.into_iter().map(|(item, from)| (nth, item, from)));
            inputs.push((arg.name.as_str(), edges));
        }
        let ty = |name: &str| def.attr.iter().find(|attr| attr.name == name).map_or("", |attr| attr.r#type.as_str());
        let own = setup.attrs.iter().filter(|(name, _)| !described::follows(def, name));
        let mut attrs: Vec<(&str, AttrValue)> =
            own.map(|(name, value)| (name, attr::to_proto_as(value, ty(name)))).collect();
        let more = kept::attrs(self.page_block(id)).map_err(|why| Problem::block(id, why))?;
        let more: Vec<_> = more.iter().filter(|(name, _)| def.attr.iter().any(|attr| attr.name == **name)).collect();
        attrs.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        attrs.extend(more.into_iter().map(|(name, value)| (name.as_str(), value.clone())));
        let name = self.name(id, None);
        let parts = Parts { name, op: &def.name, inputs, control: Vec::new(), attrs };
        let node = self.add(id, parts)?;
        self.pending.extend(pending.into_iter().map(|(nth, item, from)| (node, nth, item, from)));
        for (index, output) in setup.ports.outputs().iter().enumerate() {
            let port = output.spec(spec);
            let arg = def.output_arg.iter().position(|arg| port.name == arg.name).ok_or_else(|| waits(id))?;
            let (node_of, item) = (&self.lowered.graph.nodes[node], output.item.unwrap_or(0));
            let (output, dtype) = (node_of.first_output(arg) + item, node_of.output_type(arg, item));
            self.gives(id, index, Edge { node, output, dtype });
        }
        Ok(())
    }

    /// What comes to an input, and which of it is only there later: what the next turn of a loop brings.
    fn operands_of_loop(
        &mut self,
        id: &BlockId,
        block: &CheckedBlock,
        nth: usize,
    ) -> Result<(Vec<Edge>, Later), Problem> {
        let mut later = Vec::new();
        for (item, source) in block.inputs.get(nth).into_iter().flatten().enumerate() {
            let Source::Output { block: from, index } = source else { continue };
            let is_there = self.lowered.ports.contains_key(&(from.clone(), *index));
            if !is_there && found(self.subject, from).is_some_and(|from| is_next_iteration(from)) {
                later.push((item, (from.clone(), *index)));
            }
        }
        if later.is_empty() {
            return Ok((self.operands(id, block, nth)?, later));
        }
        // Until then what comes first stands for it: it is of the same type.
        let there = block.inputs[nth].iter().enumerate().find(|(at, _)| !later.iter().any(|(item, _)| item == at));
        let there = there.and_then(|(_, source)| match source {
            Source::Output { block, index } => self.lowered.ports.get(&(block.clone(), *index)).copied(),
            Source::Literal => None,
        });
        let first = there.ok_or_else(|| waits(id))?;
        let mut edges = Vec::new();
        for (item, source) in block.inputs[nth].iter().enumerate() {
            let known = match source {
                Source::Output { block, index } => self.lowered.ports.get(&(block.clone(), *index)).copied(),
                Source::Literal => None,
            };
            let is_later = later.iter().any(|(at, _)| *at == item);
            edges.push(known.or(is_later.then_some(first)).ok_or_else(|| waits(id))?);
        }
        Ok((edges, later))
    }

    /// A block of an operation that is not in TensorFlow's list, which came from a graph: its ports are numbered.
    pub(super) fn unknown(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let node = self.page_block(id);
        if node.tf_name.is_none() {
            let message = "has a type that is not known here, so it cannot be written as an operation";
            return Err(Problem::block(id, message));
        }
        let (type_name, types) = (node.type_name.clone(), kept::output_types(node));
        let attrs = kept::attrs(node).map_err(|why| Problem::block(id, why))?;
        let mut wires: Vec<(usize, PortRef)> = Vec::new();
        for wire in &block.links.incoming {
            let nth = kept::number(&wire.to.port, kept::INPUT).ok_or_else(|| {
                Problem::port(id, &*wire.to.port, "is no port of an unknown operation; these are input_0, input_1, …")
            })?;
            wires.push((nth, wire.from.clone()));
        }
        wires.sort();
        let mut edges = Vec::new();
        for (nth, from) in wires {
            if nth != edges.len() {
                return Err(Problem::port(id, format!("{}{}", kept::INPUT, edges.len()), "is not wired"));
            }
            edges.push(self.edge_of(&from).ok_or_else(|| waits(id))?);
        }
        let arg = |name: String, number: i32| ArgDef { name, r#type: number, ..ArgDef::default() };
        let names: Vec<String> = (0..edges.len()).map(|nth| format!("{}{nth}", kept::INPUT)).collect();
        let described = |name: &String| AttrDef { name: name.clone(), ..AttrDef::default() };
        let op = OpDef {
            name: type_name.clone(),
            input_arg: names.iter().zip(&edges).map(|(name, edge)| arg(name.clone(), edge.dtype)).collect(),
            output_arg: (0..)
                .map(|nth| format!("{}{nth}", kept::OUTPUT))
                .zip(&types)
                .map(|(n, t)| arg(n, *t))
                .collect(),
            attr: attrs.keys().map(described).collect(),
            ..OpDef::default()
        };
        let parts = Parts {
            name: self.name(id, None),
            op: &type_name,
            inputs: names.iter().zip(&edges).map(|(name, edge)| (name.as_str(), vec![*edge])).collect(),
            control: Vec::new(),
            attrs: attrs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect(),
        };
        let node = self.graph().add_as(Cow::Owned(op), parts).map_err(|message| Problem::block(id, message))?;
        for (index, dtype) in types.into_iter().enumerate() {
            self.gives(id, index, Edge { node, output: index, dtype });
        }
        Ok(())
    }

    /// Whether a block whose ports check does not know is wired to an input.
    pub(super) fn is_wired_to_unknown(&self, block: &CheckedBlock, nth: usize) -> bool {
        let Some(port) = block.spec().and_then(|spec| spec.inputs().nth(nth)) else { return false };
        let is_unknown = |id: &BlockId| found(self.subject, id).is_some_and(|block| block.setup.is_none());
        let mut wires = block.links.incoming.iter();
        wires.any(|wire| port.answers_to(&wire.to.port) && is_unknown(&wire.from.block))
    }

    /// What comes to an input, by its wires alone.
    pub(super) fn by_wires(&mut self, id: &BlockId, block: &CheckedBlock, nth: usize) -> Result<Vec<Edge>, Problem> {
        let Some(port) = block.spec().and_then(|spec| spec.inputs().nth(nth)) else { return Ok(Vec::new()) };
        let wires = block.links.incoming.iter().filter(|wire| port.answers_to(&wire.to.port));
        wires.map(|wire| self.edge_of(&wire.from).ok_or_else(|| waits(id))).collect()
    }

    /// Where an output is that a wire names.
    fn edge_of(&self, port: &PortRef) -> Option<Edge> {
        let block = found(self.subject, &port.block)?;
        let index = match &block.setup {
            Some(_) => block.output_index(&port.port)?,
            None => kept::number(&port.port, kept::OUTPUT)?,
        };
        self.lowered.ports.get(&(port.block.clone(), index)).copied()
    }

    /// Inputs that come of what was not there yet come of it now.
    pub(super) fn close_loops(&mut self) -> Result<(), Problem> {
        let pending = std::mem::take(&mut self.pending);
        let loose: HashMap<_, _> = pending.iter().map(|(node, nth, item, from)| ((*node, *nth, *item), from)).collect();
        for ((node, nth, item), from) in loose {
            let edge = self.lowered.ports.get(from).copied();
            let edge = edge.ok_or_else(|| Problem::block(&from.0, "closes a loop and is not part of the graph"))?;
            self.graph().nodes[node].inputs[nth][item] = edge;
        }
        Ok(())
    }
}

/// Whether two data types are the same whole numbers, one of them as TensorFlow's quantized type.
fn is_of_same_bits(a: i32, b: i32) -> bool {
    let plain = |number: i32| data_type::name(number).map(|name| name.trim_start_matches('q').to_owned());
    a != b && plain(a).is_some() && plain(a) == plain(b)
}
