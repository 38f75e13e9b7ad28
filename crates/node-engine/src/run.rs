//! Running a plan: pure, from plan to results. Knows no thread and no clock.

use node_core::check::guarded;
use node_core::number::bytes_text;
use node_core::{Fault, InferCx, InputType, KnownType, Problem, Quantization, Role, RunCx, Tensor};

use crate::analysis::Shares;
use crate::plan::{Operand, Plan, Step};
use crate::results::{BlockResult, Outcome, Results};

/// How a run may go.
pub struct RunOptions<'a> {
    /// The most bytes that tensors may take at one time.
    pub memory_limit: u64,
    /// Whether to tell where the elements of every tensor lie.
    pub shares: bool,
    /// Asked between blocks: whether to stop.
    pub cancelled: &'a dyn Fn() -> bool,
}

impl RunOptions<'_> {
    /// A run that is never cancelled.
    pub fn with_memory_limit(memory_limit: u64) -> RunOptions<'static> {
        RunOptions { memory_limit, shares: false, cancelled: &|| false }
    }
}

/// Runs a plan. `observe` sees every block's result as it comes. A failing block stops only what needs it.
pub fn run(
    plan: &Plan,
    options: &RunOptions<'_>,
    mut observe: impl FnMut(&node_core::BlockId, &BlockResult),
) -> Results {
    let mut results = Results::default();
    for (id, cause) in plan.stuck.iter().filter(|(id, cause)| id != cause) {
        let result = BlockResult::waiting(cause);
        observe(id, &result);
        results.blocks.insert(id.clone(), result);
    }
    let mut live = Live { slots: Vec::with_capacity(plan.steps.len()), limit: options.memory_limit, bytes: 0 };
    for step in &plan.steps {
        if (options.cancelled)() {
            results.cancelled = true;
            break;
        }
        let result = live.turn(plan, step, options.shares);
        observe(&step.id, &result);
        results.blocks.insert(step.id.clone(), if step.fetched { result } else { stripped(result) });
    }
    results
}

fn stripped(mut result: BlockResult) -> BlockResult {
    if let Outcome::Done(tensors) = &mut result.outcome {
        tensors.clear();
    }
    result
}

/// A step's tensors while later steps still read them.
struct Slot {
    tensors: Option<Vec<Tensor>>,
    uses: usize,
    bytes: u64,
    fetched: bool,
}

struct Live {
    slots: Vec<Slot>,
    limit: u64,
    bytes: u64,
}

impl Live {
    fn turn(&mut self, plan: &Plan, step: &Step, shares: bool) -> BlockResult {
        let mut slot = Slot { tensors: None, uses: step.uses, bytes: 0, fetched: step.fetched };
        let result = match self.gather(plan, step) {
            Err(cause) => BlockResult::waiting(&cause),
            Ok(inputs) => match guarded(|| self.compute(step, &inputs)) {
                Err(faults) => {
                    let fault = faults.into_iter().next().unwrap_or_else(|| Fault::block("failed without saying why"));
                    let outcome = Outcome::Failed(Problem::of(&step.id, fault));
                    BlockResult { outcome, quantization: None, shares: None }
                }
                Ok((tensors, quantization)) => {
                    slot.bytes = tensors.iter().map(bytes).sum();
                    slot.tensors = Some(tensors.clone());
                    self.bytes += slot.bytes;
                    let shares =
                        if shares { where_elements_lie(step, &inputs, &tensors, quantization.as_ref()) } else { None };
                    BlockResult { outcome: Outcome::Done(tensors), quantization, shares }
                }
            },
        };
        self.slots.push(slot);
        self.release(step);
        result
    }

    fn gather(&self, plan: &Plan, step: &Step) -> Result<Vec<Vec<Tensor>>, node_core::BlockId> {
        let operand = |operand: &Operand| match operand {
            Operand::Value(tensor) => Ok(tensor.clone()),
            Operand::Output { step, index } => {
                let tensors = self.slots.get(*step).and_then(|slot| slot.tensors.as_ref());
                tensors.and_then(|t| t.get(*index)).cloned().ok_or_else(|| plan.steps[*step].id.clone())
            }
        };
        step.inputs.iter().map(|operands| operands.iter().map(operand).collect()).collect()
    }

