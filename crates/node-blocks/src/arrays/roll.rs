//! `Roll`: elements shifted along axes, round and round.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::{axis, given};

const INPUT: In<Same> = In::new("input", "A tensor of one dimension or more.");
const SHIFT: In<Index> =
    In::new("shift", "By how many places, towards larger indices; a scalar or a vector.").of("Tshift").parameter();
const AXIS: In<Index> = In::new("axis", "Along which axis each shift goes; a scalar or a vector as long as `shift`.")
    .of("Taxis")
    .parameter();
const OUTPUT: Out<Same> = Out::new("output", "The elements, shifted; shape of `input`.");

register_block!(
    BlockSpec::new(
        "Roll",
        "Arrays",
        "Elements shifted along axes, round and round.",
        "What is shifted out at one end of an axis comes in at the other. An axis named more than once is shifted \
         by the sum.",
    )
    .ports([INPUT.port(), SHIFT.port(), AXIS.port(), OUTPUT.port()])
    .code(Mover(Roll))
);

struct Roll;

impl Moving for Roll {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let shape = cx.shape(INPUT)?;
        if shape.rank() == Some(0) {
            return Err(vec![Fault::at("input", "is a scalar, which has no axis to shift along")]);
        }
        if let Some(dims) = shape.dims() {
            shifts(cx, &dims.iter().map(|dim| dim.unwrap_or(1)).collect::<Vec<_>>())?;
        }
        Ok(shape.clone())
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let shifts = shifts(cx, from.dims())?;
        let axes = to.dims().iter().zip(strides(from.dims())).zip(shifts);
        Ok(Moves::axes(
            0,
            axes.map(|((len, stride), shift)| match shift {
                0 => (*len, Along::Step(stride as isize)),
                _ => (*len, Along::Rolled { by: shift, len: *len, stride }),
            }),
        ))
    }
}

/// By how many places each axis is shifted, less than its length.
fn shifts(cx: &InferCx<'_>, dims: &[usize]) -> Result<Vec<usize>, Vec<Fault>> {
    let mut shifts = vec![0; dims.len()];
    let (Some(by), Some(axes)) = (given::vector(cx, SHIFT)?, given::vector(cx, AXIS)?) else { return Ok(shifts) };
    if by.len() != axes.len() {
        let message = format!("has {} numbers, but shift has {}", axes.len(), by.len());
        return Err(vec![Fault::at("axis", message)]);
    }
    for (by, given) in by.iter().zip(axes) {
        let axis = axis::of(given, dims.len(), "axis")?;
        let len = dims[axis].max(1);
        let by = i128::from(*by).rem_euclid(len as i128) as usize;
        shifts[axis] = (shifts[axis] + by) % len;
    }
    Ok(shifts)
}
