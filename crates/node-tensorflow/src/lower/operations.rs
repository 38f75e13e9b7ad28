//! Blocks that are operations of the same name.

use node_core::check::{CheckedBlock, Source, State};
use node_core::{Attr, BlockId, PortSpec, Problem, Role, Tensor, literal};

use super::{Lowering, output_type, waits};
use crate::data_type::admitted;
use crate::graph::{Edge, Parts};
use crate::proto::{AttrValue, DataType, OpDef};
use crate::{attr, data_type, definitions, kept, older};

/// The input that folds leave unconnected where they mean all axes.
const AXES: &str = "reduction_indices";

impl Lowering<'_> {
    pub(super) fn operation(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let setup = block.setup.as_ref().ok_or_else(|| waits(id))?;
        let spec = setup.spec();
        if spec.role == Role::Counted && self.steps_made(block) > 0 {
            let message =
                "draws the numbers of a later step, and TensorFlow's generator begins anew; reset the training first";
            return Err(Problem::block(id, message));
        }
        let older = kept::op(self.page_block(id)).filter(|op| older::stands_for(&spec.name, op));
        let name = older.as_deref().unwrap_or(&spec.name);
        let Some(def) = definitions::op(name) else {
            let message = format!("has the type {}, which is no operation of TensorFlow's", spec.name);
            return Err(Problem::block(id, message));
        };
        let mut inputs = Vec::new();
        for (nth, port) in spec.inputs().enumerate() {
            let arg = def.input_arg.iter().find(|arg| port.answers_to(&arg.name)).ok_or_else(|| {
                Problem::port(id, port.name.to_string(), format!("TensorFlow's {} has no such input", spec.name))
            })?;
            let mut edges = match self.literal_as_wired(id, block, def, nth)? {
                Some(literal) => vec![literal],
                None => self.operands(id, block, nth)?,
            };
            if edges.is_empty() && arg.name == AXES {
                edges = vec![self.all_axes(id, block)?];
            }
            for edge in &mut edges {
                *edge = self.cast_bits(id, *edge, admitted(def, &arg.type_attr, edge.dtype), &arg.name)?;
            }
            inputs.push((arg.name.as_str(), edges));
        }
        let mut attrs = self.attributes(id, block, def)?;
        let more = if older.is_some() { self.kept_attrs(id)? } else { Default::default() };
        let more = more.iter().filter(|(name, _)| def.attr.iter().any(|attr| attr.name == **name));
        attrs.extend(more.map(|(name, value)| (name.as_str(), value.clone())));
        let (name, op, control) = (self.name(id, None), def.name.as_str(), Vec::new());
        let node = self.add(id, Parts { name, op, inputs, control, attrs })?;
        for (index, output) in setup.ports.outputs().iter().enumerate() {
            let port = output.spec(spec);
            let arg = def.output_arg.iter().position(|arg| port.answers_to(&arg.name)).ok_or_else(|| {
                Problem::port(id, output.name.to_string(), format!("TensorFlow's {} has no such output", spec.name))
            })?;
            let first = self.lowered.graph.nodes[node].first_output(arg);
            let own = self.lowered.graph.nodes[node].output_type(arg, output.item.unwrap_or(0));
            let edge = Edge { node, output: first + output.item.unwrap_or(0), dtype: own };
            // What waits for a block that nobody here computes has no types here.
            let dtype = block.outputs.get(index).map_or(own, |_| output_type(block, index));
            let edge = self.cast_bits(id, edge, dtype, &def.output_arg[arg].name)?;
            self.gives(id, index, edge);
        }
        Ok(())
    }

    /// The literal of an input whose data type is that of another, where only the graph tells which that is.
    fn literal_as_wired(
        &mut self,
        id: &BlockId,
        block: &CheckedBlock,
        def: &OpDef,
        nth: usize,
    ) -> Result<Option<Edge>, Problem> {
        let is_literal = block.inputs.get(nth).is_some_and(|sources| sources.contains(&Source::Literal));
        let spec = block.spec().filter(|_| is_literal && block.state != State::Ready);
        let Some((spec, port)) = spec.and_then(|spec| Some((spec, spec.inputs().nth(nth)?))) else { return Ok(None) };
        let variable =
            |port: &PortSpec| def.input_arg.iter().find(|arg| port.answers_to(&arg.name)).map(|arg| &arg.type_attr);
        let own = variable(port).filter(|name| !name.is_empty());
        let is_same = |other: &PortSpec| own.is_some() && variable(other) == own;
        let wired = spec.inputs().enumerate().filter(|(_, other)| is_same(other)).find_map(|(other, _)| {
            match block.inputs.get(other)?.first()? {
                Source::Output { block, index } => {
                    self.lowered.ports.get(&(block.clone(), *index)).map(|edge| edge.dtype)
                }
                Source::Literal => None,
            }
        });
        let Some(dtype) = wired.and_then(|number| data_type::of_number(number).ok()) else { return Ok(None) };
        let node = self.subject.checked.page.block(id.as_str());
        let Some((_, value)) = node.and_then(|node| node.literal(port)) else { return Ok(None) };
        let tensor =
            literal::tensor(value, Some(dtype)).map_err(|why| Problem::port(id, port.name.to_string(), why))?;
        self.literal(id, block, nth, &tensor).map(Some)
    }

    /// The attributes that the block has, and the types of its outputs.
    fn attributes<'d>(
        &self,
        id: &BlockId,
        block: &'d CheckedBlock,
        def: &'static OpDef,
    ) -> Result<Vec<(&'d str, AttrValue)>, Problem> {
        let Some(setup) = &block.setup else { return Err(waits(id)) };
        let spec = setup.spec();
        let mut attrs = Vec::new();
        for (name, value) in setup.attrs.iter() {
            let described = spec.attr(name);
            let is_of = |other: &str| other == name || described.is_some_and(|attr| attr.answers_to(other));
            let Some(found) = def.attr.iter().find(|attr| is_of(&attr.name)) else {
                let message = format!("TensorFlow's {} has no attribute {name}", spec.name);
                return Err(Problem::port(id, node_core::port::ATTRS_PORT, message));
            };
            let is_seed = spec.role == Role::Counted && found.name == "seed";
            let value = match is_seed && is_zero(value) && setup.attrs.get("seed2").is_none_or(is_zero) {
                true => attr::of_int(self.seed(id)),
                false => match value {
                    Attr::DType(dtype) => attr::of_type(admitted(def, &found.name, data_type::number(*dtype))),
                    _ => attr::to_proto(value),
                },
            };
            attrs.push((found.name.as_str(), value));
        }
        for (index, output) in setup.ports.outputs().iter().enumerate() {
            let port = output.spec(spec);
            let arg = def.output_arg.iter().find(|arg| port.answers_to(&arg.name));
            if let Some(arg) = arg.filter(|arg| !arg.type_attr.is_empty() && index < block.outputs.len()) {
                let dtype = admitted(def, &arg.type_attr, output_type(block, index));
                attrs.push((arg.type_attr.as_str(), attr::of_type(dtype)));
            }
        }
        Ok(attrs)
    }

    /// The same bits as another data type, for operations over TensorFlow's quantized types, which are whole numbers here.
    pub(super) fn cast_bits(&mut self, id: &BlockId, edge: Edge, dtype: i32, port: &str) -> Result<Edge, Problem> {
        if edge.dtype == dtype {
            return Ok(edge);
        }
        let (inputs, attrs) = (vec![("input", vec![edge])], vec![("type", attr::of_type(dtype))]);
        self.part(id, (Some(&format!("{port}_bits")), "Bitcast"), inputs, attrs, dtype)
    }

    /// All axes of what a fold is over: numbers, or counted in the graph where the rank is not known.
    fn all_axes(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<Edge, Problem> {
        let source = block.inputs.first().and_then(|sources| sources.first()).ok_or_else(|| waits(id))?;
        let rank = match source {
            Source::Literal => block.literals.first().and_then(Option::as_ref).map(|l| l.tensor.shape().rank()),
            Source::Output { .. } => self.rank(source),
        };
        if let Some(rank) = rank {
            return self.constant(id, Some("axis"), &Tensor::vector((0..rank as i32).collect()));
        }
        let input = self.operands(id, block, 0)?;
        let int = DataType::DtInt32 as i32;
        let rank = self.part(id, (Some("axis/rank"), "Rank"), vec![("input", input)], Vec::new(), int)?;
        let zero = self.constant(id, Some("axis/start"), &Tensor::scalar(0_i32))?;
        let one = self.constant(id, Some("axis/delta"), &Tensor::scalar(1_i32))?;
        let inputs = vec![("start", vec![zero]), ("limit", vec![rank]), ("delta", vec![one])];
        self.part(id, (Some("axis"), "Range"), inputs, Vec::new(), int)
    }
}

fn is_zero(attr: &Attr) -> bool {
    matches!(attr, Attr::Int(0))
}