    fn compute(&self, step: &Step, inputs: &[Vec<Tensor>]) -> Result<(Vec<Tensor>, Option<Quantization>), Vec<Fault>> {
        let spec = step.block.spec();
        let types: Vec<Vec<InputType>> = inputs
            .iter()
            .map(|port| port.iter().map(|t| InputType { ty: t.tensor_type(), value: Some(t.clone()) }).collect())
            .collect();
        let fed = step.fed.as_ref();
        let inferred = step.block.infer(&InferCx { spec, attrs: &step.attrs, inputs: &types, fed })?;
        let mut outputs = Vec::with_capacity(inferred.len());
        for (port, ty) in spec.outputs().zip(&inferred) {
            match ty.shape.known() {
                Some(shape) => outputs.push(KnownType { dtype: ty.dtype, shape }),
                // A feed that nobody fed has no shape yet; its computation says so.
                None if spec.role == Role::Feed => {}
                None => {
                    return Err(vec![Fault::at(port.name, format!("has shape {}, not known even in a run", ty.shape))]);
                }
            }
        }
        self.admit(step, &outputs)?;
        let cx = RunCx { spec, attrs: &step.attrs, inputs, outputs: &outputs, fed };
        let tensors = step.block.compute(&cx).map_err(|fault| vec![fault])?;
        let agree = tensors.len() == outputs.len()
            && tensors.iter().zip(&outputs).all(|(t, o)| t.dtype() == o.dtype && *t.shape() == o.shape);
        if !agree {
            let message = "the block's result is not of the types that it infers; this is a bug in the block";
            return Err(vec![Fault::block(message)]);
        }
        Ok((tensors, step.block.quantization(&cx)))
    }

    /// Refuses tensors beyond the limit before they are allocated.
    fn admit(&self, step: &Step, outputs: &[KnownType]) -> Result<(), Vec<Fault>> {
        let sizes = outputs.iter().map(|o| o.shape.elements() as u64 * o.dtype.size() as u64);
        let wanted: u64 = sizes.clone().fold(0, u64::saturating_add);
        if wanted.saturating_add(self.bytes) <= self.limit {
            return Ok(());
        }
        let largest = step.block.spec().outputs().zip(outputs).zip(sizes).max_by_key(|(_, size)| *size);
        let Some(((port, output), size)) = largest else { return Ok(()) };
        let held =
            if self.bytes > 0 { format!(" beside the {} in use", bytes_text(self.bytes)) } else { String::new() };
        let message = format!(
            "{} {} needs {}{held}, but the memory limit is {}; make it smaller or raise the limit",
            output.dtype,
            output.shape,
            bytes_text(size),
            bytes_text(self.limit)
        );
        Err(vec![Fault::at(port.name, message)])
    }

    /// Lets go of tensors that nobody reads any more.
    fn release(&mut self, step: &Step) {
        let own = self.slots.len() - 1;
        for operand in step.inputs.iter().flatten() {
            if let Operand::Output { step, .. } = operand {
                self.slots[*step].uses -= 1;
                self.drop_if_done(*step);
            }
        }
        self.drop_if_done(own);
    }

    fn drop_if_done(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        if slot.uses == 0 && !slot.fetched && slot.tensors.take().is_some() {
            self.bytes = self.bytes.saturating_sub(slot.bytes);
        }
    }
}

fn bytes(tensor: &Tensor) -> u64 {
    tensor.len() as u64 * tensor.dtype().size() as u64
}

fn where_elements_lie(
    step: &Step,
    inputs: &[Vec<Tensor>],
    outputs: &[Tensor],
    quantization: Option<&Quantization>,
) -> Option<Shares> {
    match quantization {
        Some(quantization) => {
            let input = inputs.get(step.block.spec().input_index(quantization.input)?)?.first()?;
            Shares::of_quantized(input, quantization)
        }
        None => outputs.first().map(Shares::of_tensor),
    }
}
