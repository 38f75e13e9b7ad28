//! The pass through a page, from what is differentiated back to what it is differentiated for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::drawn::{self, Drawn};
use super::step::{Flow, Put, Step};
use super::{Gradient, has_gradient};
use crate::check::{CheckedBlock, CheckedPage, Source, State};
use crate::edit::Edit;
use crate::literal;
use crate::page::{BlockId, BlockNode, PortRef};
use crate::port::Direction;
use crate::problem::Problem;
use crate::registry::Registry;
use crate::spec::BlockSpec;
use crate::tensor::{Tensor, TensorType};
use crate::value::Value;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The output that is differentiated.
    pub of: PortRef,
    /// The outputs that it is differentiated for.
    pub wanted: Vec<PortRef>,
    /// The output that gives the gradient of `of`; 1 if there is none, and `of` is a scalar.
    pub given: Option<PortRef>,
}

/// What comes of it.
#[derive(Clone, Debug)]
pub struct Added {
    /// What puts the blocks on the page; they have no places yet.
    pub edit: Edit,
    /// The new blocks, in the order in which they compute.
    pub blocks: Vec<BlockId>,
    /// For each output that was asked for the one that gives its gradient.
    pub gradients: Vec<PortRef>,
    /// Where gradients stop although others arrive: the block, and why.
    pub stops: Vec<Problem>,
}

/// A tensor output of a block.
type Output = (BlockId, usize);

/// The blocks of the backward pass, while they are put on the page.
pub struct Backward<'a> {
    checked: &'a CheckedPage,
    registry: &'a Registry,
    drawn: Drawn,
    /// The outputs that depend on what gradients are asked for.
    depends: BTreeSet<Output>,
    /// The gradients that arrive at an output.
    arriving: BTreeMap<Output, Vec<Flow>>,
    /// Where gradients stop, and why.
    stops: Vec<Problem>,
}

/// The blocks of the backward pass for a checked page; on problems with it or with what is asked there are none.
///
/// The gradient that arrives at `w.output` is the output of a block called `w_grad`; where a block has several outputs,
/// `w_output_1_grad` and so on. Values are those of TensorFlow's `tf.gradients(of, wanted, grad_ys=given)`.
///
/// # Errors
/// An output that is not there or has no gradient; `of` that is no scalar while nothing is given; a block on the way that
/// has no gradient; none that arrives.
pub fn add_gradient(checked: &CheckedPage, registry: &Registry, asked: &Asked) -> Result<Added, Vec<Problem>> {
    let mut pass = Backward {
        checked,
        registry,
        drawn: Drawn::over(&checked.page),
        depends: BTreeSet::new(),
        arriving: BTreeMap::new(),
        stops: Vec::new(),
    };
    let of = pass.find(&asked.of).map_err(|problem| vec![problem])?;
    let wanted = pass.find_all(&asked.wanted)?;
    let seed = pass.seed(&of, asked).map_err(|problem| vec![problem])?;
    pass.depends = pass.dependants(&wanted);
    pass.arriving.insert(of.clone(), vec![seed]);
    pass.go_back()?;
    pass.finish(asked, &of, &wanted)
}

