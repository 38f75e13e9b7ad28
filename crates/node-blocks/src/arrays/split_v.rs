//! `SplitV`: a tensor in parts of given lengths along an axis.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::split::{moved_part, of_axis, parts};
use crate::axis;

const VALUE: In<Same> = In::new("value", "The tensor to split.");
const SIZE_SPLITS: In<Index> =
    In::new("size_splits", "The lengths of the parts; a vector. One may be -1: it takes the rest.")
        .of("Tlen")
        .parameter();
const AXIS: In<i32> = In::new("axis", "The dimension to split; a scalar, negative ones count from the end.")
    .aliases(&["split_dim"])
    .parameter();
const NUM_SPLIT: AttrKey<i64> = AttrKey::int("num_split", 1, "In how many parts: the length of `size_splits`.")
    .required()
    .range(1.0, node_core::ports::MOST as f64);
const OUTPUT: Out<Same> = Out::new("output", "The parts, in order.").as_attr("num_split");

register_block!(
    BlockSpec::new(
        "SplitV",
        "Arrays",
        "A tensor in parts of given lengths along an axis.",
        "Cuts a tensor into `num_split` parts along `axis`, as long as `size_splits` says; together they must be as long \
         as the dimension.",
    )
    .ports([VALUE.port(), SIZE_SPLITS.port(), AXIS.port()])
    .attrs([NUM_SPLIT.spec()])
    .ports([OUTPUT.port()])
    .code(SplitV)
);

struct SplitV;

impl Block for SplitV {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (value, count) = (cx.input(VALUE)?, cx.output_count());
        let splits = cx.input(SIZE_SPLITS)?;
        if PartialShape::of_dims(vec![Some(count)]).merge(&splits.ty.shape).is_none() {
            let message =
                format!("must have a length for each of the {count} parts, but has shape {}", splits.ty.shape);
            return Err(vec![Fault::at("size_splits", message)]);
        }
        let of = |shape: PartialShape| TensorType::new(value.ty.dtype, shape);
        let Some(dims) = value.ty.shape.dims() else { return Ok(vec![of(PartialShape::unknown()); count]) };
        let Some(at) = place(cx)? else { return Ok(vec![of(PartialShape::of_dims(vec![None; dims.len()])); count]) };
        let Some(lengths) = splits.value.as_ref().and_then(Tensor::integers) else {
            return Ok(vec![of(axis::with(dims, at, None)); count]);
        };
        let lengths = known_lengths(&lengths, dims[at])?;
        Ok(lengths.into_iter().map(|length| of(axis::with(dims, at, length))).collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        moved_part(cx, cx.input_number(VALUE)?, place(cx)?.unwrap_or_default())
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        parts(cx, cx.tensor(VALUE)?, place(cx)?.unwrap_or_default())
    }
}

fn place(cx: &InferCx<'_>) -> Result<Option<usize>, Vec<Fault>> {
    let given = cx.input(AXIS)?;
    of_axis(&given.ty.shape, given.value.as_ref(), cx.shape(VALUE)?.rank())
}

/// The lengths of the parts of a dimension, that of the rest worked out where the whole is known.
fn known_lengths(given: &[i64], whole: Option<usize>) -> Result<Vec<Option<usize>>, Vec<Fault>> {
    let wrong = |message: String| vec![Fault::at("size_splits", message)];
    let mut lengths = Vec::with_capacity(given.len());
    for length in given {
        match (usize::try_from(*length), length) {
            (Ok(length), _) => lengths.push(Some(length)),
            (Err(_), -1) => lengths.push(None),
            _ => return Err(wrong(format!("{length} is no length"))),
        }
    }
    let open = lengths.iter().filter(|length| length.is_none()).count();
    let sum = lengths.iter().flatten().try_fold(0usize, |sum, length| sum.checked_add(*length));
    let sum = sum.ok_or_else(|| wrong("the lengths are too great".to_owned()))?;
    match (open, whole) {
        (2.., _) => Err(wrong("more than one length is -1".to_owned())),
        (0, Some(whole)) if sum != whole => {
            Err(wrong(format!("the parts are {sum} long together, but the dimension is {whole} long")))
        }
        (1, Some(whole)) if sum > whole => {
            Err(wrong(format!("the parts are {sum} long without the rest, but the dimension is {whole} long")))
        }
        (1, Some(whole)) => Ok(lengths.into_iter().map(|length| length.or(Some(whole - sum))).collect()),
        _ => Ok(lengths),
    }
}
