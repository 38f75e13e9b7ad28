//! `Rank`: how many dimensions a tensor has.
//!
//! No edge cases: it looks at no element.

use node_core::type_rule::Same;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx,
    register_block,
};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<i32> = Out::new("output", "The number of dimensions; a scalar.");

register_block!(
    BlockSpec::new(
        "Rank",
        "Arrays",
        "How many dimensions a tensor has.",
        "The number of a tensor's dimensions. Known before a run wherever the shape is."
    )
    .ports([INPUT.port(), OUTPUT.port()])
    .code(Rank)
);

struct Rank;

impl Block for Rank {
    fn infer(&self, _: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(DType::Int32, PartialShape::from(&Shape::scalar()))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let shape = cx.operand_type(cx.input_number(INPUT)?, 0)?.shape;
        Ok(Reason::of_itself(format!("the number of dimensions of input's shape {shape}")))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let shape = cx.shape(INPUT)?.known().unwrap_or_default();
        Ok(vec![Tensor::scalar(shape.rank() as i32)])
    }

    fn follows_from_types(&self) -> bool {
        true
    }
}
