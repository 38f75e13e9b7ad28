//! State: variables as TensorFlow's resources, what updates them, and the number of the step.
//!
//! A resource is read once in a step, and every update comes after that reading: so all else sees what the variable was as
//! the step began, whatever the order in which TensorFlow carries operations out. What an update gives is read after it.

use node_core::check::{CheckedBlock, Source};
use node_core::{BlockId, PartialShape, Problem, Tensor};

use super::{Lowering, found, waits};
use crate::attr;
use crate::graph::{Edge, Node, NodeIndex, Parts};
use crate::proto::DataType;
use crate::proto::attr_value::Value;
use crate::tensor::shape_to_proto;

/// The type of blocks that give the number of the step, for which TensorFlow has no operation.
pub(super) const STEP: &str = "Step";

/// TensorFlow's operations over resources, by the type of the block.
const UPDATES: [(&str, &str); 6] = [
    ("Assign", "AssignVariableOp"),
    ("AssignAdd", "AssignAddVariableOp"),
    ("AssignSub", "AssignSubVariableOp"),
    ("ApplyGradientDescent", "ResourceApplyGradientDescent"),
    ("ApplyMomentum", "ResourceApplyMomentum"),
    ("ApplyAdam", "ResourceApplyAdam"),
];

/// The operation that reads a variable.
const READ: &str = "ReadVariableOp";

