//! What a rule sees of the block whose gradients it makes, and how it puts blocks on the page.

use super::backward::Backward;
use crate::attr::AttrValue;
use crate::check::{CheckedBlock, Origin, Source};
use crate::cx::Setup;
use crate::dtype::DType;
use crate::name::of_item;
use crate::page::{BlockId, BlockNode, PortRef};
use crate::port::ATTRS_PORT;
use crate::shape::{PartialShape, Shape};
use crate::spec::BlockSpec;
use crate::tensor::{Tensor, TensorType};
use crate::value::Value;

/// A tensor on the page.
#[derive(Clone, Debug)]
pub enum Flow {
    /// What an output gives.
    Output(PortRef),
    /// A literal.
    Literal(Tensor),
}

impl Flow {
    /// A vector of whole numbers: sizes, axes.
    pub fn ints(numbers: &[usize]) -> Flow {
        Flow::Literal(Tensor::vector(numbers.iter().map(|number| *number as i32).collect()))
    }

    /// A whole number.
    pub fn int(number: i32) -> Flow {
        Flow::Literal(Tensor::scalar(number))
    }
}

/// One block on the way back.
pub struct Step<'p, 'a> {
    pass: &'p mut Backward<'a>,
    id: BlockId,
    block: &'a CheckedBlock,
    setup: &'a Setup,
    /// The gradient that arrives at each tensor output.
    arrived: Vec<Option<Flow>>,
    /// What the rule has made for inputs: which, which of its tensors, and the gradient.
    given: Vec<(usize, usize, Flow)>,
}

/// A block that was put on the page.
pub struct Put {
    id: BlockId,
    outputs: Vec<String>,
}

impl Put {
    /// Its output number `nth`.
    pub fn output(&self, nth: usize) -> Flow {
        Flow::Output(self.port(nth))
    }

    /// The port that is its output number `nth`.
    pub fn port(&self, nth: usize) -> PortRef {
        PortRef::new(&self.id, self.outputs.get(nth).map_or("output", String::as_str))
    }
}

/// A block that is being put on the page.
pub struct Putting<'s, 'p, 'a> {
    step: &'s mut Step<'p, 'a>,
    type_name: &'static str,
    node: BlockNode,
    flows: Vec<(String, Flow)>,
    outputs: usize,
}

impl<'p, 'a> Step<'p, 'a> {
    pub(super) fn new(
        pass: &'p mut Backward<'a>,
        id: &BlockId,
        block: &'a CheckedBlock,
        setup: &'a Setup,
        arrived: Vec<Option<Flow>>,
    ) -> Step<'p, 'a> {
        Step { pass, id: id.clone(), block, setup, arrived, given: Vec::new() }
    }

    pub(super) fn given(self) -> Vec<(usize, usize, Flow)> {
        self.given
    }

