//! `Slice`: A block cut out of a tensor.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::given;

const INPUT: In<Same> = In::new("input", "Any tensor.");
const BEGIN: In<Index> = In::new("begin", "Where to begin along each axis; a vector.").of("Index").parameter();
const SIZE: In<Index> =
    In::new("size", "How many to take along each axis, -1 for all that are left; a vector.").of("Index").parameter();
const OUTPUT: Out<Same> = Out::new("output", "The elements cut out; `size[i]` long along axis i.");

register_block!(
    BlockSpec::new(
        "Slice",
        "Arrays",
        "A block cut out of a tensor.",
        "Takes `size[i]` elements from `begin[i]` on along axis i; a size of -1 takes all that are left.",
    )
    .ports([INPUT.port(), BEGIN.port(), SIZE.port(), OUTPUT.port()])
    .code(Mover(Slice))
);

struct Slice;

impl Moving for Slice {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let rank = cx.shape(INPUT)?.rank();
        let (begin, size) = (given::vector(cx, BEGIN)?, given::vector(cx, SIZE)?);
        let (Some(dims), Some(begin), Some(size)) = (cx.shape(INPUT)?.dims(), begin, size) else {
            return Ok(given::of_rank(rank.or(given::length(cx, SIZE)?)));
        };
        for (port, given) in [("begin", &begin), ("size", &size)] {
            if given.len() != dims.len() {
                let message = format!("has {} numbers, but input has {} dimensions", given.len(), dims.len());
                return Err(vec![Fault::at(port, message)]);
            }
        }
        let mut lengths = Vec::with_capacity(dims.len());
        for (axis, ((dim, begin), size)) in dims.iter().zip(&begin).zip(&size).enumerate() {
            lengths.push(length(axis, *dim, *begin, *size)?);
        }
        given::shape(lengths, "size")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let begin = given::vector(cx, BEGIN)?.unwrap_or_default();
        let strides = strides(from.dims());
        let base =
            begin.iter().zip(&strides).map(|(begin, stride)| usize::try_from(*begin).unwrap_or(0) * stride).sum();
        Ok(Moves::axes(base, to.dims().iter().zip(strides).map(|(len, stride)| (*len, Along::Step(stride as isize)))))
    }
}

/// How long a slice is along an axis.
fn length(axis: usize, dim: Option<usize>, begin: i64, size: i64) -> Result<Option<usize>, Vec<Fault>> {
    let first = given::len(begin, "begin")?;
    if size < -1 {
        return Err(vec![Fault::at("size", format!("{size} is no length; -1 takes all that are left"))]);
    }
    let Some(dim) = dim else { return Ok(usize::try_from(size).ok()) };
    let Some(left) = dim.checked_sub(first) else {
        let message = format!("is {first} along axis {axis}, beyond its length {dim}");
        return Err(vec![Fault::at("begin", message)]);
    };
    match usize::try_from(size) {
        Err(_) => Ok(Some(left)),
        Ok(size) if size <= left => Ok(Some(size)),
        Ok(size) => {
            let message = format!("is {size} along axis {axis}, but from {first} on there are {left}");
            Err(vec![Fault::at("size", message)])
        }
    }
}
