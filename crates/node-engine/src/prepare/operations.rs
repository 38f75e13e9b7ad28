//! The work of each step, before anything is put together.

use std::collections::BTreeSet;
use std::sync::Arc;

use node_core::check::{guarded, infer_block};
use node_core::kernel::{Elementwise, Kernel, Reduction};
use node_core::{Fault, InferCx, InputType, KnownType, Problem, Role, Setup, Shape, TensorType};

use crate::demand::Demand;
use crate::options::RunOptions;
use crate::plan::{Plan, Provenance, ValueId};
use crate::progress::{Progress, Remarks, Verdict};
use node_core::access::Files;

/// What there is to do.
#[derive(Default)]
pub struct Operations {
    /// In the order of the steps.
    pub list: Vec<Operation>,
    /// The types of all values, where they are known; values beyond the plan's are the phase's own.
    pub types: Vec<Option<KnownType>>,
    /// Values that are other values.
    pub same: Vec<Option<ValueId>>,
    /// Values whose tensors decided what there is to do.
    pub premises: Vec<ValueId>,
    /// Values that steps of a later phase read.
    pub later: BTreeSet<ValueId>,
    /// The steps that this phase runs.
    pub steps: Vec<usize>,
    /// What there is to say of steps, by what they have been given.
    pub remarks: Vec<(usize, Arc<Remarks>)>,
    /// Whether steps are left.
    pub more: bool,
}

impl Operations {
    /// The value that a value really is.
    pub fn root(&self, mut value: ValueId) -> ValueId {
        while let Some(other) = self.same.get(value).copied().flatten() {
            value = other;
        }
        value
    }
}

/// One thing to do.
pub struct Operation {
    /// For which step.
    pub step: usize,
    /// What.
    pub work: OperationWork,
    /// On what.
    pub operands: Vec<ValueId>,
    /// What comes of it; a computation makes all outputs of its step.
    pub out: ValueId,
}

/// What is to be done.
pub enum OperationWork {
    /// Element by element.
    Map(Elementwise),
    /// Element by element, all folded into one.
    Fold(Elementwise, Reduction),
    /// A fold over some axes of one operand.
    Axes(Reduction),
    /// The block's own computation, with its operands by input.
    Compute(Vec<Vec<ValueId>>, Vec<KnownType>),
}

/// Lists what can be done with what is known; `None` if it is cancelled. Steps that cannot run get their verdict.
pub fn list(plan: &Plan, demand: &Demand, progress: &mut Progress, options: &RunOptions<'_>) -> Option<Operations> {
    let mut types: Vec<Option<KnownType>> = Vec::with_capacity(plan.values.len());
    for (value, slot) in plan.values.iter().zip(&progress.slots) {
        let there = slot.as_ref().map(|t| KnownType { dtype: t.dtype(), shape: t.shape().clone() });
        types.push(there.or_else(|| value.ty.clone().filter(|_| matches!(value.origin, Provenance::Given(_)))));
    }
    let mut operations = Operations { same: vec![None; types.len()], types, ..Operations::default() };
    for number in &demand.steps {
        if !matches!(progress.verdicts[*number], Verdict::Open) {
            continue;
        }
        if (options.cancelled)() {
            return None;
        }
        match operations.add((plan, demand), progress, *number, options.files) {
            Ok(true) => operations.steps.push(*number),
            Ok(false) => {
                operations.more = true;
                let inputs = plan.steps[*number].inputs.iter().flatten();
                operations.later.extend(inputs.copied());
            }
            Err(verdict) => progress.verdicts[*number] = verdict,
        }
    }
    Some(operations)
}

impl Operations {
    /// Adds what a step does; `false` if it has to wait for a later phase.
    fn add(
        &mut self,
        (plan, demand): (&Plan, &Demand),
        progress: &mut Progress,
        number: usize,
        files: &dyn Files,
    ) -> Result<bool, Verdict> {
        let step = &plan.steps[number];
        let spec = step.setup.spec();
        for value in step.inputs.iter().flatten() {
            if let Provenance::Output { step: source, .. } = plan.values[*value].origin {
                match &progress.verdicts[source] {
                    Verdict::Failed(_) | Verdict::Waiting(_) => {
                        return Err(Verdict::Waiting(plan.steps[source].id.clone()));
                    }
                    Verdict::Open | Verdict::Done => {}
                }
            }
        }
        if !step.outputs.is_empty() && step.outputs.clone().all(|value| progress.slots[value].is_some()) {
            return Ok(true);
        }
        let ports = spec.inputs().zip(&step.inputs);
        let unknown = |value: &ValueId| self.types[*value].is_none();
        let unread = |value: &ValueId| progress.slots[*value].is_none();
        if step.inputs.iter().flatten().any(unknown)
            || ports.clone().filter(|(port, _)| port.parameter).any(|(_, values)| values.iter().any(unread))
        {
            return Ok(false);
        }
        for (_, values) in ports.filter(|(port, _)| port.parameter) {
            self.premises.extend(values);
        }
        let inputs: Vec<Vec<InputType>> =
            step.inputs.iter().map(|port| port.iter().map(|value| self.input(*value, progress)).collect()).collect();
        let cx = InferCx::new(&step.setup, &inputs).with_fed(step.fed.as_ref()).with_files(files);
        let failed = |faults: Vec<Fault>| {
            let fault = faults.into_iter().next().unwrap_or_else(|| Fault::block("failed without saying why"));
            Verdict::Failed(Problem::of(&step.id, fault))
        };
        let inferred = infer_block(step.code.as_ref(), &step.setup, &cx).map_err(failed)?;
        let before = step.outputs.clone().map(|value| plan.values[value].ty.as_ref());
        let outputs = match known_outputs(&step.setup, &inferred, before) {
            Ok(types) => types,
            // Once the values of all inputs are there, the shape may depend on them.
            Err(_) if step.inputs.iter().flatten().any(unread) => return Ok(false),
            Err(fault) => return Err(failed(vec![fault])),
        };
        let kernels = guarded(|| step.code.kernels(&cx)).map_err(failed)?;
        self.remarks.push((number, Arc::new(Remarks::of(step.code.as_ref(), &cx).map_err(failed)?)));
        if kernels.is_empty() {
            self.types_of(step.outputs.clone(), &outputs);
            let rooted = |port: &Vec<ValueId>| port.iter().map(|value| self.root(*value)).collect();
            let inputs: Vec<Vec<ValueId>> = step.inputs.iter().map(rooted).collect();
            let operands = inputs.concat();
            let work = OperationWork::Compute(inputs, outputs);
            self.list.push(Operation { step: number, work, operands, out: step.outputs.start });
            return Ok(true);
        }
        if kernels.len() != outputs.len() {
            let message = "the block does not give one kernel for each output; this is a bug in the block";
            return Err(failed(vec![Fault::block(message)]));
        }
        self.types_of(step.outputs.clone(), &outputs);
        let operands = spec.inputs().zip(&step.inputs).filter(|(port, _)| !port.parameter);
        let operands: Vec<ValueId> = operands.flat_map(|(_, values)| values).map(|v| self.root(*v)).collect();
        for (value, kernel) in step.outputs.clone().zip(kernels) {
            if demand.needed[value] && progress.slots[value].is_none() {
                self.kernel(number, kernel, operands.clone(), value).map_err(|fault| failed(vec![fault]))?;
            }
        }
        Ok(true)
    }