impl<'a> Backward<'a> {
    pub(super) fn checked(&self, id: &BlockId) -> Option<&'a CheckedBlock> {
        self.checked.blocks.get(id).map(Arc::as_ref)
    }

    pub(super) fn spec(&self, type_name: &str) -> Option<&'a BlockSpec> {
        self.registry.get(type_name).map(|ty| &ty.spec)
    }

    /// Output number `index` of a block.
    pub(super) fn output(&self, id: &BlockId, index: usize) -> Option<Flow> {
        let name = self.checked(id)?.setup.as_ref()?.output_name(index);
        Some(Flow::Output(PortRef::new(id, name)))
    }

    /// Whether what comes from there depends on what gradients are asked for.
    pub(super) fn depends(&self, source: &Source) -> bool {
        match source {
            Source::Output { block, index } => self.depends.contains(&(block.clone(), *index)),
            Source::Literal => false,
        }
    }

    /// Puts a block there.
    pub(super) fn put(
        &mut self,
        name: &str,
        node: BlockNode,
        flows: Vec<(String, Flow)>,
        list: usize,
    ) -> Result<Put, String> {
        let missing = || format!("the block type {} is not there", node.type_name);
        let spec = self.spec(&node.type_name).ok_or_else(missing)?;
        let mut inputs = Vec::with_capacity(flows.len());
        for (port, flow) in flows {
            let source = match (flow, spec.port(Direction::In, &port)) {
                (Flow::Output(from), _) => drawn::Source::Wire(from),
                (Flow::Literal(tensor), Some(of)) if of.is_list() => drawn::Source::Wire(self.constant(name, &tensor)?),
                (Flow::Literal(tensor), of) => {
                    let taken_for = of.and_then(|of| of.types.fixed().or(of.types.variable()?.default));
                    drawn::Source::Literal(literal::of_tensor_as(&tensor, taken_for))
                }
            };
            inputs.push((port, source));
        }
        let id = self.drawn.put(name, node, inputs).ok_or_else(|| format!("'{name}' is no id"))?;
        Ok(Put::new(id, spec, list))
    }

    /// A literal as a block of its own, since lists take wires alone.
    fn constant(&mut self, beside: &str, tensor: &Tensor) -> Result<PortRef, String> {
        let value = literal::of_tensor(tensor);
        let node = BlockNode { attrs: [("value", value)].into_iter().collect(), ..BlockNode::new("Const") };
        Ok(self.put(&format!("{beside}_Const"), node, Vec::new(), 0)?.port(0))
    }

    /// The output that a person names: its block, and which it is.
    fn find(&self, port: &PortRef) -> Result<Output, Problem> {
        let id = &port.block;
        let none = || Problem::block(id, "there is no such block".to_owned());
        let block = self.checked(id).ok_or_else(none)?;
        let in_the_way = match &block.state {
            State::Waiting(other) => other,
            _ => id,
        };
        if let Some(problem) = self.checked.problems_of(in_the_way).next() {
            return Err(problem.clone());
        }
        let Some(setup) = block.setup.as_deref() else {
            return Err(Problem::block(id, "its type is not known, and so is no gradient".to_owned()));
        };
        let index = block
            .output_index(&port.port)
            .ok_or_else(|| Problem::block(id, setup.ports.no_output(setup.spec(), &port.port)))?;
        match block.outputs.get(index) {
            Some(ty) if !has_gradient(ty.dtype) => {
                let message = format!("is of {}; only floating-point tensors have gradients", ty.dtype);
                Err(Problem::port(id, setup.output_name(index), message))
            }
            Some(_) => Ok((id.clone(), index)),
            None => Err(Problem::port(id, setup.output_name(index), "its type is not known".to_owned())),
        }
    }

    fn find_all(&self, ports: &[PortRef]) -> Result<Vec<Output>, Vec<Problem>> {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for port in ports {
            match self.find(port) {
                Ok(output) => found.push(output),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }

    /// The gradient that the pass begins with.
    fn seed(&self, (id, index): &Output, asked: &Asked) -> Result<Flow, Problem> {
        let ty = &self.checked(id).ok_or_else(|| Problem::block(id, "is not there".to_owned()))?.outputs[*index];
        if let Some(given) = &asked.given {
            let (from, number) = self.find(given)?;
            let other =
                &self.checked(&from).ok_or_else(|| Problem::block(&from, "is not there".to_owned()))?.outputs[number];
            if other.dtype != ty.dtype || other.shape.merge(&ty.shape).is_none() {
                let message = format!("is {other}, but the gradient of {} must be {ty}", asked.of);
                return Err(Problem::port(&from, &*given.port, message));
            }
            return Ok(Flow::Output(given.clone()));
        }
        let advice = "add Sum or Mean behind it, or say which output gives the gradient that arrives there (given)";
        match ty.shape.rank() {
            Some(0) => {
                let one = literal::tensor(&Value::Int(1), Some(ty.dtype));
                one.map(Flow::Literal).map_err(|message| Problem::port(id, &*asked.of.port, message))
            }
            Some(_) => {
                let message = format!("is of shape {}; only a scalar has a gradient by itself: {advice}", ty.shape);
                Err(Problem::port(id, &*asked.of.port, message))
            }
            None => {
                let message = format!(
                    "its shape is not known before the run, and only a scalar has a gradient by itself: {advice}"
                );
                Err(Problem::port(id, &*asked.of.port, message))
            }
        }
    }

    /// The outputs that depend on these by blocks between tensors that have gradients.
    fn dependants(&self, wanted: &[Output]) -> BTreeSet<Output> {
        let mut found: BTreeSet<Output> = wanted.iter().cloned().collect();
        for id in self.checked.order.iter() {
            let Some(block) = self.checked(id) else { continue };
            let depends = |source: &Source| match source {
                Source::Output { block, index } => found.contains(&(block.clone(), *index)),
                Source::Literal => false,
            };
            if block.inputs.iter().flatten().any(depends) {
                let outputs = block.outputs.iter().enumerate().filter(|(_, ty)| has_gradient(ty.dtype));
                found.extend(outputs.map(|(index, _)| (id.clone(), index)).collect::<Vec<_>>());
            }
        }
        found
    }

    /// Goes from block to block against the wires, from what comes last.
    fn go_back(&mut self) -> Result<(), Vec<Problem>> {
        let order = self.checked.order.clone();
        for id in order.iter().rev() {
            let Some(block) = self.checked(id) else { continue };
            let has_arrived = (0..block.outputs.len()).any(|index| self.arriving.contains_key(&(id.clone(), index)));
            if !has_arrived || !block.inputs.iter().flatten().any(|source| self.depends(source)) {
                continue;
            }
            if let Some(problem) = self.checked.problems_of(id).next() {
                return Err(vec![problem.clone()]);
            }
            let mut arrived = Vec::new();
            for index in 0..block.outputs.len() {
                let summed = self.summed(&(id.clone(), index));
                arrived.push(summed.map_err(|message| vec![Problem::block(id, message)])?);
            }
            let given = self.through(id, block, arrived)?;
            for (input, item, flow) in given {
                let source = block.inputs.get(input).and_then(|sources| sources.get(item));
                if let Some(Source::Output { block, index }) = source.filter(|source| self.depends(source)) {
                    self.arriving.entry((block.clone(), *index)).or_default().push(flow);
                }
            }
        }
        Ok(())
    }

    /// The gradients of a block's inputs from those of its outputs.
    fn through(
        &mut self,
        id: &BlockId,
        block: &'a CheckedBlock,
        arrived: Vec<Option<Flow>>,
    ) -> Result<Vec<(usize, usize, Flow)>, Vec<Problem>> {
        let Some(setup) = block.setup.as_deref() else {
            return Err(vec![Problem::block(id, "its type is not known, and so is no gradient".to_owned())]);
        };
        if let Some(passes) = &block.passes {
            let passed = passes.iter().zip(arrived);
            return Ok(passed
                .filter_map(|(passed, flow)| Some(((*passed)?, flow?)))
                .map(|(passed, flow)| (passed.input, passed.item, flow))
                .collect());
        }
        let name = &setup.spec().name;
        match self.registry.gradient(name) {
            Some(Gradient::Stops(why)) => {
                self.stops.push(Problem::block(id, format!("gradients stop here: {why}")));
                Ok(Vec::new())
            }
            Some(Gradient::By(rule)) => {
                let mut step = Step::new(self, id, block, setup, arrived);
                rule(&mut step).map_err(|message| vec![Problem::block(id, message)])?;
                Ok(step.given())
            }
            None => Err(vec![Problem::block(id, format!("{name} has no gradient, as far as is known here"))]),
        }
    }

    /// The gradients that arrive at an output, added up.
    fn summed(&mut self, output: &Output) -> Result<Option<Flow>, String> {
        let Some(flows) = self.arriving.get_mut(output) else { return Ok(None) };
        if flows.len() > 1 {
            let name = format!("{}_grad_AddN", output.0);
            let flows = std::mem::take(self.arriving.entry(output.clone()).or_default());
            let inputs = flows.into_iter().map(|flow| ("inputs".to_owned(), flow)).collect();
            let sum = self.put(&name, BlockNode::new("AddN"), inputs, 0)?.output(0);
            self.arriving.insert(output.clone(), vec![sum]);
        }
        Ok(self.arriving.get(output).and_then(|flows| flows.first()).cloned())
    }

    /// What the block is called that gives the gradient of an output.
    fn gradient_name(&self, (id, index): &Output) -> String {
        let setup = self.checked(id).and_then(|block| block.setup.as_deref());
        match setup.filter(|setup| setup.ports.outputs().len() > 1) {
            Some(setup) => {
                let port = setup.output_name(*index).replace('[', "_").replace(']', "");
                format!("{id}_{port}_grad")
            }
            None => format!("{id}_grad"),
        }
    }

    /// Names what has arrived at the end, and leaves out what nobody needs.
    fn finish(mut self, asked: &Asked, of: &Output, wanted: &[Output]) -> Result<Added, Vec<Problem>> {
        let mut problems = Vec::new();
        for output in wanted {
            let arrived = self.summed(output).map_err(|message| vec![Problem::block(&output.0, message)])?;
            if arrived.is_none() {
                problems.extend(self.no_gradient(asked, of, output));
            }
        }
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(problems);
        }
        let mut gradients: Vec<PortRef> = Vec::new();
        for (nth, output) in wanted.iter().enumerate() {
            let earlier = wanted[..nth].iter().position(|other| other == output);
            let port = match earlier {
                Some(earlier) => Ok(gradients[earlier].clone()),
                None => self.named(output),
            };
            gradients.push(port.map_err(|message| vec![Problem::block(&output.0, message)])?);
        }
        self.drawn.keep(gradients.iter().map(|port| port.block.clone()));
        let (nodes, wires) = self.drawn.all();
        let blocks: Vec<BlockId> = nodes.iter().map(|(id, _)| id.clone()).collect();
        let add = nodes.into_iter().map(|(id, node)| Edit::AddBlock { id, block: Arc::new(node), place: None });
        let connect = wires.into_iter().map(|wire| Edit::Connect { wire });
        Ok(Added { edit: Edit::Batch(add.chain(connect).collect()), blocks, gradients, stops: self.stops })
    }

    /// A block of the right name whose one output is the gradient: the one that makes it, or an Identity.
    fn named(&mut self, output: &Output) -> Result<PortRef, String> {
        let name = self.gradient_name(output);
        let flow = self.arriving.get(output).and_then(|flows| flows.first()).cloned();
        let flow = flow.ok_or("no gradient arrives")?;
        if let Flow::Output(port) = &flow {
            let spec = self.drawn.type_of(&port.block).and_then(|ty| self.spec(ty));
            let is_output = |spec: &&BlockSpec| {
                let mut outputs = spec.outputs();
                outputs.next().is_some_and(|port| port.answers_to("output") && !port.is_list())
                    && outputs.next().is_none()
            };
            // One whose output two outputs have for their gradients keeps its name for the first of them.
            let is_taken = self
                .arriving
                .values()
                .flatten()
                .filter(|other| matches!(other, Flow::Output(other) if other == port))
                .count()
                > 1;
            if spec.filter(is_output).is_some() && !is_taken {
                if port.block.as_str() == name {
                    return Ok(port.clone());
                }
                let (from, port) = (port.block.clone(), port.port.clone());
                let to = self.drawn.rename(&from, &name).ok_or("its name is no id")?;
                for flow in self.arriving.values_mut().flatten() {
                    if let Flow::Output(other) = flow
                        && other.block == from
                    {
                        other.block = to.clone();
                    }
                }
                return Ok(PortRef { block: to, port });
            }
        }
        Ok(self.put(&name, BlockNode::new("Identity"), vec![("input".to_owned(), flow)], 0)?.port(0))
    }

    /// Why nothing arrives at an output.
    fn no_gradient(&self, asked: &Asked, of: &Output, output: &Output) -> Vec<Problem> {
        let stops = self.stops_on_the_way(of, std::slice::from_ref(output));
        if !stops.is_empty() {
            return stops;
        }
        let setup = self.checked(&output.0).and_then(|block| block.setup.as_deref());
        let port = setup.map_or("output", |setup| setup.output_name(output.1));
        let why = match self.depends.contains(of) {
            true => format!("has no gradient: no block on the way from {} passes one on to it", asked.of),
            false => format!("has no gradient: {} does not depend on it", asked.of),
        };
        vec![Problem::port(&output.0, port, why)]
    }

    /// The blocks between these outputs and `of` at which gradients stop.
    fn stops_on_the_way(&self, of: &Output, from: &[Output]) -> Vec<Problem> {
        // Blocks that depend on them, whatever the type of tensors between.
        let mut after: BTreeSet<&BlockId> = BTreeSet::new();
        let mut reached: BTreeSet<Output> = from.iter().cloned().collect();
        for id in self.checked.order.iter() {
            let Some(block) = self.checked(id) else { continue };
            let depends = |source: &Source| matches!(source, Source::Output { block, index } if reached.contains(&(block.clone(), *index)));
            if block.inputs.iter().flatten().any(depends) {
                after.insert(id);
                reached.extend((0..block.outputs.len()).map(|index| (id.clone(), index)).collect::<Vec<_>>());
            }
        }
        let mut before = BTreeSet::from([&of.0]);
        for id in self.checked.order.iter().rev() {
            if before.contains(id) {
                let sources = self.checked(id).into_iter().flat_map(|block| block.inputs.iter().flatten());
                before.extend(sources.filter_map(|source| match source {
                    Source::Output { block, .. } => Some(block),
                    Source::Literal => None,
                }));
            }
        }
        let between = after.into_iter().filter(|id| before.contains(*id));
        let stop = |id: &BlockId| -> Option<Problem> {
            let block = self.checked(id)?;
            let name = &block.setup.as_ref()?.spec().name;
            match self.registry.gradient(name) {
                Some(Gradient::Stops(why)) => Some(Problem::block(id, format!("gradients stop here: {why}"))),
                Some(Gradient::By(_)) => {
                    let ty = block.outputs.iter().find(|ty| !has_gradient(ty.dtype));
                    let is_dead = !block.outputs.iter().any(|ty| has_gradient(ty.dtype));
                    let message =
                        |ty: &TensorType| format!("gradients stop here: it gives {}, which has none", ty.dtype);
                    ty.filter(|_| is_dead).map(|ty| Problem::block(id, message(ty)))
                }
                None => Some(Problem::block(id, format!("{name} has no gradient, as far as is known here"))),
            }
        };
        between.filter_map(stop).collect()
    }
}
