//! A plan: what a run is asked for, its steps in order, every name already looked up.

use std::collections::BTreeMap;

use node_core::block::Warning;
use node_core::check::{CheckedPage, Feeds, Source, State, guarded};
use node_core::{Attrs, Block, BlockId, DType, InferCx, KnownType, PortRef, Role, RunCx, Tensor};

use crate::fetch::needed_blocks;
use crate::fingerprint::{Fingerprint, of_step, of_tensor};

/// A tensor of a plan: an output of a step, or a literal.
pub type ValueId = usize;

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// It is known beforehand.
    Given(Tensor),
    /// It is an output of a step.
    Output {
        /// Which step.
        step: usize,
        /// Which of its tensor outputs.
        index: usize,
    },
}

/// A value of a plan.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where it comes from.
    pub origin: Origin,
    /// Its type, if all of it is known beforehand.
    pub ty: Option<KnownType>,
    /// What produces it, as a number; `None` if nothing may stand for it.
    pub fingerprint: Option<Fingerprint>,
    /// Whether its tensor is asked for.
    pub fetched: bool,
    /// Whether its statistics are asked for.
    pub watched: bool,
    /// Whether its first elements are asked for.
    pub previewed: bool,
}

/// One block's turn.
#[derive(Clone)]
pub struct Step {
    /// The block.
    pub id: BlockId,
    /// Its type.
    pub block: &'static dyn Block,
    /// Its attributes.
    pub attrs: Attrs,
    /// For each tensor input in order, its operands.
    pub inputs: Vec<Vec<ValueId>>,
    /// Its outputs, in order.
    pub outputs: std::ops::Range<ValueId>,
    /// The tensor that feeds it from outside.
    pub fed: Option<Tensor>,
    /// Whether anything of it is asked for.
    pub asked: bool,
    /// What a person should know of it, as far as that is known before a run.
    pub warnings: Vec<Warning>,
}

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The outputs whose tensors are asked for. An empty port name asks for all outputs of the block.
    pub fetch: Vec<PortRef>,
    /// The outputs whose statistics are asked for. An empty port name asks for those of all outputs of the block.
    pub watch: Vec<PortRef>,
    /// The outputs whose first elements are asked for. An empty port name asks for those of all outputs of the block.
    pub preview: Vec<PortRef>,
    /// Whether to tell of every block where the elements lie that it quantizes.
    pub shares: bool,
}

impl Request {
    /// A request for tensors alone.
    pub fn fetch(ports: &[PortRef]) -> Request {
        Request { fetch: ports.to_vec(), ..Request::default() }
    }
}

/// The steps of a run.
#[derive(Clone)]
pub struct Plan {
    /// In an order in which each comes after those that it reads.
    pub steps: Vec<Step>,
    /// All tensors.
    pub values: Vec<Value>,
    /// Blocks that are needed but cannot run, with the block that stands in the way (themselves, if they are at fault).
    pub stuck: BTreeMap<BlockId, BlockId>,
    /// Whether to tell where elements lie.
    pub shares: bool,
    /// The value that is handed on as it is made instead of being kept.
    pub streamed: Option<ValueId>,
    index: BTreeMap<BlockId, usize>,
}

impl Plan {
    /// The number of the step of a block.
    pub fn step(&self, block: &str) -> Option<usize> {
        self.index.get(block).copied()
    }

    /// Output number `index` of a block.
    pub fn output(&self, block: &str, index: usize) -> Option<ValueId> {
        self.steps[self.step(block)?].outputs.clone().nth(index)
    }

    /// Hands an output on as it is made, instead of keeping it: it can be larger than memory. The run's sink takes it.
    pub fn stream(&mut self, port: &PortRef) -> bool {
        let index = self.step(port.block.as_str()).and_then(|s| self.steps[s].block.spec().output_index(&port.port));
        self.streamed = index.and_then(|index| self.output(port.block.as_str(), index));
        self.streamed.is_some()
    }

