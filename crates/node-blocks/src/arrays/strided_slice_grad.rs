//! `StridedSliceGrad`: gradient of StridedSlice.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use super::strided::{
    BEGIN, BEGIN_MASK, Cut, ELLIPSIS_MASK, END, END_MASK, NEW_AXIS_MASK, SHRINK_AXIS_MASK, STRIDES, cuts,
};
use crate::given;

const SHAPE: In<Index> = In::new("shape", "The shape of StridedSlice's input; a vector.").of("Index").parameter();
const DY: In<Same> = In::new("dy", "Gradients for StridedSlice's output, of its shape.");
const OUTPUT: Out<Same> = Out::new("output", "Gradients for StridedSlice's input; of the shape `shape`.");

register_block!(
    BlockSpec::new(
        "StridedSliceGrad",
        "Arrays",
        "Gradient of StridedSlice.",
        "Puts gradients where StridedSlice, with the same `begin`, `end`, `strides` and masks, took the elements \
         of a tensor of shape `shape`; 0 elsewhere.",
    )
    .ports([SHAPE.port(), BEGIN.port(), END.port(), STRIDES.port(), DY.port()])
    .attrs([BEGIN_MASK.spec(), END_MASK.spec(), ELLIPSIS_MASK.spec(), NEW_AXIS_MASK.spec(), SHRINK_AXIS_MASK.spec()])
    .ports([OUTPUT.port()])
    .code(Mover(StridedSliceGrad))
);

struct StridedSliceGrad;

impl Moving for StridedSliceGrad {
    const SOURCE: In<Same> = DY;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(shape) = given::vector(cx, SHAPE)? else { return Ok(given::of_rank(given::length(cx, SHAPE)?)) };
        let dims = shape.iter().map(|len| given::len(*len, "shape").map(Some)).collect::<Result<Vec<_>, _>>()?;
        if let Some(cuts) = cuts(cx, &dims)? {
            let (own, taken) = (cx.shape(DY)?, PartialShape::of_dims(cuts.dims()));
            if own.merge(&taken).is_none() {
                return Err(vec![Fault::at("dy", format!("has shape {own}, but what is cut out has shape {taken}"))]);
            }
        }
        given::shape(dims, "shape")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = from;
        let dims: Vec<Option<usize>> = to.dims().iter().map(|dim| Some(*dim)).collect();
        let cuts = cuts(cx, &dims)?.unwrap_or_default();
        let taken: Vec<_> = cuts.cuts.iter().map(|cut| cut.unwrap_or(Cut { start: 0, step: 1, len: 0 })).collect();
        let strides = strides(&taken.iter().map(|cut| cut.len).collect::<Vec<_>>());
        let along = |((cut, len), stride): ((&Cut, &usize), usize)| {
            let mut places = vec![None; *len];
            for k in 0..cut.len {
                places[(cut.start as isize + k as isize * cut.step) as usize] = Some(k * stride);
            }
            (*len, Along::At(places.into()))
        };
        Ok(Moves::axes(0, taken.iter().zip(to.dims()).zip(strides).map(along)))
    }
}
