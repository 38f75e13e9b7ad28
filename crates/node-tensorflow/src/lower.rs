//! From a checked page to a graph: how blocks correspond to operations.
//!
//! Most blocks are operations of the same name, whose definition says in which order inputs go and which attributes there
//! are. What is otherwise stands in the rooms of this one: literals and files are constants ([`lower`]), the others in
//! `sources`, `state` and `operations`. What nobody here computes is written by its description alone (`opaque`), and what
//! of a graph no block says goes back as it came (`kept`).

mod kept;
mod opaque;
mod operations;
pub(crate) mod order;
mod sources;
pub(crate) mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use node_core::check::{CheckedBlock, CheckedPage, Source, State};
use node_core::{BlockId, PortRef, Problem, Role, Tensor};

use crate::attr;
use crate::cluster::Device;
use crate::data_type;
use crate::graph::{Edge, Graph, NodeIndex, Parts};
use crate::proto::attr_value::Value;
use crate::proto::{AttrValue, DataType, TensorProto};
use crate::tensor::to_proto;

/// What is lowered.
pub struct Subject<'a> {
    /// The page.
    pub checked: &'a CheckedPage,
    /// Its name, under which its operations are.
    pub scope: &'a str,
    /// The blocks of it that count.
    pub needed: &'a BTreeSet<BlockId>,
    /// Reads what a block that reads a file gives.
    pub file: &'a dyn Fn(&BlockId) -> Result<Tensor, String>,
}

/// A page as a graph.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The graph.
    pub graph: Graph,
    /// Where the outputs of blocks are in it, by block and number of the output.
    pub ports: BTreeMap<(BlockId, usize), Edge>,
    /// What makes variables what they are before the first step, where there are variables.
    pub init: Option<NodeIndex>,
}

impl Lowered {
    /// Where a port of the page is in the graph.
    pub fn edge(&self, checked: &CheckedPage, port: &PortRef) -> Option<Edge> {
        let index = checked.blocks.get(&port.block)?.output_index(&port.port)?;
        self.ports.get(&(port.block.clone(), index)).copied()
    }

    /// An output as one that there are tensors of here: whole numbers for a quantized type; or what it is instead.
    pub fn plain(&mut self, edge: Edge) -> Result<Edge, String> {
        let Err(why) = data_type::of_number(edge.dtype) else { return Ok(edge) };
        let quantized = data_type::name(edge.dtype).unwrap_or_default();
        let Some(plain) = quantized.strip_prefix('q').and_then(data_type::named) else { return Err(why) };
        let node = &self.graph.nodes[edge.node];
        let (name, block) = (format!("{}/output_{}_bits", node.name, edge.output), node.block.clone());
        let (inputs, attrs) = (vec![("input", vec![edge])], vec![("type", attr::of_type(plain))]);
        let cast = self.graph.add(Parts { name, op: "Bitcast", inputs, control: Vec::new(), attrs })?;
        self.graph.nodes[cast].block = block;
        Ok(Edge { node: cast, output: 0, dtype: plain })
    }
}