    /// Feeds another tensor of the same type to a block that is fed; `false` if it is none, or of another type.
    pub fn feed(&mut self, block: &str, tensor: Tensor) -> bool {
        let Some(step) = self.step(block) else { return false };
        let same = self.steps[step].fed.as_ref().is_some_and(|t| t.tensor_type() == tensor.tensor_type());
        if same {
            self.steps[step].fed = Some(tensor);
            self.settle_step(step);
            self.refresh_fingerprints(&[step]);
        }
        same
    }

    /// Takes over what `blocks` have become in `checked`, a page that differs from the planned one in attributes alone.
    /// `false`, and nothing happens, if more than that differs.
    pub fn renew(&mut self, checked: &CheckedPage, blocks: &[BlockId]) -> bool {
        let same = |id: &BlockId| {
            let (step, new) = (self.step(id.as_str()), checked.blocks.get(id));
            match (step, new) {
                (Some(step), Some(new)) => {
                    let types = self.steps[step].outputs.clone().map(|v| self.values[v].ty.clone());
                    new.state == State::Ready && types.eq(new.outputs.iter().map(known))
                }
                (None, _) => !self.stuck.contains_key(id),
                _ => false,
            }
        };
        if !blocks.iter().all(same) {
            return false;
        }
        let mut changed = Vec::with_capacity(blocks.len());
        for id in blocks {
            let (Some(step), Some(new)) = (self.step(id.as_str()), checked.blocks.get(id)) else { continue };
            self.steps[step].attrs = new.attrs.clone();
            self.steps[step].warnings = new.warnings.clone();
            self.settle_step(step);
            changed.push(step);
        }
        self.refresh_fingerprints(&changed);
        true
    }

    /// Works out what is known of a step's outputs before any run.
    fn settle_step(&mut self, step: usize) {
        let tensors = given(&self.steps[step], &self.values);
        for (index, value) in self.steps[step].outputs.clone().enumerate() {
            self.values[value].origin = match tensors.get(index) {
                Some(tensor) => Origin::Given(tensor.clone()),
                None => Origin::Output { step, index },
            };
        }
    }

    /// Works out anew what stands for the outputs of `changed` steps, and of those that follow from them.
    fn refresh_fingerprints(&mut self, changed: &[usize]) {
        let Some(first) = changed.iter().min() else { return };
        let mut fresh = vec![false; self.values.len()];
        let mut own = vec![false; self.steps.len()];
        changed.iter().for_each(|step| own[*step] = true);
        for (step, changed) in own.into_iter().enumerate().skip(*first) {
            let follows = self.steps[step].inputs.iter().flatten().any(|value| fresh[*value]);
            if !follows && !changed {
                continue;
            }
            let found = of_step(&self.steps[step], &self.values);
            for (index, value) in self.steps[step].outputs.clone().enumerate() {
                fresh[value] = true;
                self.values[value].fingerprint = match &self.values[value].origin {
                    Origin::Given(tensor) => Some(of_tensor(tensor)),
                    Origin::Output { .. } => found.map(|f| f.output(index)),
                };
            }
        }
    }
}

fn known(ty: &node_core::TensorType) -> Option<KnownType> {
    Some(KnownType { dtype: ty.dtype, shape: ty.shape.known()? })
}

/// The tensors of a block whose value is known before any run: a constant, or one that is fed.
fn given(step: &Step, values: &[Value]) -> Vec<Tensor> {
    let spec = step.block.spec();
    if !matches!(spec.role, Role::Constant | Role::Feed) {
        return Vec::new();
    }
    let known = InferCx { spec, attrs: &step.attrs, inputs: &[], fed: step.fed.as_ref() };
    let outputs: Option<Vec<KnownType>> = step.outputs.clone().map(|v| values[v].ty.clone()).collect();
    let Some(outputs) = outputs else { return Vec::new() };
    guarded(|| step.block.compute(&RunCx { known, outputs: &outputs })).unwrap_or_default()
}

