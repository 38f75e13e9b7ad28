//! `BatchToSpaceND`: parts of a batch woven into space.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use super::space::{BLOCK_SHAPE, CROPS, Space};
use crate::given;

const INPUT: In<Same> =
    In::new("input", "[batch, space…, rest…], with as many axes of space as `block_shape` has numbers.")
        .among(DType::REAL);
const OUTPUT: Out<Same> = Out::new("output", "[batch / block, space × block - crops, rest…].").among(DType::REAL);

register_block!(
    BlockSpec::new(
        "BatchToSpaceND",
        "Arrays",
        "Parts of a batch woven into space.",
        "Weaves the batch's parts into squares of `block_shape`, then takes `crops` off the ends: what \
         SpaceToBatchND does, backwards.",
    )
    .ports([INPUT.port(), BLOCK_SHAPE.port(), CROPS.port(), OUTPUT.port()])
    .code(Mover(BatchToSpaceND))
);

struct BatchToSpaceND;

impl Moving for BatchToSpaceND {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let dims = cx.shape(INPUT)?.dims();
        let (Some(dims), Some(space)) = (dims, Space::given(cx, CROPS)?) else {
            return Ok(given::of_rank(cx.shape(INPUT)?.rank()));
        };
        space.fits(dims.len())?;
        let mut out = dims.to_vec();
        let all = space.all();
        if let Some(batch) = dims[0].filter(|batch| batch % all != 0) {
            return Err(vec![Fault::at(
                "input",
                format!("its batch, {batch}, is not a multiple of the block's {all}"),
            )]);
        }
        out[0] = dims[0].map(|batch| batch / all);
        for (axis, (block, (before, behind))) in space.axes().enumerate() {
            let Some(len) = dims[axis + 1] else { continue };
            let cropped = len.checked_mul(block).and_then(|len| len.checked_sub(before)?.checked_sub(behind));
            let message =
                || format!("take {} off axis {}, which has {len} × {block}", before.saturating_add(behind), axis + 1);
            out[axis + 1] = Some(cropped.ok_or_else(|| vec![Fault::at("crops", message())])?);
        }
        given::shape(out, "block_shape")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let Some(space) = Space::given(cx, CROPS)? else { return Ok(Moves::axes(0, [])) };
        let strides = strides(from.dims());
        let batch = to.dims()[0];
        let mut axes = vec![(batch, Along::Step(strides[0] as isize))];
        // A part of the batch for each place in a block, the last axis fastest.
        let mut part = space.all() * batch * strides[0];
        for (axis, (block, (before, _))) in space.axes().enumerate() {
            part /= block;
            let place = |at: usize| Some((at + before) / block * strides[axis + 1] + (at + before) % block * part);
            axes.push((to.dims()[axis + 1], Along::At((0..to.dims()[axis + 1]).map(place).collect())));
        }
        let rest = strides.iter().zip(to.dims()).skip(axes.len());
        let rest: Vec<_> = rest.map(|(stride, len)| (*len, Along::Step(*stride as isize))).collect();
        Ok(Moves::axes(0, axes.into_iter().chain(rest)))
    }
}
