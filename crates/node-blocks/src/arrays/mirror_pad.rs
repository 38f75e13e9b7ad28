//! `MirrorPad`: A tensor with its mirror image around it.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use super::paddings::{self, MODE, PADDINGS};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "`input` with its mirror image around it.");

register_block!(
    BlockSpec::new(
        "MirrorPad",
        "Arrays",
        "A tensor with its mirror image around it.",
        "Adds what is mirrored at each end: `REFLECT` leaves the end itself out of the image, so that it stands \
         once; with `SYMMETRIC` it stands twice.",
    )
    .ports([INPUT.port(), PADDINGS.port()])
    .attrs([MODE.spec()])
    .ports([OUTPUT.port()])
    .gradients(["MirrorPadGrad"])
    .code(Mover(MirrorPad))
);

struct MirrorPad;

impl Moving for MirrorPad {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let shape = cx.shape(INPUT)?;
        paddings::mirrored(cx, shape, cx.attr(MODE)?.as_ref())?;
        paddings::padded(cx, shape)
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let mode = cx.attr(MODE)?;
        let paddings = paddings::known(cx)?;
        let axes = to.dims().iter().zip(from.dims()).zip(&paddings).zip(strides(from.dims()));
        Ok(Moves::axes(
            0,
            axes.map(|(((to, from), (before, _)), stride)| {
                let place = |at: usize| Some(paddings::mirror(at, *before, *from, &mode) * stride);
                (*to, Along::At((0..*to).map(place).collect()))
            }),
        ))
    }
}
