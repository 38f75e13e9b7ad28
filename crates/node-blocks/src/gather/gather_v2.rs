//! `GatherV2`: slices picked along an axis.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{AttrKey, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::indices::within;
use crate::arrays::moves::{Along, Mover, Moves, Moving};
use crate::{axis, given};

const PARAMS: In<Same> = In::new("params", "The tensor to pick from.").of("Tparams");
const INDICES: In<Index> = In::new("indices", "Which slices; any shape.")
    .of("Tindices")
    .among(&[DType::Int32, DType::Int64, DType::Int16])
    .parameter();
const AXIS: In<Index> = In::new("axis", "The axis to pick along; a scalar.").of("Taxis").parameter();
const BATCH_DIMS: AttrKey<i64> = AttrKey::int(
    "batch_dims",
    0,
    "How many axes in front belong together; negative ones count from the end of `indices`.",
);
const OUTPUT: Out<Same> =
    Out::new("output", "The slices: `params` with the axes of `indices` in place of `axis`.").of("Tparams");

register_block!(
    BlockSpec::new(
        "GatherV2",
        "Gather and scatter",
        "Slices picked along an axis.",
        "Slice i along `axis` of the output is slice `indices[i]` of `params`. With `batch_dims`, the first so \
         many axes of `params` and `indices` belong together. An index out of range is refused: with its place, \
         before a run where it is known.",
    )
    .ports([PARAMS.port(), INDICES.port(), AXIS.port()])
    .attrs([BATCH_DIMS.spec()])
    .ports([OUTPUT.port()])
    .aliases(["Gather", "Take"])
    .code(Mover(GatherV2))
);

struct GatherV2;

/// The axis, and how many axes in front belong together.
struct Where {
    axis: usize,
    batch: usize,
}

impl Moving for GatherV2 {
    const SOURCE: In<Same> = PARAMS;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let (Some(params), Some(indices)) = (cx.shape(PARAMS)?.dims(), cx.shape(INDICES)?.dims()) else {
            return Ok(PartialShape::unknown());
        };
        let Some(Where { axis, batch }) = place(cx, params.len(), indices.len())? else {
            return Ok(given::of_rank((params.len() + indices.len()).checked_sub(1)));
        };
        let mut dims = Vec::with_capacity(params.len() + indices.len());
        for (axis, (own, of_indices)) in params.iter().zip(indices).enumerate().take(batch) {
            match (own, of_indices) {
                (Some(a), Some(b)) if a != b => {
                    let message = format!("axis {axis} is {b} long, but that of params {a}, and batch_dims is {batch}");
                    return Err(vec![Fault::at("indices", message)]);
                }
                (own, of_indices) => dims.push(own.or(*of_indices)),
            }
        }
        dims.extend(&params[batch..axis]);
        dims.extend(&indices[batch..]);
        dims.extend(&params[axis + 1..]);
        if let (Some(indices), Some(len)) = (given_indices(cx), params[axis]) {
            let shape = cx.tensor(INDICES)?.shape();
            within(&indices, len, |flat| format!("{:?}", shape.position(flat)))?;
        }
        given::shape(dims, "indices")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, _: &Shape) -> Result<Moves, Vec<Fault>> {
        let (indices, own) = (given_indices(cx).unwrap_or_default(), cx.tensor(INDICES)?.shape().clone());
        let Some(Where { axis, batch }) = place(cx, from.rank(), own.rank())? else { return Ok(Moves::axes(0, [])) };
        let product = |dims: &[usize]| dims.iter().product::<usize>();
        let dims = from.dims();
        let (batches, outer) = (product(&dims[..batch]), product(&dims[batch..axis]));
        let (len, inner) = (dims[axis], product(&dims[axis + 1..]));
        let picked = product(&own.dims()[batch..]);
        let row = move |index: i64| usize::try_from(index).unwrap_or(0) * inner;
        if batches == 1 {
            let places = indices.into_iter().map(|index| Some(row(index))).collect();
            let step = |len: usize, stride: usize| (len, Along::Step(stride as isize));
            return Ok(Moves::axes(0, [step(outer, len * inner), (picked, Along::At(places)), step(inner, 1)]));
        }
        Ok(Moves::Rows {
            run: inner,
            from: Box::new(move |at| {
                let (at, nth) = (at / picked, at % picked);
                let batch = at / outer;
                Some(at * len * inner + row(indices[batch * picked + nth]))
            }),
        })
    }
}

fn given_indices(cx: &InferCx<'_>) -> Option<Vec<i64>> {
    cx.find_tensor(INDICES)?.integers()
}

fn place(cx: &InferCx<'_>, params: usize, indices: usize) -> Result<Option<Where>, Vec<Fault>> {
    let Some(given) = given::scalar(cx, AXIS)? else { return Ok(None) };
    let axis = axis::of(given, params, "axis")?;
    let batch = cx.attr(BATCH_DIMS)?;
    let from_start = if batch < 0 { batch.saturating_add(indices as i64) } else { batch };
    let most = axis.min(indices);
    match usize::try_from(from_start).ok().filter(|batch| *batch <= most) {
        Some(batch) => Ok(Some(Where { axis, batch })),
        None => Err(vec![Fault::attrs(format!(
            "batch_dims is {batch}, but must lie between 0 and {most}: indices has {indices} dimensions, and axis is {axis}"
        ))]),
    }
}
