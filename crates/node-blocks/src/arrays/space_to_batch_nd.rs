//! `SpaceToBatchND`: space cut into parts of a batch.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving, strides};
use super::space::{BLOCK_SHAPE, PADDINGS, Space};
use crate::given;

const INPUT: In<Same> =
    In::new("input", "[batch, space…, rest…], with as many axes of space as `block_shape` has numbers.")
        .among(DType::REAL);
const OUTPUT: Out<Same> = Out::new("output", "[batch × block, (space + paddings) / block, rest…].").among(DType::REAL);

register_block!(
    BlockSpec::new(
        "SpaceToBatchND",
        "Arrays",
        "Space cut into parts of a batch.",
        "Adds `paddings` zeros around the axes of space, then cuts them into blocks of `block_shape`: place i of \
         each block goes to part i of the batch.",
    )
    .ports([INPUT.port(), BLOCK_SHAPE.port(), PADDINGS.port(), OUTPUT.port()])
    .code(Mover(SpaceToBatchND))
);

struct SpaceToBatchND;

impl Moving for SpaceToBatchND {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let dims = cx.shape(INPUT)?.dims();
        let (Some(dims), Some(space)) = (dims, Space::given(cx, PADDINGS)?) else {
            return Ok(given::of_rank(cx.shape(INPUT)?.rank()));
        };
        space.fits(dims.len())?;
        let mut out = dims.to_vec();
        let overflow = || vec![Fault::at("block_shape", "makes a shape that overflows")];
        out[0] = dims[0].map(|batch| batch.checked_mul(space.all()).ok_or_else(overflow)).transpose()?;
        for (axis, (block, (before, behind))) in space.axes().enumerate() {
            let Some(len) = dims[axis + 1] else { continue };
            let len = len.checked_add(before).and_then(|len| len.checked_add(behind)).ok_or_else(overflow)?;
            if len % block != 0 {
                let message = format!("make axis {} {len} long, which is not a multiple of {block}", axis + 1);
                return Err(vec![Fault::at("paddings", message)]);
            }
            out[axis + 1] = Some(len / block);
        }
        given::shape(out, "block_shape")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let Some(space) = Space::given(cx, PADDINGS)? else { return Ok(Moves::axes(0, [])) };
        let strides = strides(from.dims());
        let batch = from.dims()[0];
        let spaces = space.axes().count();
        let run: usize = from.dims()[spaces + 1..].iter().product();
        let (own, to) = (from.dims().to_vec(), to.dims().to_vec());
        let axes: Vec<_> = space.axes().collect();
        Ok(Moves::Rows {
            run,
            from: Box::new(move |mut row| {
                let mut places = vec![0; spaces];
                for axis in (0..spaces).rev() {
                    places[axis] = row % to[axis + 1];
                    row /= to[axis + 1];
                }
                let mut at = row % batch * strides[0];
                let mut part = row / batch;
                for (axis, (block, (before, _))) in axes.iter().enumerate().rev() {
                    let place = places[axis] * block + part % block;
                    part /= block;
                    let place = place.checked_sub(*before).filter(|place| *place < own[axis + 1])?;
                    at += place * strides[axis + 1];
                }
                Some(at)
            }),
        })
    }
}
