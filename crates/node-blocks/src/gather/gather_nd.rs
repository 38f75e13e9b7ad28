//! `GatherNd`: elements or slices picked by rows of indices.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::indices::rows;
use crate::arrays::moves::{Along, Mover, Moves, Moving};

const PARAMS: In<Same> = In::new("params", "The tensor to pick from.").of("Tparams");
const INDICES: In<Index> = In::new("indices", "Rows of indices; the last axis is that of a row's numbers.")
    .of("Tindices")
    .among(&[DType::Int32, DType::Int64, DType::Int16])
    .parameter();
const OUTPUT: Out<Same> =
    Out::new("output", "What the rows name: the axes of `indices` but the last, then those of a slice.").of("Tparams");

register_block!(
    BlockSpec::new(
        "GatherNd",
        "Gather and scatter",
        "Elements or slices picked by rows of indices.",
        "Each row of `indices`, along its last axis, names an element of `params`, or a slice if it is shorter \
         than `params` has axes. An index out of range is refused.",
    )
    .ports([PARAMS.port(), INDICES.port(), OUTPUT.port()])
    .code(Mover(GatherNd))
);

struct GatherNd;

impl Moving for GatherNd {
    const SOURCE: In<Same> = PARAMS;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(params) = cx.shape(PARAMS)?.dims() else { return Ok(PartialShape::unknown()) };
        Ok(rows(cx, INDICES, params)?.map_or_else(PartialShape::unknown, |rows| rows.shape(params)))
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, _: &Shape) -> Result<Moves, Vec<Fault>> {
        let dims: Vec<Option<usize>> = from.dims().iter().map(|dim| Some(*dim)).collect();
        let Some(rows) = rows(cx, INDICES, &dims)? else { return Ok(Moves::axes(0, [])) };
        let (places, run) = rows.places(from);
        let places: Vec<Option<usize>> = places.into_iter().map(Some).collect();
        Ok(Moves::axes(0, [(places.len(), Along::At(places.into())), (run, Along::Step(1))]))
    }
}
