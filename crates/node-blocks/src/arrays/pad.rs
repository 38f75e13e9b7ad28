//! `Pad`: A tensor with zeros around it.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving};
use super::paddings::{self, PADDINGS};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "`input` with zeros around it.");

register_block!(
    BlockSpec::new(
        "Pad",
        "Arrays",
        "A tensor with zeros around it.",
        "Adds `paddings[i, 0]` zeros before axis i and `paddings[i, 1]` behind it.",
    )
    .ports([INPUT.port(), PADDINGS.port(), OUTPUT.port()])
    .code(Mover(Pad))
);

struct Pad;

impl Moving for Pad {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        paddings::padded(cx, cx.shape(INPUT)?)
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        paddings::moves(&paddings::known(cx)?, from, to)
    }
}