    fn spec(&self) -> &'a BlockSpec {
        self.setup.spec()
    }

    fn number(&self, port: &str) -> Result<usize, String> {
        self.spec().input_index(port).ok_or_else(|| format!("{} has no input '{port}'", self.spec().name))
    }

    fn sources(&self, port: &str) -> &'a [Source] {
        let number = self.spec().input_index(port);
        number.and_then(|number| self.block.inputs.get(number)).map_or(&[], Vec::as_slice)
    }

    /// How many tensors come to an input.
    pub fn count(&self, port: &str) -> usize {
        self.sources(port).len()
    }

    /// What comes to an input; to a list its first.
    pub fn x(&self, port: &str) -> Result<Flow, String> {
        self.item(port, 0)
    }

    /// Tensor number `item` of what comes to an input.
    pub fn item(&self, port: &str, item: usize) -> Result<Flow, String> {
        let number = self.number(port)?;
        let nothing = || format!("nothing comes to {}", of_item(port, item));
        match self.sources(port).get(item).ok_or_else(nothing)? {
            Source::Output { block, index } => self.pass.output(block, *index).ok_or_else(nothing),
            Source::Literal => {
                let literal = self.block.literals.get(number).and_then(Option::as_ref).ok_or_else(nothing)?;
                Ok(Flow::Literal(literal.tensor.clone()))
            }
        }
    }

    /// What the block gives at tensor output number `nth`.
    pub fn y(&self, nth: usize) -> Flow {
        Flow::Output(PortRef::new(&self.id, self.setup.output_name(nth)))
    }

    /// How many tensor outputs it has.
    pub fn outputs(&self) -> usize {
        self.block.outputs.len()
    }

    /// The gradient that arrives at output number `nth`; zeros if none does.
    pub fn dy(&mut self, nth: usize) -> Result<Flow, String> {
        if let Some(Some(flow)) = self.arrived.get(nth) {
            return Ok(flow.clone());
        }
        let y = self.y(nth);
        self.put("ZerosLike", [y])
    }

    /// Whether a gradient arrives at output number `nth`.
    pub fn arrives(&self, nth: usize) -> bool {
        self.arrived.get(nth).is_some_and(Option::is_some)
    }

    /// Whether a gradient is asked for at an input.
    pub fn wants(&self, port: &str) -> bool {
        (0..self.count(port)).any(|item| self.wants_item(port, item))
    }

    /// Whether a gradient is asked for at tensor number `item` of an input.
    pub fn wants_item(&self, port: &str, item: usize) -> bool {
        self.sources(port).get(item).is_some_and(|source| self.pass.depends(source))
    }

    /// This is the gradient for an input.
    pub fn give(&mut self, port: &str, flow: Flow) -> Result<(), String> {
        self.give_item(port, 0, flow)
    }

    /// This is the gradient for tensor number `item` of an input.
    pub fn give_item(&mut self, port: &str, item: usize, flow: Flow) -> Result<(), String> {
        let number = self.number(port)?;
        self.given.push((number, item, flow));
        Ok(())
    }

    /// The type of what comes to an input, as far as it is known.
    pub fn ty(&self, port: &str) -> Option<TensorType> {
        self.item_ty(port, 0)
    }

    /// The type of tensor number `item` of what comes to an input.
    pub fn item_ty(&self, port: &str, item: usize) -> Option<TensorType> {
        match self.sources(port).get(item)? {
            Source::Output { block, index } => self.pass.checked(block)?.outputs.get(*index).cloned(),
            Source::Literal => {
                let tensor = &self.block.literals.get(self.spec().input_index(port)?)?.as_ref()?.tensor;
                let dims = tensor.shape().dims().iter().map(|dim| Some(*dim)).collect();
                Some(TensorType::new(tensor.dtype(), PartialShape::of_dims(dims)))
            }
        }
    }

    /// The shape of what comes to an input, if it is known.
    pub fn shape(&self, port: &str) -> Option<Shape> {
        self.ty(port)?.shape.known()
    }

    /// The data type of what comes to an input.
    pub fn dtype(&self, port: &str) -> Result<DType, String> {
        self.ty(port).map(|ty| ty.dtype).ok_or_else(|| format!("the data type of {port} is not known"))
    }

    /// The shape of output number `nth`, if it is known.
    pub fn output_shape(&self, nth: usize) -> Option<Shape> {
        self.block.outputs.get(nth)?.shape.known()
    }

    /// The value of an input, if it is known before a run.
    pub fn value(&self, port: &str) -> Option<Tensor> {
        match self.sources(port).first()? {
            Source::Output { block, index } => self.pass.checked(block)?.values.as_ref()?.get(*index).cloned(),
            Source::Literal => Some(self.block.literals.get(self.spec().input_index(port)?)?.as_ref()?.tensor.clone()),
        }
    }

    /// An attribute of the block.
    pub fn attr<T: AttrValue>(&self, name: &str) -> Result<T, String> {
        let found = self.setup.attrs.get(name).and_then(T::of);
        found.ok_or_else(|| format!("the attribute {name} is not set"))
    }

    /// An attribute as it is written.
    pub fn attr_value(&self, name: &str) -> Option<Value> {
        self.block.effective.iter().find(|entry| entry.spec.answers_to(name))?.value.clone()
    }

    /// Puts a block on the page, whose inputs are these in order; its first output.
    pub fn put(&mut self, type_name: &'static str, flows: impl IntoIterator<Item = Flow>) -> Result<Flow, String> {
        Ok(self.putting(type_name)?.inputs(flows).end()?.output(0))
    }

    /// Begins to put a block on the page.
    pub fn putting(&mut self, type_name: &'static str) -> Result<Putting<'_, 'p, 'a>, String> {
        if self.pass.spec(type_name).is_none() {
            return Err(format!("the block type {type_name}, which its gradient is made of, is not there"));
        }
        let node = BlockNode::new(type_name);
        Ok(Putting { step: self, type_name, node, flows: Vec::new(), outputs: 0 })
    }
}

