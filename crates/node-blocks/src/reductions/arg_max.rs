//! `ArgMax`: where the greatest element is.
//!
//! No edge cases: it compares elements; what NaN is taken for stands in its documentation.

use node_core::type_rule::{Index, Numeric};
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::extreme::{self, Lane};
use crate::given;

const INPUT: In<Numeric> = In::new("input", "At least one dimension.");
const DIMENSION: In<Index> = In::new("dimension", "The axis to look along; a scalar.").parameter();
const OUTPUT_TYPE: AttrKey<DType> = AttrKey::one_of_dtypes(
    "output_type",
    &[DType::Int64, DType::Int32, DType::Int16, DType::UInt16],
    Some(DType::Int64),
    "The data type of the result.",
);
const OUTPUT: Out<Index> = Out::new("output", "The indices; the shape of `input` without the axis.")
    .of("output_type")
    .among(&[DType::Int64, DType::Int32, DType::Int16, DType::UInt16]);

register_block!(
    BlockSpec::new(
        "ArgMax",
        "Reductions",
        "Where the greatest element is.",
        "The index of the greatest element along an axis, of equals the first. NaN is passed over, as in \
         TensorFlow; where there is nothing else it is 0.",
    )
    .ports([INPUT.port(), DIMENSION.port()])
    .attrs([OUTPUT_TYPE.spec()])
    .ports([OUTPUT.port()])
    .code(ArgMax)
);

struct ArgMax;

impl Block for ArgMax {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        extreme::infer(cx, INPUT, DIMENSION, cx.attr(OUTPUT_TYPE)?)
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        extreme::why(cx, INPUT, DIMENSION, "greatest")
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let input = cx.tensor(INPUT)?;
        let lane = Lane::of(input.shape(), given::scalar(cx, DIMENSION)?)?;
        let found = for_operand!(input.dtype(), T => {
            lane.places(cx, input.slice::<T>().unwrap_or_default(), &cx.outputs()[0].shape, T::gt)
        }, else Err(vec![Fault::at("input", "must be of numbers")]))?;
        Ok(vec![extreme::as_type(cx, found, &cx.outputs()[0])?])
    }
}