impl Lowering<'_> {
    /// A resource with a first value: its handle, and what it is as a step begins. `part` names it within its block.
    pub(super) fn held(
        &mut self,
        id: &BlockId,
        (part, dtype, shape): (Option<&str>, i32, &PartialShape),
        initial: Edge,
    ) -> Result<(Edge, Edge), Problem> {
        let control = Vec::new();
        let full = self.name(id, part);
        let attrs = vec![
            ("dtype", attr::of_type(dtype)),
            ("shape", attr::value(Value::Shape(shape_to_proto(shape)))),
            ("shared_name", attr::value(Value::S(full.clone().into()))),
        ];
        let (name, inputs) = (self.name(id, Some("handle")), Vec::new());
        let handle = self.add(id, Parts { name, op: "VarHandleOp", inputs, control: control.clone(), attrs })?;
        let handle = Edge { node: handle, output: 0, dtype: DataType::DtResource as i32 };
        let inputs = vec![("resource", vec![handle]), ("value", vec![initial])];
        let (name, attrs) = (self.name(id, Some("assign")), Vec::new());
        let assign = self.add(id, Parts { name, op: "AssignVariableOp", inputs, control, attrs })?;
        self.assigns.push(assign);
        let read = self.read(id, (part, handle, dtype), Vec::new())?;
        Ok((handle, read))
    }

    /// What a resource is once `control` is done.
    fn read(
        &mut self,
        id: &BlockId,
        (part, handle, dtype): (Option<&str>, Edge, i32),
        control: Vec<NodeIndex>,
    ) -> Result<Edge, Problem> {
        let (inputs, attrs) = (vec![("resource", vec![handle])], vec![("dtype", attr::of_type(dtype))]);
        let name = self.name(id, part);
        Ok(Edge { node: self.add(id, Parts { name, op: READ, inputs, control, attrs })?, output: 0, dtype })
    }

    /// A variable that a node's value depends on, if there is one.
    pub(super) fn variable_behind(&self, node: NodeIndex) -> Option<BlockId> {
        let graph = &self.lowered.graph;
        let first = graph.behind([node], false).into_iter().filter(|at| graph.nodes[*at].op.name == READ).min()?;
        graph.nodes[first].block.clone()
    }

    /// A block that updates variables.
    pub(super) fn update(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let setup = block.setup.as_ref().ok_or_else(|| waits(id))?;
        let spec = setup.spec();
        let Some((_, op)) = UPDATES.iter().find(|(ty, _)| *ty == spec.name) else {
            let message = format!("has the type {}, for which TensorFlow has no operation", spec.name);
            return Err(Problem::block(id, message));
        };
        let def = crate::definitions::op(op).ok_or_else(|| waits(id))?;
        let (mut inputs, mut control, mut handles) = (Vec::new(), Vec::new(), Vec::new());
        for (nth, port) in spec.inputs().enumerate() {
            let edges = match block.inputs.get(nth).and_then(|sources| sources.first()) {
                Some(Source::Output { block: variable, .. }) if nth < block.outputs.len() => {
                    let (handle, read) = *self.handles.get(variable).ok_or_else(|| waits(id))?;
                    control.push(read.node);
                    handles.push((handle, read.dtype));
                    vec![handle]
                }
                _ => self.operands(id, block, nth)?,
            };
            let is_of = |name: &str| port.answers_to(name) || (name == "resource" && port.name == "ref");
            let arg = def.input_arg.iter().find(|arg| is_of(&arg.name)).ok_or_else(|| waits(id))?;
            inputs.push((arg.name.as_str(), edges));
        }
        // What only concerns references, which these are not, is left out.
        let kept = setup.attrs.iter().filter(|(name, _)| def.attr.iter().any(|attr| attr.name == *name));
        let attrs = kept.map(|(name, value)| (name, attr::to_proto(value))).collect();
        let name = self.name(id, Some("update"));
        let update = self.add(id, Parts { name, op, inputs, control, attrs })?;
        for (index, (handle, dtype)) in handles.into_iter().enumerate() {
            let part = (index > 0).then(|| setup.output_name(index).to_owned());
            let edge = self.read(id, (part.as_deref(), handle, dtype), vec![update])?;
            self.gives(id, index, edge);
        }
        Ok(())
    }

    /// How many steps have been made, as a block that counts them is told.
    pub(super) fn steps_made(&self, block: &CheckedBlock) -> i64 {
        let counted = block.fed.as_ref().and_then(Tensor::slice::<i64>).and_then(|numbers| numbers.first().copied());
        counted.unwrap_or(0)
    }

    /// `Step`: a variable that every step which needs it counts on by one, once it is read.
    pub(super) fn step(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let zero = self.constant(id, Some("initial"), &Tensor::scalar(self.steps_made(block)))?;
        let scalar = PartialShape::of_dims(Vec::new());
        let (handle, read) = self.held(id, (Some("count"), zero.dtype, &scalar), zero)?;
        let one = self.constant(id, Some("one"), &Tensor::scalar(1_i64))?;
        let inputs = vec![("resource", vec![handle]), ("value", vec![one])];
        let name = self.name(id, Some("next"));
        let (control, attrs) = (vec![read.node], Vec::new());
        let next = self.add(id, Parts { name, op: "AssignAddVariableOp", inputs, control, attrs })?;
        let (name, op, inputs) = (self.name(id, None), "Identity", vec![("input", vec![read])]);
        let parts = Parts { name, op, inputs, control: vec![next], attrs: Vec::new() };
        let edge = Edge { node: self.add(id, parts)?, output: 0, dtype: read.dtype };
        self.gives(id, 0, edge);
        Ok(())
    }

    /// What makes all variables, where there are some.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        if self.assigns.is_empty() {
            return Ok(());
        }
        self.refuse_numbers_drawn_twice()?;
        let (name, control) = (format!("{}/init", self.subject.scope), std::mem::take(&mut self.assigns));
        let parts = Parts { name, op: "NoOp", inputs: Vec::new(), control, attrs: Vec::new() };
        self.lowered.init = Some(self.graph().add(parts).map_err(Problem::page)?);
        Ok(())
    }

    /// A random operation that gives a first value draws before the first step; in that step it would draw the next numbers.
    fn refuse_numbers_drawn_twice(&self) -> Result<(), Problem> {
        let nodes = &self.lowered.graph.nodes;
        let first = self.lowered.graph.behind(self.assigns.iter().copied(), false);
        for (index, node) in nodes.iter().enumerate().filter(|(at, node)| first.contains(at) && is_random(node)) {
            let reads = |other: &Node| other.inputs.iter().flatten().any(|edge| edge.node == index);
            let in_steps = nodes.iter().enumerate().any(|(at, other)| !first.contains(&at) && reads(other));
            if let (true, Some(block)) = (in_steps, &node.block) {
                let message = "gives a Variable its first value and is used in steps too; use two blocks";
                return Err(Problem::block(block, message));
            }
        }
        Ok(())
    }

    /// The seeds of a random block: with both 0 TensorFlow takes any, and a page those of the block's name.
    pub(super) fn seed(&self, id: &BlockId) -> i64 {
        let page = self.subject.checked.page.name.as_deref();
        let counted = node_core::check::counted(id, page, None);
        counted.slice::<i64>().and_then(|numbers| numbers.get(1).copied()).unwrap_or_default()
    }

    /// Whether a block's inputs' types are known; for its axes.
    pub(super) fn rank(&self, source: &Source) -> Option<usize> {
        let Source::Output { block, index } = source else { return None };
        found(self.subject, block)?.outputs.get(*index)?.shape.rank()
    }
}

/// Whether a node draws random numbers.
pub fn is_random(node: &Node) -> bool {
    node.attrs.contains_key("seed2")
}
