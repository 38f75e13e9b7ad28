//! `TensorScatterUpdate`: A tensor with slices put where rows of indices point.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, Element, Fault, In, InferCx, Out, Reason, RunCx, Shape, Tensor, TensorType, WhyCx, for_dtype,
    register_block,
};

use super::indices::rows;

const TENSOR: In<Same> = In::new("tensor", "Any tensor of one dimension or more.");
const INDICES: In<Index> =
    In::new("indices", "Rows of indices; the last axis is that of a row's numbers.").of("Tindices").parameter();
const UPDATES: In<Same> =
    In::new("updates", "A slice for each row: the axes of `indices` but the last, then a slice's.");
const OUTPUT: Out<Same> = Out::new("output", "The tensor with the slices; shape of `tensor`.");

register_block!(
    BlockSpec::new(
        "TensorScatterUpdate",
        "Gather and scatter",
        "A tensor with slices put where rows of indices point.",
        "A copy of `tensor` in which the slices that rows of `indices` point to are those of `updates`; of several \
         for one place, the last. An index out of range is refused.",
    )
    .ports([TENSOR.port(), INDICES.port(), UPDATES.port(), OUTPUT.port()])
    .code(TensorScatterUpdate)
);

struct TensorScatterUpdate;

impl Block for TensorScatterUpdate {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(TENSOR)?.ty;
        if let Some(dims) = ty.shape.dims()
            && let Some(rows) = rows(cx, INDICES, dims)?
        {
            let (own, fit) = (cx.shape(UPDATES)?, rows.shape(dims));
            if own.merge(&fit).is_none() {
                return Err(vec![Fault::at("updates", format!("has shape {own}, but the rows point to shape {fit}"))]);
            }
        }
        Ok(vec![ty.clone()])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (places, run) = places(cx, cx.shape())?;
        let (begin, within) = (cx.flat() - cx.flat() % run.max(1), cx.flat() % run.max(1));
        Ok(cx.moved(match places.iter().rposition(|place| *place == begin) {
            Some(nth) => Origin { input: cx.input_number(UPDATES)?, item: 0, flat: nth * run + within },
            None => Origin { input: cx.input_number(TENSOR)?, item: 0, flat: cx.flat() },
        }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (tensor, updates, ty) = (cx.tensor(TENSOR)?, cx.tensor(UPDATES)?, &cx.outputs()[0]);
        if ty.shape.elements() == 0 {
            return Ok(vec![cx.zeros(ty)?]);
        }
        let (places, run) = places(cx, &ty.shape)?;
        for_dtype!(ty.dtype, T => Ok(vec![updated::<T>(cx, [tensor, updates], &places, run)?]))
    }
}

/// A copy of a tensor with rows of another at these places.
fn updated<T: Element>(
    cx: &RunCx<'_>,
    [tensor, updates]: [&Tensor; 2],
    places: &[usize],
    run: usize,
) -> Result<Tensor, Vec<Fault>> {
    let (elements, updates) = (tensor.slice::<T>().unwrap_or_default(), updates.slice::<T>().unwrap_or_default());
    let mut updated = cx.write::<T>(tensor.shape(), 1 << 16, |first, out| {
        out.clone_from_slice(&elements[first..first + out.len()]);
    })?;
    if let Some(out) = updated.slice_mut::<T>() {
        for (nth, place) in places.iter().enumerate() {
            out[*place..place + run].clone_from_slice(&updates[nth * run..(nth + 1) * run]);
        }
    }
    Ok(updated)
}

fn places(cx: &InferCx<'_>, shape: &Shape) -> Result<(Vec<usize>, usize), Vec<Fault>> {
    let dims: Vec<Option<usize>> = shape.dims().iter().map(|dim| Some(*dim)).collect();
    Ok(rows(cx, INDICES, &dims)?.map_or_else(|| (Vec::new(), 1), |rows| rows.places(shape)))
}
