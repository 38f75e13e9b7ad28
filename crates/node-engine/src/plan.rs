//! A plan: what a run is asked for, its steps in order, every name already looked up.

use std::collections::BTreeMap;

use std::sync::Arc;

use node_core::access::{Alone, FileUse};
use node_core::check::{CheckedBlock, CheckedPage, Passed, Passing, Source, State, guarded};
use node_core::{
    Block, BlockId, DType, InferCx, KnownType, Name, PortRef, Quantization, Role, RunCx, Setup, Tensor, Warning,
};

use crate::analysis::Health;
use crate::fetch::needed_blocks;
use crate::fingerprint::{Fingerprint, of_block, of_tensor};

/// A tensor of a plan: an output of a step, or a literal.
pub type ValueId = usize;

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Provenance {
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
pub struct PlanValue {
    /// Where it comes from.
    pub origin: Provenance,
    /// Its type, if all of it is known beforehand.
    pub ty: Option<KnownType>,
    /// What produces it, as a number; `None` if nothing may stand for it.
    pub fingerprint: Option<Fingerprint>,
    /// Whether its tensor is asked for.
    pub fetched: bool,
    /// Whether its statistics are asked for.
    pub watched: bool,
    /// Whether it is asked what of it is no finite number.
    pub tallied: bool,
    /// Whether its first elements are asked for.
    pub previewed: bool,
}

/// One block's turn.
#[derive(Clone)]
pub struct Step {
    /// The block.
    pub id: BlockId,
    /// Its type, ports and attributes.
    pub setup: Arc<Setup>,
    /// Its code.
    pub code: Arc<dyn Block>,
    /// The files that it has looked at, as they were when the page was checked.
    pub files: Vec<FileUse>,
    /// Of a muted block, what passes through it to each output.
    pub passes: Option<Arc<Vec<Option<Passed>>>>,
    /// For each tensor input in order, its operands; of a muted block those that pass.
    pub inputs: Vec<Vec<ValueId>>,
    /// Its outputs, in order.
    pub outputs: std::ops::Range<ValueId>,
    /// The tensor that feeds it from outside.
    pub fed: Option<Tensor>,
    /// The tensors of its outputs, where the check knows them.
    pub known: Option<Arc<Vec<Tensor>>>,
    /// Whether anything of it is asked for.
    pub asked: bool,
    /// What a person should know of it, as far as that is known before a run.
    pub warnings: Vec<Warning>,
}

impl Step {
    /// The value that it quantizes, by what it says of its quantization.
    pub fn quantized(&self, quantization: &Quantization) -> Option<ValueId> {
        let port = self.setup.spec().input_index(&quantization.input)?;
        self.inputs.get(port)?.first().copied()
    }

    /// Whether its result is a tensor that stays in its file.
    pub fn stays_in_file(&self) -> bool {
        self.outputs.len() == 1 && matches!(self.files.as_slice(), [file] if file.stays)
    }
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
    /// The outputs of which it is asked what is no finite number. An empty port name asks it of all outputs of the block.
    pub health: Vec<PortRef>,
    /// Whether to tell of every block that is asked for where the elements lie that it quantizes.
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
    pub values: Vec<PlanValue>,
    /// Blocks that are needed but cannot run, with the block that stands in the way (themselves, if they are at fault).
    pub stuck: BTreeMap<BlockId, BlockId>,
    /// Whether to tell where the elements lie that a step quantizes.
    pub shares: bool,
    /// The value that is handed on as it is made instead of being kept.
    pub streamed: Option<ValueId>,
    /// Those among the stuck that the program cannot compute, with the names of their types.
    pub opaque: BTreeMap<BlockId, Name>,
    index: BTreeMap<BlockId, usize>,
}

impl Plan {
    /// Whether a value is a tensor that stays in its file.
    pub fn stays_in_file(&self, value: ValueId) -> bool {
        let origin = self.values.get(value).map(|known| &known.origin);
        matches!(origin, Some(Provenance::Output { step, .. }) if self.steps[*step].stays_in_file())
    }

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
        let index = self.step(port.block.as_str()).and_then(|step| {
            let setup = &self.steps[step].setup;
            setup.ports.output_index(setup.spec(), &port.port)
        });
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

    /// As [`feed`](Plan::feed), where nobody asks what a result came from: no engine keeps results of this plan.
    pub fn feed_next(&mut self, step: usize, tensor: Tensor) {
        self.steps[step].fed = Some(tensor);
        self.settle_step(step);
    }

    /// Takes over what `blocks` have become in `checked`, a page that differs from the planned one in attributes alone.
    /// `false`, and nothing happens, if more than that differs.
    pub fn renew(&mut self, checked: &CheckedPage, blocks: &[BlockId]) -> bool {
        let same = |id: &BlockId| {
            let (step, new) = (self.step(id.as_str()), checked.blocks.get(id));
            match (step, new) {
                (Some(step), Some(new)) => {
                    let types = self.steps[step].outputs.clone().map(|v| self.values[v].ty.clone());
                    let same_types = types.eq((0..new.outputs.len()).map(|index| known(new, index)));
                    new.state == State::Ready && same_types && self.steps[step].passes == new.passes
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
            let Some(setup) = &new.setup else { continue };
            self.steps[step].setup = setup.clone();
            self.steps[step].files = new.files.clone();
            self.steps[step].fed = new.fed.clone();
            self.steps[step].known = new.values.clone();
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
                Some(tensor) => Provenance::Given(tensor.clone()),
                None => Provenance::Output { step, index },
            };
        }
    }

    /// What stands for the outputs of a step; `None` if one run may not stand for another.
    fn stands_for(&self, step: &Step) -> Option<Fingerprint> {
        if guarded(|| Ok(step.code.is_stateful())).unwrap_or(true) {
            return None;
        }
        let of_port = |port: &Vec<ValueId>| port.iter().map(|value| self.values[*value].fingerprint).collect();
        let inputs: Vec<Vec<Option<Fingerprint>>> = step.inputs.iter().map(of_port).collect();
        let fed = step.fed.as_ref().map(of_tensor);
        of_block(&step.setup, step.passes.as_deref(), &step.files, fed, inputs.iter().map(Vec::as_slice))
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
            let found = self.stands_for(&self.steps[step]);
            for (index, value) in self.steps[step].outputs.clone().enumerate() {
                fresh[value] = true;
                self.values[value].fingerprint = match &self.values[value].origin {
                    Provenance::Given(tensor) => Some(of_tensor(tensor)),
                    Provenance::Output { .. } => found.map(|f| f.output(index)),
                };
            }
        }
    }
}

/// The type of an output that there is, if all of it is known.
fn known(block: &CheckedBlock, index: usize) -> Option<KnownType> {
    let ty = block.outputs.get(index).filter(|_| !block.is_absent(index))?;
    Some(KnownType { dtype: ty.dtype, shape: ty.shape.known()? })
}

/// The tensors of a block's outputs where they are known before any run: the check knows them, or the block is fed.
fn given(step: &Step, values: &[PlanValue]) -> Vec<Tensor> {
    if let Some(known) = &step.known {
        return known.to_vec();
    }
    let is_given = match step.setup.spec().role {
        Role::Feed => true,
        Role::Variable => step.fed.is_some(),
        Role::Counted => step.inputs.is_empty(),
        _ => false,
    };
    if !is_given {
        return Vec::new();
    }
    let known = InferCx::new(&step.setup, &[]).with_fed(step.fed.as_ref());
    let outputs: Option<Vec<KnownType>> = step.outputs.clone().map(|v| values[v].ty.clone()).collect();
    let Some(outputs) = outputs else { return Vec::new() };
    guarded(|| step.code.compute(&RunCx::new(known, &outputs, &Alone))).unwrap_or_default()
}

/// Where a block's operands come from: steps before it, and its literals, which become values behind `next`.
fn operands(plan: &Plan, checked: &CheckedBlock, next: ValueId) -> Option<(Vec<Vec<ValueId>>, Vec<Tensor>)> {
    let mut literals = Vec::new();
    let mut inputs = Vec::with_capacity(checked.inputs.len());
    for (nth, sources) in checked.inputs.iter().enumerate() {
        let operand = |source: &Source| match source {
            Source::Literal => {
                literals.push(checked.literals.get(nth)?.as_ref()?.tensor.clone());
                Some(next + literals.len() - 1)
            }
            Source::Output { block, index } => plan.output(block.as_str(), *index),
        };
        inputs.push(sources.iter().map(operand).collect::<Option<Vec<_>>>()?);
    }
    Some((inputs, literals))
}

/// Plans a run of `checked`.
pub fn plan(checked: &CheckedPage, request: &Request) -> Plan {
    let lists = [&request.fetch, &request.watch, &request.health, &request.preview];
    let asked: Vec<PortRef> = lists.into_iter().flatten().cloned().collect();
    let needed = needed_blocks(checked, &asked);
    let by_block = lists.map(|ports| by_block(ports));
    let mut plan = Plan {
        steps: Vec::new(),
        values: Vec::new(),
        stuck: BTreeMap::new(),
        shares: request.shares,
        streamed: None,
        opaque: BTreeMap::new(),
        index: BTreeMap::new(),
    };
    for id in checked.order.iter().filter(|id| needed.contains(*id)) {
        let Some(checked_block) = checked.blocks.get(id) else { continue };
        let (Some(setup), State::Ready) = (&checked_block.setup, &checked_block.state) else { continue };
        let Some(code) = &setup.ty.code else { continue };
        let Some((mut inputs, literals)) = operands(&plan, checked_block, plan.values.len()) else { continue };
        let code = match &checked_block.passes {
            Some(passes) => passing(setup, passes, &mut inputs),
            None => code.clone(),
        };
        plan.values.extend(literals.into_iter().map(literal));
        let first = plan.values.len();
        let step = plan.steps.len();
        let [fetched, watched, tallied, previewed] =
            by_block.each_ref().map(|asked| outputs_asked(asked.get(id), checked_block, setup));
        for (index, ty) in checked_block.outputs.iter().enumerate() {
            plan.values.push(PlanValue {
                origin: Provenance::Output { step, index },
                ty: known(checked_block, index),
                fingerprint: None,
                // Texts do not come by: where they are looked at they are kept.
                fetched: fetched[index] || (ty.dtype == DType::String && previewed[index]),
                watched: watched[index],
                tallied: tallied[index] && Health::is_open(ty.dtype),
                previewed: previewed[index],
            });
        }
        plan.steps.push(Step {
            id: id.clone(),
            setup: setup.clone(),
            code,
            passes: checked_block.passes.clone(),
            files: checked_block.files.clone(),
            inputs,
            outputs: first..plan.values.len(),
            fed: checked_block.fed.clone(),
            known: checked_block.values.clone(),
            asked: by_block.iter().any(|asked| asked.contains_key(id)),
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
    let opaque = |id: &BlockId| {
        let block = checked.blocks.get(id).filter(|block| block.state == State::Opaque)?;
        Some((id.clone(), block.spec()?.name.clone()))
    };
    plan.opaque = plan.stuck.keys().filter_map(opaque).collect();
    plan
}

/// What a muted block does instead of computing; of its inputs those stay that pass.
fn passing(setup: &Setup, passes: &[Option<Passed>], inputs: &mut [Vec<ValueId>]) -> Arc<dyn Block> {
    let (passing, used) = Passing::of(setup.spec(), passes);
    for (input, values) in inputs.iter_mut().enumerate() {
        let of_port = used.iter().filter(|passed| passed.input == input);
        *values = of_port.filter_map(|passed| values.get(passed.item).copied()).collect();
    }
    Arc::new(passing)
}

/// For each output of a block whether it is `asked` for; a port without a name stands for all that there are.
fn outputs_asked(asked: Option<&Vec<&PortRef>>, checked: &CheckedBlock, setup: &Setup) -> Vec<bool> {
    let mut are_asked = vec![false; setup.ports.outputs().len()];
    for port in asked.into_iter().flatten() {
        match port.port.is_empty() {
            true => are_asked.fill(true),
            false => setup.ports.output_indices(setup.spec(), &port.port).into_iter().for_each(|n| are_asked[n] = true),
        }
    }
    are_asked.iter_mut().enumerate().for_each(|(index, asked)| *asked &= !checked.is_absent(index));
    are_asked
}

fn by_block(ports: &[PortRef]) -> BTreeMap<&BlockId, Vec<&PortRef>> {
    let mut by_block: BTreeMap<&BlockId, Vec<&PortRef>> = BTreeMap::new();
    for port in ports {
        by_block.entry(&port.block).or_default().push(port);
    }
    by_block
}

fn literal(tensor: Tensor) -> PlanValue {
    let shape = tensor.shape().clone();
    PlanValue {
        ty: Some(KnownType { dtype: tensor.dtype(), shape }),
        fingerprint: Some(of_tensor(&tensor)),
        origin: Provenance::Given(tensor),
        fetched: false,
        watched: false,
        tallied: false,
        previewed: false,
    }
}
