//! `SpaceToDepth`: squares of pixels moved into channels.
//!
//! No edge cases: it copies elements without looking at them.

use std::sync::Arc;

use node_core::type_rule::Same;
use node_core::{AttrKey, BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving};
use crate::given;

const INPUT: In<Same> = In::new("input", "Pictures; [batch, height, width, channels], or with the channels second.");
const BLOCK_SIZE: AttrKey<i64> =
    AttrKey::int("block_size", 2, "The side of a square; at least 2.").required().range(2.0, 65536.0);
const DATA_FORMAT: AttrKey<Arc<str>> =
    AttrKey::one_of("data_format", &["NHWC", "NCHW"], "Where the channels are: last or second.");
const OUTPUT: Out<Same> = Out::new("output", "Pictures of fewer pixels; channels × block_size².");

register_block!(
    BlockSpec::new(
        "SpaceToDepth",
        "Arrays",
        "Squares of pixels moved into channels.",
        "Each square of `block_size` × `block_size` pixels becomes one pixel with as many times the channels, row \
         by row.",
    )
    .ports([INPUT.port()])
    .attrs([BLOCK_SIZE.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .code(Mover(SpaceToDepth))
);

struct SpaceToDepth;

impl Moving for SpaceToDepth {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let (Some(dims), side) = (given::dims(cx, INPUT, 4)?, cx.attr(BLOCK_SIZE)? as usize) else {
            return Ok(given::of_rank(Some(4)));
        };
        let last = &*cx.attr(DATA_FORMAT)? == "NHWC";
        let [n, h, w, c] = if last { [0, 1, 2, 3] } else { [0, 2, 3, 1] };
        for (axis, what) in [(h, "height"), (w, "width")] {
            if let Some(len) = dims[axis].filter(|len| len % side != 0) {
                let message = format!("its {what}, {len}, is not a multiple of block_size, {side}");
                return Err(vec![Fault::at("input", message)]);
            }
        }
        let mut out = dims.to_vec();
        (out[h], out[w]) = (dims[h].map(|len| len / side), dims[w].map(|len| len / side));
        let overflow = || vec![Fault::at("input", "makes a shape that overflows")];
        out[c] = dims[c].map(|c| c.checked_mul(side * side).ok_or_else(overflow)).transpose()?;
        let _ = n;
        given::shape(out, "input")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let side = cx.attr(BLOCK_SIZE)? as usize;
        let [a, b, c, d] = *to.dims() else { return Ok(Moves::axes(0, [])) };
        let step = |len: usize, stride: usize| (len, Along::Step(stride as isize));
        if &*cx.attr(DATA_FORMAT)? == "NHWC" {
            let (wide, channels) = (from.dims()[2], from.dims()[3]);
            let row = wide * channels;
            return Ok(Moves::axes(
                0,
                [
                    step(a, from.dims()[1] * row),
                    step(b, side * row),
                    step(c, side * channels),
                    step(side, row),
                    step(side, channels),
                    step(channels, 1),
                ],
            ));
        }
        let (channels, high, wide) = (from.dims()[1], from.dims()[2], from.dims()[3]);
        let _ = b;
        Ok(Moves::axes(
            0,
            [
                step(a, channels * high * wide),
                step(side, wide),
                step(side, 1),
                step(channels, high * wide),
                step(c, side * wide),
                step(d, side),
            ],
        ))
    }
}
