//! `Transpose`: the axes in another order.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::{axis, given};

const X: In<Same> = In::new("x", "Any tensor.");
const PERM: In<Index> =
    In::new("perm", "The axes of `x` in the order in which the output has them; a vector.").of("Tperm").parameter();
const Y: Out<Same> = Out::new("output", "The same elements; axis i is axis `perm[i]` of `x`.").aliases(&["y"]);

register_block!(
    BlockSpec::new(
        "Transpose",
        "Arrays",
        "The axes in another order.",
        "Axis i of the output is axis `perm[i]` of x. Every axis is named once.",
    )
    .ports([X.port(), PERM.port(), Y.port()])
    .aliases(["Permute"])
    .code(Mover(Transpose))
);

struct Transpose;

impl Moving for Transpose {
    const SOURCE: In<Same> = X;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let (dims, perm) = (cx.shape(X)?.dims(), given::vector(cx, PERM)?);
        let (Some(dims), Some(perm)) = (dims, perm) else {
            return Ok(given::of_rank(given::length(cx, PERM)?));
        };
        Ok(PartialShape::of_dims(axes(&perm, dims.len())?.into_iter().map(|axis| dims[axis]).collect()))
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let perm = axes(&given::vector(cx, PERM)?.unwrap_or_default(), from.rank())?;
        let strides = strides(from.dims());
        Ok(Moves::axes(0, perm.iter().zip(to.dims()).map(|(axis, len)| (*len, Along::Step(strides[*axis] as isize)))))
    }
}

/// The axes of `perm`, each of which must be named once.
fn axes(perm: &[i64], rank: usize) -> Result<Vec<usize>, Vec<Fault>> {
    if perm.len() != rank {
        let message = format!("names {} axes, but x has {rank}", perm.len());
        return Err(vec![Fault::at("perm", message)]);
    }
    let mut seen = vec![false; rank];
    let mut axes = Vec::with_capacity(rank);
    for given in perm {
        let axis = axis::of(*given, rank, "perm")?;
        if std::mem::replace(&mut seen[axis], true) {
            return Err(vec![Fault::at("perm", format!("names axis {axis} twice"))]);
        }
        axes.push(axis);
    }
    Ok(axes)
}
