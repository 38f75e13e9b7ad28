//! `Step`: the number of the step.
//!
//! No edge cases: it computes with no element.

use node_core::{
    Block, BlockSpec, DType, Fault, InferCx, Out, PartialShape, Reason, Role, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

const OUTPUT: Out<i64> = Out::new("output", "The number, from 0; a scalar.");

register_block!(
    BlockSpec::new(
        "Step",
        "Training",
        "The number of the step, from 0.",
        "0 in a run of a page, and in the first of several steps; one more in each that follows. Cast, multiplied or \
         compared it makes learning rates that fall, warm-ups, and bias corrections.",
    )
    .aliases(["global_step"])
    .role(Role::Counted)
    .ports([OUTPUT.port()])
    .code(Step)
);

struct Step;

impl Block for Step {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(DType::Int64, PartialShape::of_dims(Vec::new()))])
    }

    fn why(&self, _: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(Reason::of_itself("the number of the step"))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let counted = cx.fed().and_then(Tensor::slice::<i64>).unwrap_or_default();
        Ok(vec![Tensor::scalar(counted.first().copied().unwrap_or(0))])
    }
}
