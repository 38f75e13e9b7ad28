//! `ReverseV2`: elements in reverse order along axes.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::{axis, given};

const TENSOR: In<Same> = In::new("tensor", "Any tensor.");
const AXIS: In<Index> = In::new("axis", "The axes to reverse, each once; a vector.").parameter();
const OUTPUT: Out<Same> = Out::new("output", "The same elements; shape of `tensor`.");

register_block!(
    BlockSpec::new(
        "ReverseV2",
        "Arrays",
        "Elements in reverse order along axes.",
        "Along each axis that `axis` names, the last element comes first.",
    )
    .ports([TENSOR.port(), AXIS.port(), OUTPUT.port()])
    .aliases(["Reverse", "Flip"])
    .code(Mover(ReverseV2))
);

struct ReverseV2;

impl Moving for ReverseV2 {
    const SOURCE: In<Same> = TENSOR;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        if let (Some(rank), Some(given)) = (cx.shape(TENSOR)?.rank(), given::vector(cx, AXIS)?) {
            axis::set(&given, rank, "axis")?;
        }
        Ok(cx.shape(TENSOR)?.clone())
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let reversed = axis::set(&given::vector(cx, AXIS)?.unwrap_or_default(), from.rank(), "axis")?;
        let mut base = 0;
        let mut axes = Vec::with_capacity(to.rank());
        for ((len, stride), is_reversed) in to.dims().iter().zip(strides(from.dims())).zip(reversed) {
            let step = if is_reversed {
                base += len.saturating_sub(1) * stride;
                -(stride as isize)
            } else {
                stride as isize
            };
            axes.push((*len, Along::Step(step)));
        }
        Ok(Moves::axes(base, axes))
    }
}
