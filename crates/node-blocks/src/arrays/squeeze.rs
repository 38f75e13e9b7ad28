//! `Squeeze`: axes of length 1 removed.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{AttrKey, BlockSpec, Fault, In, InferCx, Out, PartialShape, register_block};

use super::same_elements::{Reshaper, SameElements};
use crate::axis;

const INPUT: In<Same> = In::new("input", "Any tensor.");
const AXIS: AttrKey<Vec<i64>> =
    AttrKey::ints("axis", &[], "The axes to remove; all of length 1 if empty.").aliases(&["squeeze_dims"]);
const OUTPUT: Out<Same> = Out::new("output", "The same elements, without the axes.");

register_block!(
    BlockSpec::new(
        "Squeeze",
        "Arrays",
        "Axes of length 1 removed.",
        "Removes the axes that `axis` names, which must be 1 long; or all that are, if it names none.",
    )
    .ports([INPUT.port()])
    .attrs([AXIS.spec()])
    .ports([OUTPUT.port()])
    .code(Reshaper(Squeeze))
);

struct Squeeze;

impl SameElements for Squeeze {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(dims) = cx.shape(INPUT)?.dims() else { return Ok(PartialShape::unknown()) };
        let axes = cx.attr(AXIS)?;
        if axes.is_empty() {
            if dims.contains(&None) {
                return Ok(PartialShape::unknown());
            }
            return Ok(PartialShape::of_dims(dims.iter().filter(|dim| **dim != Some(1)).copied().collect()));
        }
        let mut removed = vec![false; dims.len()];
        for given in axes {
            let axis = axis::of(given, dims.len(), "attrs")?;
            if let Some(length) = dims[axis].filter(|length| *length != 1) {
                return Err(vec![Fault::attrs(format!("axis names axis {axis}, which is {length} long, not 1"))]);
            }
            removed[axis] = true;
        }
        let kept = dims.iter().zip(removed).filter(|(_, removed)| !removed).map(|(dim, _)| *dim);
        Ok(PartialShape::of_dims(kept.collect()))
    }
}
