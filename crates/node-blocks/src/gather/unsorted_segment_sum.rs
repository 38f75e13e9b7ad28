//! `UnsortedSegmentSum`: sums of slices by number.
//!
//! No edge cases: it adds elements, as AddN does.

use node_core::type_rule::{Index, Real};
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::adding;
use crate::given;

const DATA: In<Real> = In::new("data", "Slices: its first axes are those of `segment_ids`.");
const SEGMENT_IDS: In<Index> =
    In::new("segment_ids", "To which segment each slice belongs; any shape that `data` begins with.")
        .of("Tindices")
        .among(&[DType::Int32, DType::Int64, DType::Int16])
        .parameter();
const NUM_SEGMENTS: In<Index> =
    In::new("num_segments", "How many segments there are; a scalar.").of("Tnumsegments").parameter();
const OUTPUT: Out<Real> = Out::new("output", "The sums: `num_segments` slices.");

register_block!(
    BlockSpec::new(
        "UnsortedSegmentSum",
        "Gather and scatter",
        "Sums of slices by number.",
        "Slice s of the output is the sum of the slices of `data` whose number in `segment_ids` is s; 0 where \
         there is none. Slices with a negative number are left out; one from `num_segments` on is refused.",
    )
    .ports([DATA.port(), SEGMENT_IDS.port(), NUM_SEGMENTS.port(), OUTPUT.port()])
    .aliases(["ScatterAdd"])
    .code(UnsortedSegmentSum)
);

struct UnsortedSegmentSum;

impl Block for UnsortedSegmentSum {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dtype = cx.dtype(DATA)?;
        let count = match given::scalar(cx, NUM_SEGMENTS)? {
            Some(count) => Some(given::len(count, "num_segments")?),
            None => None,
        };
        let ids = cx.find_tensor(SEGMENT_IDS).and_then(|ids| ids.integers());
        if let (Some(ids), Some(count)) = (&ids, count)
            && let Some(at) = ids.iter().position(|id| *id >= count as i64)
        {
            let message = format!("element {at} is {}, but num_segments is {count}", ids[at]);
            return Err(vec![Fault::at("segment_ids", message)]);
        }
        let (Some(data), Some(of_ids)) = (cx.shape(DATA)?.dims(), cx.shape(SEGMENT_IDS)?.dims()) else {
            return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]);
        };
        let begins =
            data.len() >= of_ids.len() && data.iter().zip(of_ids).all(|(a, b)| a.zip(*b).is_none_or(|(a, b)| a == b));
        if !begins {
            let (ids, data) = (cx.shape(SEGMENT_IDS)?, cx.shape(DATA)?);
            return Err(vec![Fault::at(
                "segment_ids",
                format!("has shape {ids}, with which data's shape {data} does not begin"),
            )]);
        }
        let dims = std::iter::once(count).chain(data[of_ids.len()..].iter().copied()).collect();
        Ok(vec![TensorType::new(dtype, given::shape(dims, "num_segments")?)])
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

fn places(cx: &InferCx<'_>, run: usize) -> Result<Vec<Option<usize>>, Vec<Fault>> {
    let ids = cx.tensor(SEGMENT_IDS)?.integers().unwrap_or_default();
    Ok(ids.iter().map(|id| usize::try_from(*id).ok().map(|id| id * run)).collect())
}
