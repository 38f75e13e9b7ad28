//! `Size`: how many elements a tensor has.
//!
//! No edge cases: it looks at no element.

use node_core::type_rule::{Index, Same};
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx,
    register_block,
};

use super::shape::OUT_TYPE;

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Index> = Out::new("output", "The number of elements; a scalar.").of("out_type");

register_block!(
    BlockSpec::new(
        "Size",
        "Arrays",
        "How many elements a tensor has.",
        "The product of the lengths of a tensor's dimensions. Known before a run wherever the shape is."
    )
    .ports([INPUT.port()])
    .attrs([OUT_TYPE.spec()])
    .ports([OUTPUT.port()])
    .code(Size)
);

struct Size;

impl Block for Size {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.attr(OUT_TYPE)?, PartialShape::from(&Shape::scalar()))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let shape = cx.operand_type(cx.input_number(INPUT)?, 0)?.shape;
        Ok(Reason::of_itself(format!("the number of elements of input's shape {shape}")))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let shape = cx.shape(INPUT)?.known().unwrap_or_default();
        let elements = shape.elements();
        if cx.attr(OUT_TYPE)? == DType::Int64 {
            return Ok(vec![Tensor::scalar(elements as i64)]);
        }
        let large = |_| vec![Fault::at("input", format!("has {elements} elements, beyond int32; set out_type"))];
        Ok(vec![Tensor::scalar(i32::try_from(elements).map_err(large)?)])
    }

    fn follows_from_types(&self) -> bool {
        true
    }
}
