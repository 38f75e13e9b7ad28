//! `Where`: where a condition holds.
//!
//! No edge cases: it asks of elements whether they are 0; NaN is not, as its documentation says.

use node_core::type_rule::Numeric;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    for_operand, register_block,
};

use crate::computed;

const CONDITION: In<Numeric> = In::new("condition", "At least one dimension.").aliases(&["input"]).parameter();
const INDEX: Out<i64> = Out::new("output", "The indices; shape [how many, rank].").aliases(&["index"]);

register_block!(
    BlockSpec::new(
        "Where",
        "Gather and scatter",
        "Where a condition holds.",
        "A row for each element of `condition` that is true, or not 0, in row-major order: its index along each \
         axis. NaN is not 0.",
    )
    .ports([CONDITION.port(), INDEX.port()])
    .aliases(["NonZero"])
    .code(Where)
);

struct Where;

impl Block for Where {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let rank = cx.shape(CONDITION)?.rank();
        if rank == Some(0) {
            return Err(vec![Fault::at("condition", "is a scalar, which has no indices")]);
        }
        let count = cx.find_tensor(CONDITION).map(|condition| places(condition).len());
        Ok(vec![TensorType::new(DType::Int64, PartialShape::of_dims(vec![count, rank]))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let condition = cx.tensor(CONDITION)?;
        let rank = condition.shape().rank();
        let (row, axis) = (cx.flat() / rank, cx.flat() % rank);
        let origin = Origin { input: cx.input_number(CONDITION)?, item: 0, flat: places(condition)[row] };
        let because = format!("the index along axis {axis} of {}, number {row} of those that hold", cx.name_of(origin));
        let all = (0..condition.len()).map(|flat| Origin { flat, ..origin });
        Ok(computed::chosen(cx, because, origin, all))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let condition = cx.tensor(CONDITION)?;
        let (places, rank) = (places(condition), condition.shape().rank());
        Ok(vec![cx.fill::<i64>(&cx.outputs()[0].shape, (1 << 12) * rank, |first, out| {
            for (row, out) in (first / rank..).zip(out.chunks_mut(rank)) {
                let position = condition.shape().position(places[row]);
                out.iter_mut().zip(position).for_each(|(out, index)| *out = index as i64);
            }
        })?])
    }
}

/// The elements that hold.
fn places(condition: &Tensor) -> Vec<usize> {
    for_operand!(condition.dtype(), T => {
        let elements = condition.slice::<T>().unwrap_or_default().iter().enumerate();
        elements.filter(|(_, element)| **element != T::default()).map(|(flat, _)| flat).collect()
    }, else Vec::new())
}
