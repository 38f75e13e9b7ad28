//! `PadV2`: A tensor with a value around it.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving};
use super::paddings::{self, PADDINGS};
use crate::given;

const INPUT: In<Same> = In::new("input", "Any tensor.");
const CONSTANT_VALUES: In<Same> = In::new("constant_values", "What is added; a scalar.");
const OUTPUT: Out<Same> = Out::new("output", "`input` with `constant_values` around it.");

register_block!(
    BlockSpec::new(
        "PadV2",
        "Arrays",
        "A tensor with a value around it.",
        "Adds `paddings[i, 0]` elements before axis i and `paddings[i, 1]` behind it, all `constant_values`.",
    )
    .ports([INPUT.port(), PADDINGS.port(), CONSTANT_VALUES.port(), OUTPUT.port()])
    .code(Mover(PadV2))
);

struct PadV2;

impl Moving for PadV2 {
    const SOURCE: In<Same> = INPUT;
    const FILLING: Option<In<Same>> = Some(CONSTANT_VALUES);

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        given::must_be_scalar(cx, CONSTANT_VALUES)?;
        paddings::padded(cx, cx.shape(INPUT)?)
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        paddings::moves(&paddings::known(cx)?, from, to)
    }
}