impl Putting<'_, '_, '_> {
    /// These are its inputs, in order.
    pub fn inputs(mut self, flows: impl IntoIterator<Item = Flow>) -> Self {
        if let Some(spec) = self.step.pass.spec(self.type_name) {
            let ports = spec.inputs().map(|port| port.name.to_string());
            self.flows.extend(ports.zip(flows));
        }
        self
    }

    /// One more comes to the input called `port`.
    pub fn input(mut self, port: &str, flow: Flow) -> Self {
        self.flows.push((port.to_owned(), flow));
        self
    }

    /// An attribute of it.
    pub fn attr(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.node.attrs.set(name, Some(value.into().into()), None);
        self
    }

    /// Its list output has so many tensors.
    pub fn outputs(mut self, count: usize) -> Self {
        self.outputs = count;
        self
    }

    /// It has the attributes of the block whose gradient it is, as far as it knows them: from the same sets, where all that
    /// these give is known to it, so that both go on having the same.
    pub fn same_attrs(mut self) -> Self {
        let Some(spec) = self.step.pass.spec(self.type_name) else { return self };
        let sets = &self.step.block.sets;
        let of_set = |origin: &Origin, set: &BlockId| matches!(origin, Origin::Wired(of) if of == set);
        let effective = self.step.block.effective.clone();
        let known = |set: &&BlockId| {
            effective
                .iter()
                .filter(|entry| of_set(&entry.origin, set))
                .all(|entry| spec.attr(&entry.spec.name).is_some())
        };
        let shared: Vec<&BlockId> = sets.iter().filter(known).collect();
        for set in &shared {
            self.flows.push((ATTRS_PORT.to_owned(), Flow::Output(PortRef::new(set, ATTRS_PORT))));
        }
        for entry in effective.iter().filter(|entry| !shared.iter().any(|set| of_set(&entry.origin, set))) {
            let (Some(value), Some(own)) = (&entry.value, spec.attr(&entry.spec.name)) else { continue };
            if entry.origin != Origin::Default || own.default.value().as_ref() != Some(value) {
                self.node.attrs.set(&own.name, Some(value.clone().into()), None);
            }
        }
        self
    }

    /// Puts it there.
    pub fn end(self) -> Result<Put, String> {
        let Putting { step, type_name, node, flows, outputs } = self;
        let name = format!("{}_grad_{type_name}", step.id);
        step.pass.put(&name, node, flows, outputs)
    }
}

impl Put {
    pub(super) fn new(id: BlockId, spec: &BlockSpec, list: usize) -> Put {
        let ports = spec.outputs().flat_map(|port| match port.is_list() {
            true => (0..list).map(|nth| of_item(&port.name, nth).to_string()).collect(),
            false => vec![port.name.to_string()],
        });
        Put { outputs: ports.collect(), id }
    }
}
