//! `Shape`: the shape of a tensor.
//!
//! No edge cases: it looks at no element.

use node_core::type_rule::{Index, Same};
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType,
    WhyCx, register_block,
};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Index> = Out::new("output", "The lengths of its dimensions; a vector.").of("out_type");

/// The type of what is told of a shape.
pub const OUT_TYPE: AttrKey<DType> = AttrKey::one_of_dtypes(
    "out_type",
    &[DType::Int32, DType::Int64],
    Some(DType::Int32),
    "The data type of the result.",
);

register_block!(
    BlockSpec::new(
        "Shape",
        "Arrays",
        "The shape of a tensor.",
        "The lengths of a tensor's dimensions. Known before a run wherever the shape is: blocks that need a shape \
         (Reshape, Fill) can be wired to what is computed from it.",
    )
    .ports([INPUT.port()])
    .attrs([OUT_TYPE.spec()])
    .ports([OUTPUT.port()])
    .code(ShapeOf)
);

struct ShapeOf;

impl Block for ShapeOf {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![told_type(cx.attr(OUT_TYPE)?, cx.shape(INPUT)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let shape = cx.operand_type(cx.input_number(INPUT)?, 0)?.shape;
        Ok(Reason::of_itself(format!("the length of dimension {} of input's shape {shape}", cx.flat())))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let shape = cx.shape(INPUT)?.known().unwrap_or_default();
        Ok(vec![told(&shape, cx.attr(OUT_TYPE)?).map_err(|message| vec![Fault::at("input", message)])?])
    }

    fn follows_from_types(&self) -> bool {
        true
    }
}

/// The type of a shape that is told.
pub fn told_type(dtype: DType, shape: &PartialShape) -> TensorType {
    TensorType::new(dtype, PartialShape::of_dims(vec![shape.rank()]))
}

/// A shape as a vector of this type, or why it cannot be.
pub fn told(shape: &Shape, dtype: DType) -> Result<Tensor, String> {
    let dims = shape.dims();
    if dtype == DType::Int64 {
        return Ok(Tensor::vector(dims.iter().map(|dim| *dim as i64).collect()));
    }
    let small =
        |dim: &usize| i32::try_from(*dim).map_err(|_| format!("a dimension is {dim} long, beyond int32; set out_type"));
    dims.iter().map(small).collect::<Result<_, _>>().map(Tensor::vector)
}