/// The graph of a page, or all that stands in the way.
pub fn lower(subject: &Subject<'_>) -> Result<Lowered, Vec<Problem>> {
    let mut lowering = Lowering::of(subject);
    let mut problems = Vec::new();
    lowering.promise_names();
    for id in &order::of(subject) {
        let Some(block) = subject.checked.blocks.get(id) else { continue };
        let first = lowering.graph().nodes.len();
        match lowering.block(id, block) {
            Ok(()) => {
                if let Err(problem) = lowering.place(id, first).and_then(|()| lowering.kept(id, first)) {
                    problems.push(problem);
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        lowering.finish().and_then(|()| lowering.whole_graph()).map_err(|problem| vec![problem])?;
        return Ok(lowering.lowered);
    }
    // What only waits for another is told by that other.
    let waiting = problems.iter().find(|problem| problem.message.is_empty()).and_then(|problem| problem.block.clone());
    problems.retain(|problem| !problem.message.is_empty());
    if let (true, Some(block)) = (problems.is_empty(), waiting) {
        problems.push(Problem::block(&block, "needs a block that is not part of the graph"));
    }
    Err(problems)
}

/// A page on its way to a graph.
struct Lowering<'a> {
    subject: &'a Subject<'a>,
    lowered: Lowered,
    /// What gives variables their first values.
    assigns: Vec<NodeIndex>,
    /// Handle and reading of each variable.
    handles: BTreeMap<BlockId, (Edge, Edge)>,
    /// The node that stands for each block where others come after it.
    mains: BTreeMap<BlockId, NodeIndex>,
    /// Inputs that come of nodes which are added later, as loops have them: node, input, place in it, what comes.
    pending: Vec<(NodeIndex, usize, usize, (BlockId, usize))>,
}

/// A block that cannot be lowered since another could not.
fn waits(id: &BlockId) -> Problem {
    Problem::block(id, "")
}

impl<'a> Lowering<'a> {
    fn of(subject: &'a Subject<'a>) -> Lowering<'a> {
        Lowering {
            subject,
            lowered: Lowered::default(),
            assigns: Vec::new(),
            handles: BTreeMap::new(),
            mains: BTreeMap::new(),
            pending: Vec::new(),
        }
    }
}

impl Lowering<'_> {
    fn graph(&mut self) -> &mut Graph {
        &mut self.lowered.graph
    }

    fn block(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let Some(setup) = &block.setup else { return self.unknown(id, block) };
        if block.state == State::Faulty && !block.is_in_loop_alone() {
            return Err(Problem::block(id, "has problems; nudge check tells them"));
        }
        if block.passes.is_some() {
            return self.muted(id, block);
        }
        if setup.ty.code.is_none() {
            return self.described(id, block);
        }
        match setup.spec().role {
            Role::AttributeSet | Role::Fetch => Ok(()),
            Role::File => self.file(id),
            Role::Feed => self.placeholder(id, block),
            Role::Variable => self.variable(id, block),
            Role::Update => self.update(id, block),
            Role::Counted if setup.spec().name == state::STEP => self.step(id, block),
            Role::Counted | Role::Constant | Role::Operation => self.operation(id, block),
        }
    }

    /// Says of the nodes from number `first` on which block they are of, and where they are computed: what works on a
    /// variable where that is.
    fn place(&mut self, id: &BlockId, first: usize) -> Result<(), Problem> {
        let device = self.subject.checked.page.device_of(id).unwrap_or_default().to_owned();
        if let (false, Err(why)) = (device.is_empty(), Device::parse(&device)) {
            return Err(Problem::block(id, why));
        }
        let is_described = found(self.subject, id).is_some_and(|block| block.code().is_none());
        const RESOURCE: i32 = DataType::DtResource as i32;
        for index in first..self.graph().nodes.len() {
            let handle = self.graph().nodes[index].inputs.iter().flatten().find(|edge| edge.dtype == RESOURCE);
            let of_variable = handle.map(|edge| edge.node).filter(|node| *node < first);
            let says_itself = is_described && !device.is_empty();
            let of_variable = of_variable.filter(|_| !says_itself);
            let at = of_variable.map_or_else(|| device.clone(), |node| self.lowered.graph.nodes[node].device.clone());
            let node = &mut self.graph().nodes[index];
            (node.block, node.device) = (Some(id.clone()), at);
        }
        Ok(())
    }

    /// The full name of a block, or of a part of it: that of the node that it came from, else under the page's scope.
    fn name(&mut self, id: &BlockId, part: Option<&str>) -> String {
        let own = self.subject.checked.page.block(id.as_str()).and_then(|block| block.tf_name.clone());
        let whole = own.map_or_else(|| format!("{}/{id}", self.subject.scope), |own| own.to_string());
        match part {
            Some(part) => format!("{whole}/{part}"),
            None => {
                self.graph().redeem(&whole);
                whole
            }
        }
    }

    /// Nobody but those that it belongs to gets the name of a node that a block came from.
    fn promise_names(&mut self) {
        let (subject, page) = (self.subject, &self.subject.checked.page);
        let names = subject.needed.iter().filter_map(|id| page.block(id.as_str())?.tf_name.as_deref());
        self.lowered.graph.promise(names.map(str::to_owned));
    }

    /// Adds a node; what its operation does not have is a problem of the block.
    fn add(&mut self, id: &BlockId, parts: Parts<'_>) -> Result<NodeIndex, Problem> {
        self.graph().add(parts).map_err(|message| Problem::block(id, message))
    }

    /// A constant that is part of a block.
    fn constant(&mut self, id: &BlockId, part: Option<&str>, tensor: &Tensor) -> Result<Edge, Problem> {
        // What came as a quantized type goes back as one.
        let quantized = part.is_none().then(|| self.kept_type(id)).flatten();
        let own = data_type::number(tensor.dtype());
        let dtype = quantized.filter(|dtype| data_type::plain(*dtype) == Some(tensor.dtype())).unwrap_or(own);
        let value = attr::value(Value::Tensor(TensorProto { dtype, ..to_proto(tensor) }));
        let parts = Parts {
            name: self.name(id, part),
            op: "Const",
            inputs: Vec::new(),
            control: Vec::new(),
            attrs: vec![("dtype", attr::of_type(dtype)), ("value", value)],
        };
        Ok(Edge { node: self.add(id, parts)?, output: 0, dtype })
    }

    /// An operation with one output that is part of a block.
    fn part(
        &mut self,
        id: &BlockId,
        (part, op): (Option<&str>, &str),
        inputs: Vec<(&str, Vec<Edge>)>,
        attrs: Vec<(&str, AttrValue)>,
        dtype: i32,
    ) -> Result<Edge, Problem> {
        let (name, control) = (self.name(id, part), Vec::new());
        Ok(Edge { node: self.add(id, Parts { name, op, inputs, control, attrs })?, output: 0, dtype })
    }

    /// What comes to a block's tensor input number `nth`; nothing if it is left unconnected.
    fn operands(&mut self, id: &BlockId, block: &CheckedBlock, nth: usize) -> Result<Vec<Edge>, Problem> {
        if self.is_wired_to_unknown(block, nth) {
            return self.by_wires(id, block, nth);
        }
        let mut edges = Vec::new();
        for source in block.inputs.get(nth).into_iter().flatten() {
            edges.push(match source {
                Source::Output { block, index } => {
                    *self.lowered.ports.get(&(block.clone(), *index)).ok_or_else(|| waits(id))?
                }
                Source::Literal => {
                    let literal = block.literals.get(nth).and_then(Option::as_ref).ok_or_else(|| waits(id))?;
                    self.literal(id, block, nth, &literal.tensor)?
                }
            });
        }
        Ok(edges)
    }

    /// The constant that a literal is.
    fn literal(&mut self, id: &BlockId, block: &CheckedBlock, nth: usize, tensor: &Tensor) -> Result<Edge, Problem> {
        let port = block.spec().and_then(|spec| spec.inputs().nth(nth)).map(|port| port.name.to_string());
        self.constant(id, port.as_deref(), tensor)
    }

    /// Says where an output of a block is.
    fn gives(&mut self, id: &BlockId, index: usize, edge: Edge) {
        self.lowered.ports.insert((id.clone(), index), edge);
    }

    /// A muted block is what passes through it.
    fn muted(&mut self, id: &BlockId, block: &CheckedBlock) -> Result<(), Problem> {
        let passes = block.passes.clone().unwrap_or_default();
        for (index, passed) in passes.iter().enumerate() {
            let Some(passed) = passed else { continue };
            let operands = self.operands(id, block, passed.input)?;
            let from = *operands.get(passed.item).ok_or_else(|| waits(id))?;
            let part = (index > 0).then(|| format!("output_{index}"));
            let edge =
                self.part(id, (part.as_deref(), "Identity"), vec![("input", vec![from])], Vec::new(), from.dtype)?;
            self.gives(id, index, edge);
        }
        Ok(())
    }
}

/// The numbers of the data types of a block's outputs.
fn output_type(block: &CheckedBlock, index: usize) -> i32 {
    block.outputs.get(index).map_or(0, |ty| data_type::number(ty.dtype))
}

/// The shape that is known of a block's output.
fn output_shape(block: &CheckedBlock, index: usize) -> node_core::PartialShape {
    block.outputs.get(index).map(|ty| ty.shape.clone()).unwrap_or_default()
}

/// The block called `id`.
fn found<'a>(subject: &Subject<'a>, id: &BlockId) -> Option<&'a Arc<CheckedBlock>> {
    subject.checked.blocks.get(id)
}
