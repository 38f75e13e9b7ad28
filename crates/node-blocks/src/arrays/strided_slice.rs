//! `StridedSlice`: numPy's x[begin:end:step].
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use super::strided::{
    BEGIN, BEGIN_MASK, ELLIPSIS_MASK, END, END_MASK, Kept, NEW_AXIS_MASK, SHRINK_AXIS_MASK, STRIDES, cuts,
};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "What is cut out: an axis for each range and new axis.");

register_block!(
    BlockSpec::new(
        "StridedSlice",
        "Arrays",
        "NumPy's x[begin:end:step].",
        "Cuts ranges, single indices, `...` and new axes out of a tensor, as NumPy's indexing does. Place i \
         between the brackets is `begin[i]:end[i]:strides[i]`; the masks, whose bit i is that of place i, say where \
         it is something else. Ranges beyond the end stop at it; single indices must be within.",
    )
    .ports([INPUT.port(), BEGIN.port(), END.port(), STRIDES.port()])
    .attrs([BEGIN_MASK.spec(), END_MASK.spec(), ELLIPSIS_MASK.spec(), NEW_AXIS_MASK.spec(), SHRINK_AXIS_MASK.spec()])
    .ports([OUTPUT.port()])
    .gradients(["StridedSliceGrad"])
    .code(Mover(StridedSlice))
);

struct StridedSlice;

impl Moving for StridedSlice {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(dims) = cx.shape(INPUT)?.dims() else { return Ok(PartialShape::unknown()) };
        Ok(cuts(cx, dims)?.map_or_else(PartialShape::unknown, |cuts| PartialShape::of_dims(cuts.dims())))
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let dims: Vec<Option<usize>> = from.dims().iter().map(|dim| Some(*dim)).collect();
        let cuts = cuts(cx, &dims)?.unwrap_or_default();
        let strides = strides(from.dims());
        let cut = |axis: usize| cuts.cuts[axis].map_or((0, 1), |cut| (cut.start, cut.step));
        let base = (0..strides.len()).map(|axis| cut(axis).0 * strides[axis]).sum();
        let along = |(kept, len): (&Kept, &usize)| match kept {
            Kept::Axis(axis) => (*len, Along::Step(cut(*axis).1.saturating_mul(strides[*axis] as isize))),
            Kept::New => (1, Along::Step(0)),
        };
        Ok(Moves::axes(base, cuts.kept.iter().zip(to.dims()).map(along)))
    }
}