/// Plans a run of `checked`, with `feeds` given from outside.
pub fn plan(checked: &CheckedPage, request: &Request, feeds: &Feeds) -> Plan {
    let asked: Vec<PortRef> = request.fetch.iter().chain(&request.watch).chain(&request.preview).cloned().collect();
    let needed = needed_blocks(checked, &asked);
    let [fetch, watch, preview] = [&request.fetch, &request.watch, &request.preview].map(|ports| by_block(ports));
    let mut plan = Plan {
        steps: Vec::new(),
        values: Vec::new(),
        stuck: BTreeMap::new(),
        shares: request.shares,
        streamed: None,
        index: BTreeMap::new(),
    };
    for id in checked.order.iter().filter(|id| needed.contains(*id)) {
        let Some(checked_block) = checked.blocks.get(id) else { continue };
        let (Some(block), State::Ready) = (checked_block.block, &checked_block.state) else { continue };
        let mut literals = Vec::new();
        let next = plan.values.len();
        let operand = |source: &Source| match source {
            Source::Literal(tensor) => {
                literals.push(tensor.clone());
                Some(next + literals.len() - 1)
            }
            Source::Output { block, index } => plan.output(block.as_str(), *index),
        };
        let mut operand = operand;
        let inputs = checked_block.inputs.iter().map(|s| s.iter().map(&mut operand).collect::<Option<Vec<_>>>());
        let Some(inputs) = inputs.collect::<Option<Vec<_>>>() else { continue };
        plan.values.extend(literals.into_iter().map(literal));
        let first = plan.values.len();
        let step = plan.steps.len();
        for (index, (port, ty)) in block.spec().outputs().zip(&checked_block.outputs).enumerate() {
            let asks = |ports: &BTreeMap<&BlockId, Vec<&PortRef>>| {
                let mut of_block = ports.get(id).into_iter().flatten();
                of_block.any(|asked| asked.port.is_empty() || port.answers_to(&asked.port))
            };
            plan.values.push(Value {
                origin: Origin::Output { step, index },
                ty: known(ty),
                fingerprint: None,
                // Texts do not come by: where they are looked at they are kept.
                fetched: asks(&fetch) || (ty.dtype == DType::String && asks(&preview)),
                watched: asks(&watch),
                previewed: asks(&preview),
            });
        }
        plan.steps.push(Step {
            id: id.clone(),
            block,
            attrs: checked_block.attrs.clone(),
            inputs,
            outputs: first..plan.values.len(),
            fed: node_core::check::fed(id, block, feeds).cloned(),
            asked: [&fetch, &watch, &preview].iter().any(|asked| asked.contains_key(id)),
            warnings: checked_block.warnings.clone(),
        });
        plan.index.insert(id.clone(), step);
        plan.settle_step(step);
    }
    let all: Vec<usize> = (0..plan.steps.len()).collect();
    plan.refresh_fingerprints(&all);
    let stuck = needed.iter().filter(|id| !plan.index.contains_key(*id)).filter_map(|id| {
        let cause = match &checked.blocks.get(id)?.state {
            State::Waiting(source) => source.clone(),
            _ => id.clone(),
        };
        Some((id.clone(), cause))
    });
    plan.stuck = stuck.collect();
    plan
}

fn by_block(ports: &[PortRef]) -> BTreeMap<&BlockId, Vec<&PortRef>> {
    let mut by_block: BTreeMap<&BlockId, Vec<&PortRef>> = BTreeMap::new();
    for port in ports {
        by_block.entry(&port.block).or_default().push(port);
    }
    by_block
}

fn literal(tensor: Tensor) -> Value {
    let shape = tensor.shape().clone();
    Value {
        ty: Some(KnownType { dtype: tensor.dtype(), shape }),
        fingerprint: Some(of_tensor(&tensor)),
        origin: Origin::Given(tensor),
        fetched: false,
        watched: false,
        previewed: false,
    }
}
