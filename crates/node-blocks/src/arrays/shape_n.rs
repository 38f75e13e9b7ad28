//! `ShapeN`: the shapes of tensors.
//!
//! No edge cases: it looks at no element.

use node_core::type_rule::{Index, Same};
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, name, register_block,
};

use super::shape::{OUT_TYPE, told, told_type};

const INPUT: In<Same> = In::new("input", "One tensor or more, of one type.").list(Some("N"));
const OUTPUT: Out<Index> =
    Out::new("output", "For each the lengths of its dimensions; a vector.").of("out_type").as_many_as("input");

register_block!(
    BlockSpec::new(
        "ShapeN",
        "Arrays",
        "The shapes of tensors.",
        "For each tensor of a list the lengths of its dimensions, in the order of their wires.",
    )
    .ports([INPUT.port()])
    .attrs([OUT_TYPE.spec()])
    .ports([OUTPUT.port()])
    .code(ShapeN)
);

struct ShapeN;

impl Block for ShapeN {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dtype = cx.attr(OUT_TYPE)?;
        Ok(cx.list(INPUT).iter().map(|input| told_type(dtype, &input.ty.shape)).collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let shape = cx.operand_type(cx.input_number(INPUT)?, cx.output())?.shape;
        let name = name::of_item("input", cx.output());
        Ok(Reason::of_itself(format!("the length of dimension {} of {name}'s shape {shape}", cx.flat())))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let dtype = cx.attr(OUT_TYPE)?;
        let one = |(item, input): (usize, &node_core::InputType)| {
            let shape = input.ty.shape.known().unwrap_or_default();
            told(&shape, dtype).map_err(|message| vec![Fault::at(name::of_item("input", item), message)])
        };
        cx.list(INPUT).iter().enumerate().map(one).collect()
    }

    fn follows_from_types(&self) -> bool {
        true
    }
}
