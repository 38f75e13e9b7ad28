//! `DepthToSpace`: channels moved into squares of pixels.
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
const OUTPUT: Out<Same> = Out::new("output", "Pictures of more pixels; channels / block_size².");

register_block!(
    BlockSpec::new(
        "DepthToSpace",
        "Arrays",
        "Channels moved into squares of pixels.",
        "Each pixel becomes a square of `block_size` × `block_size` pixels with as many times fewer channels: what \
         SpaceToDepth does, backwards.",
    )
    .ports([INPUT.port()])
    .attrs([BLOCK_SIZE.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .code(Mover(DepthToSpace))
);

struct DepthToSpace;

impl Moving for DepthToSpace {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let (Some(dims), side) = (given::dims(cx, INPUT, 4)?, cx.attr(BLOCK_SIZE)? as usize) else {
            return Ok(given::of_rank(Some(4)));
        };
        let last = &*cx.attr(DATA_FORMAT)? == "NHWC";
        let [h, w, c] = if last { [1, 2, 3] } else { [2, 3, 1] };
        if let Some(len) = dims[c].filter(|len| len % (side * side) != 0) {
            let message = format!("its channels, {len}, are not a multiple of block_size², {}", side * side);
            return Err(vec![Fault::at("input", message)]);
        }
        let mut out = dims.to_vec();
        let overflow = || vec![Fault::at("input", "makes a shape that overflows")];
        let longer = |dim: Option<usize>| dim.map(|len| len.checked_mul(side).ok_or_else(overflow)).transpose();
        (out[h], out[w]) = (longer(dims[h])?, longer(dims[w])?);
        out[c] = dims[c].map(|len| len / (side * side));
        given::shape(out, "input")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let side = cx.attr(BLOCK_SIZE)? as usize;
        let [n, ..] = *to.dims() else { return Ok(Moves::axes(0, [])) };
        let step = |len: usize, stride: usize| (len, Along::Step(stride as isize));
        if &*cx.attr(DATA_FORMAT)? == "NHWC" {
            let [_, high, wide, deep] = *from.dims() else { return Ok(Moves::axes(0, [])) };
            let channels = to.dims()[3];
            return Ok(Moves::axes(
                0,
                [
                    step(n, high * wide * deep),
                    step(high, wide * deep),
                    step(side, side * channels),
                    step(wide, deep),
                    step(side, channels),
                    step(channels, 1),
                ],
            ));
        }
        let [_, deep, high, wide] = *from.dims() else { return Ok(Moves::axes(0, [])) };
        let (channels, plane) = (to.dims()[1], high * wide);
        Ok(Moves::axes(
            0,
            [
                step(n, deep * plane),
                step(channels, plane),
                step(high, wide),
                step(side, side * channels * plane),
                step(wide, 1),
                step(side, channels * plane),
            ],
        ))
    }
}
