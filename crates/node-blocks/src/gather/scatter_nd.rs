//! `ScatterNd`: slices added where rows of indices point.
//!
//! No edge cases: it adds elements, as AddN does.

use node_core::type_rule::{Index, Real};
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx,
    register_block,
};

use super::adding;
use super::indices::{rows, shape_of};

const INDICES: In<Index> =
    In::new("indices", "Rows of indices; the last axis is that of a row's numbers.").of("Tindices").parameter();
const UPDATES: In<Real> =
    In::new("updates", "A slice for each row: the axes of `indices` but the last, then a slice's.");
const SHAPE: In<Index> = In::new("shape", "The shape to be; a vector.").of("Tindices").parameter();
const OUTPUT: Out<Real> = Out::new("output", "The sums; of the shape `shape`.");

register_block!(
    BlockSpec::new(
        "ScatterNd",
        "Gather and scatter",
        "Slices added where rows of indices point.",
        "A tensor of zeros of the shape `shape`, to which each slice of `updates` is added where its row of \
         `indices` points; what comes to the same place is added in order. An index out of range is refused.",
    )
    .ports([INDICES.port(), UPDATES.port(), SHAPE.port(), OUTPUT.port()])
    .code(ScatterNd)
);

struct ScatterNd;

impl Block for ScatterNd {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dtype = cx.dtype(UPDATES)?;
        let Some(shape) = shape_of(cx, SHAPE)? else {
            return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]);
        };
        let dims = shape.dims().unwrap_or_default();
        if let Some(rows) = rows(cx, INDICES, dims)? {
            let (own, fit) = (cx.shape(UPDATES)?, rows.shape(dims));
            if own.merge(&fit).is_none() {
                return Err(vec![Fault::at("updates", format!("has shape {own}, but the rows point to shape {fit}"))]);
            }
        }
        Ok(vec![TensorType::new(dtype, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (places, run) = places(cx, cx.shape())?;
        adding::why(cx, cx.input_number(UPDATES)?, &places, run)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        if ty.shape.elements() == 0 {
            return Ok(vec![cx.zeros(ty)?]);
        }
        let (places, run) = places(cx, &ty.shape)?;
        Ok(vec![adding::added(cx, cx.tensor(UPDATES)?, &places, run, ty)?])
    }
}

fn places(cx: &InferCx<'_>, shape: &Shape) -> Result<(Vec<Option<usize>>, usize), Vec<Fault>> {
    let dims: Vec<Option<usize>> = shape.dims().iter().map(|dim| Some(*dim)).collect();
    let Some(rows) = rows(cx, INDICES, &dims)? else { return Ok((Vec::new(), 1)) };
    let (places, run) = rows.places(shape);
    Ok((places.into_iter().map(Some).collect(), run))
}
