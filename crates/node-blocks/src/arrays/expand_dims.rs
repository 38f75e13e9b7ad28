//! `ExpandDims`: an axis of length 1 added.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, register_block};

use super::same_elements::{Reshaper, SameElements};
use crate::{axis, given};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const AXIS: In<Index> =
    In::new("axis", "Where the new axis stands; a scalar.").of("Tdim").aliases(&["dim"]).parameter();
const OUTPUT: Out<Same> = Out::new("output", "The same elements, with an axis of length 1 more.");

register_block!(
    BlockSpec::new(
        "ExpandDims",
        "Arrays",
        "An axis of length 1 added.",
        "Puts a new axis of length 1 before axis `axis`; -1 puts it last.",
    )
    .ports([INPUT.port(), AXIS.port(), OUTPUT.port()])
    .aliases(["Unsqueeze"])
    .code(Reshaper(ExpandDims))
);

struct ExpandDims;

impl SameElements for ExpandDims {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let given = match given::vector(cx, AXIS)?.as_deref() {
            None => None,
            Some([one]) => Some(*one),
            Some(more) => return Err(vec![Fault::at("axis", format!("must be one number, but has {}", more.len()))]),
        };
        let Some(dims) = cx.shape(INPUT)?.dims() else { return Ok(PartialShape::unknown()) };
        let Some(given) = given else { return Ok(given::of_rank(Some(dims.len() + 1))) };
        let mut dims = dims.to_vec();
        dims.insert(axis::of_new(given, dims.len(), "axis")?, Some(1));
        Ok(PartialShape::of_dims(dims))
    }
}
