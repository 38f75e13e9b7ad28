//! `SegmentSum`: sums of slices that follow one another.
//!
//! No edge cases: it adds elements, as AddN does.

use node_core::type_rule::{Index, Real};
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::adding;
use crate::given;

const DATA: In<Real> = In::new("data", "Slices along the first axis.");
const SEGMENT_IDS: In<Index> =
    In::new("segment_ids", "To which segment each slice belongs, in order; a vector.").of("Tindices").parameter();
const OUTPUT: Out<Real> = Out::new("output", "The sums: as many as the last number says, and one.");

register_block!(
    BlockSpec::new(
        "SegmentSum",
        "Gather and scatter",
        "Sums of slices that follow one another.",
        "Slice s of the output is the sum of the slices of `data` whose number in `segment_ids` is s; 0 where \
         there is none. The numbers must not decrease.",
    )
    .ports([DATA.port(), SEGMENT_IDS.port(), OUTPUT.port()])
    .code(SegmentSum)
);

struct SegmentSum;

impl Block for SegmentSum {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (dtype, shape) = (cx.dtype(DATA)?, cx.shape(DATA)?);
        let ids = given::dims(cx, SEGMENT_IDS, 1)?;
        let Some(dims) = shape.dims() else { return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]) };
        let Some(first) = dims.first() else { return Err(vec![Fault::at("data", "is a scalar, which has no slices")]) };
        if let (Some(slices), Some([Some(ids)])) = (first, ids)
            && slices != ids
        {
            return Err(vec![Fault::at("segment_ids", format!("has {ids} numbers, but data {slices} slices"))]);
        }
        let mut dims = dims.to_vec();
        dims[0] = match given::vector(cx, SEGMENT_IDS)? {
            Some(ids) => Some(segments(&ids)?),
            None => None,
        };
        Ok(vec![TensorType::new(dtype, given::shape(dims, "segment_ids")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let run = cx.shape().dims()[1..].iter().product();
        adding::why(cx, cx.input_number(DATA)?, &places(cx, run)?, run)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let run = ty.shape.dims()[1..].iter().product();
        Ok(vec![adding::added(cx, cx.tensor(DATA)?, &places(cx, run)?, run, ty)?])
    }
}

fn segments(ids: &[i64]) -> Result<usize, Vec<Fault>> {
    if let Some(at) = ids.windows(2).position(|pair| pair[1] < pair[0]) {
        let message =
            format!("[{}] is {}, less than the one before; UnsortedSegmentSum takes any order", at + 1, ids[at + 1]);
        return Err(vec![Fault::at("segment_ids", message)]);
    }
    match (ids.first(), ids.last()) {
        (Some(first), _) if *first < 0 => {
            Err(vec![Fault::at("segment_ids", format!("[0] is {first}, but must be at least 0"))])
        }
        (_, Some(last)) => given::len(last.saturating_add(1), "segment_ids"),
        _ => Ok(0),
    }
}

fn places(cx: &InferCx<'_>, run: usize) -> Result<Vec<Option<usize>>, Vec<Fault>> {
    let ids = given::vector(cx, SEGMENT_IDS)?.unwrap_or_default();
    Ok(ids.iter().map(|id| usize::try_from(*id).ok().map(|id| id * run)).collect())
}
