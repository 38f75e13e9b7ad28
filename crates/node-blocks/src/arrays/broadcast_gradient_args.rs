//! `BroadcastGradientArgs`: the axes along which two shapes were broadcast.
//!
//! No edge cases: its elements are lengths, and shapes that do not broadcast are refused.

use node_core::type_rule::Index;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use crate::given;

const S0: In<Index> = In::new("s0", "A shape; a vector.").of("T").parameter();
const S1: In<Index> = In::new("s1", "Another; a vector. The two must broadcast.").of("T").parameter();
const R0: Out<Index> = Out::new("r0", "The axes of both together along which `s0` was broadcast; a vector.").of("T");
const R1: Out<Index> = Out::new("r1", "The axes along which `s1` was broadcast; a vector.").of("T");

register_block!(
    BlockSpec::new(
        "BroadcastGradientArgs",
        "Arrays",
        "The axes along which two shapes were broadcast.",
        "The gradient of an operand that was broadcast is the sum over these axes, reshaped to the operand's shape. An \
         axis that is missing or 1 long counts, also where it is 1 long in both, since such a sum changes nothing; of equal \
         shapes none does.",
    )
    .ports([S0.port(), S1.port(), R0.port(), R1.port()])
    .code(BroadcastGradientArgs)
);

struct BroadcastGradientArgs;

impl Block for BroadcastGradientArgs {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        given::dims(cx, S0, 1)?;
        given::dims(cx, S1, 1)?;
        let dtype = cx.dtype(S0)?;
        let lengths = axes_of(cx)?.map(|both| both.map(|axes| axes.len()));
        let of = |length: Option<usize>| TensorType::new(dtype, PartialShape::of_dims(vec![length]));
        Ok((0..2).map(|nth| of(lengths.map(|lengths| lengths[nth]))).collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let nth = cx.output();
        Ok(Reason::of_itself(format!("one of the axes along which s{nth} is missing or 1 long")))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let axes = axes_of(cx)?.unwrap_or_default();
        Ok(axes
            .into_iter()
            .map(|axes| match cx.outputs()[0].dtype {
                DType::Int64 => Tensor::vector(axes),
                _ => Tensor::vector(axes.into_iter().map(|axis| axis as i32).collect()),
            })
            .collect())
    }
}

/// The axes of each, if the shapes are known.
fn axes_of(cx: &InferCx<'_>) -> Result<Option<[Vec<i64>; 2]>, Vec<Fault>> {
    let (Some(s0), Some(s1)) = (given::vector(cx, S0)?, given::vector(cx, S1)?) else { return Ok(None) };
    let rank = s0.len().max(s1.len());
    let dim = |shape: &[i64], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    let mut axes = [Vec::new(), Vec::new()];
    if s0 == s1 {
        return Ok(Some(axes));
    }
    for axis in 0..rank {
        let (a, b) = (dim(&s0, axis), dim(&s1, axis));
        match (a == b, a == 1, b == 1) {
            (true, true, _) => axes.iter_mut().for_each(|axes| axes.push(axis as i64)),
            (true, false, _) => {}
            (false, true, _) => axes[0].push(axis as i64),
            (false, _, true) => axes[1].push(axis as i64),
            (false, false, false) => {
                let message = format!("has {b} where s0 has {a}: the two do not broadcast");
                return Err(vec![Fault::at("s1", message)]);
            }
        }
    }
    Ok(Some(axes))
}