    fn input(&self, value: ValueId, progress: &Progress) -> InputType {
        let known = self.types[value].as_ref();
        let ty = known.map_or_else(
            || TensorType::new(node_core::DType::Float32, node_core::PartialShape::unknown()),
            |known| TensorType::new(known.dtype, (&known.shape).into()),
        );
        InputType { ty, value: progress.slots[value].clone() }
    }

    fn types_of(&mut self, values: std::ops::Range<ValueId>, types: &[KnownType]) {
        for (value, ty) in values.zip(types) {
            self.types[value] = Some(ty.clone());
        }
    }

    fn kernel(&mut self, step: usize, kernel: Kernel, operands: Vec<ValueId>, out: ValueId) -> Result<(), Fault> {
        let broken = || Fault::block("the block's kernel does not fit its inputs; this is a bug in the block");
        match kernel {
            Kernel::Same(operand) => self.same[out] = Some(*operands.get(operand).ok_or_else(broken)?),
            Kernel::Map(map) => {
                if map.arity() != operands.len() {
                    return Err(broken());
                }
                self.list.push(Operation { step, work: OperationWork::Map(map), operands, out });
            }
            Kernel::Reduce(map, reduction) => {
                if map.arity() != operands.len() {
                    return Err(broken());
                }
                let walked = self.walked(&operands).ok_or_else(broken)?;
                if reduction.axes().len() != walked.rank() {
                    return Err(broken());
                }
                if reduction.is_whole() {
                    let work = OperationWork::Fold(map, reduction);
                    self.list.push(Operation { step, work, operands, out });
                    return Ok(());
                }
                let input = if map.is_identity() {
                    *operands.first().ok_or_else(broken)?
                } else {
                    let own = self.types.len();
                    self.types.push(Some(KnownType { dtype: map.output(), shape: walked }));
                    self.same.push(None);
                    self.list.push(Operation { step, work: OperationWork::Map(map), operands, out: own });
                    own
                };
                let work = OperationWork::Axes(reduction);
                self.list.push(Operation { step, work, operands: vec![input], out });
            }
        }
        Ok(())
    }

    /// The shape over which operands are walked: that to which they broadcast.
    pub fn walked(&self, operands: &[ValueId]) -> Option<Shape> {
        let shapes = operands.iter().map(|v| self.types[*v].as_ref().map(|ty| ty.shape.clone()));
        shapes.reduce(|a, b| a?.broadcast(&b?)).flatten()
    }
}

/// The types of the outputs, which must be whole by now. What was known `before` still holds.
fn known_outputs<'t>(
    setup: &Setup,
    inferred: &[TensorType],
    before: impl Iterator<Item = Option<&'t KnownType>>,
) -> Result<Vec<KnownType>, Fault> {
    let mut outputs = Vec::with_capacity(inferred.len());
    for ((port, ty), before) in setup.ports.outputs().iter().zip(inferred).zip(before) {
        let now = ty.shape.known().map(|shape| KnownType { dtype: ty.dtype, shape });
        match (now, before) {
            (Some(now), Some(before)) if now != *before => {
                let message = format!(
                    "the block infers {} {}, but inferred {} {} before the run; this is a bug in the block",
                    now.dtype, now.shape, before.dtype, before.shape
                );
                return Err(Fault::at(port.name.clone(), message));
            }
            (Some(now), _) => outputs.push(now),
            (None, Some(before)) => outputs.push(before.clone()),
            // A feed that nobody fed has no shape yet; its computation says so.
            (None, None) if matches!(setup.spec().role, Role::Feed | Role::Variable) => {}
            (None, None) => {
                return Err(Fault::at(port.name.clone(), format!("has shape {}, not known even in a run", ty.shape)));
            }
        }
    }
    Ok(outputs)
}
