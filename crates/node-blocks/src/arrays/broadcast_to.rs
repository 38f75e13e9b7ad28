//! `BroadcastTo`: A tensor repeated to fill a shape.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::given;

const INPUT: In<Same> = In::new("input", "Any tensor whose shape broadcasts to `shape`.");
const SHAPE: In<Index> = In::new("shape", "The shape to be; a vector.").parameter();
const OUTPUT: Out<Same> = Out::new("output", "The elements of `input`, repeated; of the shape `shape`.");

register_block!(
    BlockSpec::new(
        "BroadcastTo",
        "Arrays",
        "A tensor repeated to fill a shape.",
        "NumPy's broadcasting: axes of length 1 are repeated, and axes are added in front.",
    )
    .ports([INPUT.port(), SHAPE.port(), OUTPUT.port()])
    .code(Mover(BroadcastTo))
);

struct BroadcastTo;

impl Moving for BroadcastTo {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(wanted) = given::vector(cx, SHAPE)? else {
            return Ok(given::of_rank(given::length(cx, SHAPE)?));
        };
        let lengths = wanted.iter().map(|length| given::len(*length, "shape").map(Some)).collect::<Result<_, _>>()?;
        let (to, from) = (given::shape(lengths, "shape")?, cx.shape(INPUT)?);
        match from.broadcast(&to) {
            Some(both) if both == to || !is_known(from) => Ok(to),
            _ => Err(vec![Fault::at("input", format!("shape {from} does not broadcast to {to}"))]),
        }
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = cx;
        let added = to.rank() - from.rank();
        let strides = strides(from.dims());
        let along = |(axis, len): (usize, &usize)| {
            let own = axis.checked_sub(added).filter(|own| from.dims()[*own] != 1 || *len == 1);
            (*len, Along::Step(own.map_or(0, |own| strides[own] as isize)))
        };
        Ok(Moves::axes(0, to.dims().iter().enumerate().map(along)))
    }
}

fn is_known(shape: &PartialShape) -> bool {
    shape.known().is_some()
}
