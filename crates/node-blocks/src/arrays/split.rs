//! `Split`: a tensor in equal parts along an axis.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType,
    WhyCx, register_block,
};

use super::copy;
use crate::axis;

const AXIS: In<i32> = In::new("axis", "The dimension to split; a scalar, negative ones count from the end.")
    .aliases(&["split_dim"])
    .parameter();
const VALUE: In<Same> = In::new("value", "The tensor to split.");
const NUM_SPLIT: AttrKey<i64> =
    AttrKey::int("num_split", 1, "In how many parts; it must divide the length of the dimension.")
        .required()
        .range(1.0, node_core::ports::MOST as f64);
const OUTPUT: Out<Same> = Out::new("output", "The parts, in order.").as_attr("num_split");

register_block!(
    BlockSpec::new(
        "Split",
        "Arrays",
        "A tensor in equal parts along an axis.",
        "Cuts a tensor into `num_split` parts of one length along `axis`. SplitV cuts it into parts of any lengths.",
    )
    .ports([AXIS.port(), VALUE.port()])
    .attrs([NUM_SPLIT.spec()])
    .ports([OUTPUT.port()])
    .code(Split)
);

struct Split;

impl Block for Split {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (value, count) = (cx.input(VALUE)?, cx.output_count());
        let shape = match (value.ty.shape.dims(), place(cx)?) {
            (Some(dims), Some(at)) => {
                if let Some(length) = dims[at].filter(|length| !length.is_multiple_of(count)) {
                    let message = format!(
                        "num_split is {count}, which does not divide {length}, the length of axis {at}; parts of \
                         different lengths are SplitV's"
                    );
                    return Err(vec![Fault::attrs(message)]);
                }
                axis::with(dims, at, dims[at].map(|length| length / count.max(1)))
            }
            (Some(dims), None) => PartialShape::of_dims(vec![None; dims.len()]),
            (None, _) => PartialShape::unknown(),
        };
        Ok(vec![TensorType::new(value.ty.dtype, shape); count])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        moved_part(cx, cx.input_number(VALUE)?, place(cx)?.unwrap_or_default())
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        parts(cx, cx.tensor(VALUE)?, place(cx)?.unwrap_or_default())
    }
}

/// The axis, if it and the number of dimensions are known.
fn place(cx: &InferCx<'_>) -> Result<Option<usize>, Vec<Fault>> {
    let given = cx.input(AXIS)?;
    of_axis(&given.ty.shape, given.value.as_ref(), cx.shape(VALUE)?.rank())
}

/// The axis that a scalar names, if it and the number of dimensions are known.
pub fn of_axis(shape: &PartialShape, value: Option<&Tensor>, rank: Option<usize>) -> Result<Option<usize>, Vec<Fault>> {
    if shape.rank().is_some_and(|rank| rank != 0) {
        return Err(vec![Fault::at("axis", format!("must be a scalar, but has shape {shape}"))]);
    }
    match (value.and_then(|value| value.integers()?.first().copied()), rank) {
        (_, Some(0)) => Err(vec![Fault::at("value", "is a scalar, which cannot be split")]),
        (Some(given), Some(rank)) => axis::of(given, rank, "axis").map(Some),
        _ => Ok(None),
    }
}

/// A tensor cut along an axis into parts of the outputs' shapes, in order.
pub fn parts(cx: &RunCx<'_>, value: &Tensor, at: usize) -> Result<Vec<Tensor>, Vec<Fault>> {
    let dims = value.shape().dims();
    let inner: usize = dims[at + 1..].iter().product();
    let mut begin = 0;
    let part = |ty: &KnownType| {
        let run = ty.shape.dims()[at] * inner;
        begin += run;
        copy::part(cx, value, (dims[at] * inner, begin - run, run), &ty.shape)
    };
    cx.outputs().iter().map(part).collect()
}

/// That the element is one of a tensor that was cut along an axis into parts of the outputs' shapes.
pub fn moved_part(cx: &WhyCx<'_>, input: usize, at: usize) -> Result<Reason, Vec<Fault>> {
    let runs: Vec<usize> = cx.outputs().iter().map(|ty| ty.shape.dims()[at..].iter().product()).collect();
    let flat = copy::whole_of(&runs, cx.output(), cx.flat());
    Ok(cx.moved(Origin { input, item: 0, flat }))
}
