//! `Pack`: tensors of one shape along a new axis.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx, name,
    register_block,
};

use super::copy;
use crate::axis;

const VALUES: In<Same> = In::new("values", "One tensor or more, of one shape.").list(Some("N"));
const AXIS: AttrKey<i64> = AttrKey::int("axis", 0, "Where the new dimension stands; negative ones count from the end.");
const OUTPUT: Out<Same> = Out::new("output", "The tensors along a new dimension: N long, at `axis`.");

register_block!(
    BlockSpec::new(
        "Pack",
        "Arrays",
        "Tensors of one shape along a new axis.",
        "Puts the tensors of a list side by side along a new dimension, in the order of their wires. TensorFlow's \
         `tf.stack`.",
    )
    .ports([VALUES.port()])
    .attrs([AXIS.spec()])
    .ports([OUTPUT.port()])
    .aliases(["Stack"])
    .code(Pack)
);

struct Pack;

impl Block for Pack {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let values = cx.list(VALUES);
        let mut shape = PartialShape::unknown();
        for (item, value) in values.iter().enumerate() {
            shape = shape.merge(&value.ty.shape).ok_or_else(|| {
                let message = format!("shape {} differs from the others' shape {shape}", value.ty.shape);
                vec![Fault::at(name::of_item("values", item), message)]
            })?;
        }
        let dtype = values.first().map(|value| value.ty.dtype).ok_or_else(|| vec![Fault::at("values", "is empty")])?;
        let Some(dims) = shape.dims() else { return Ok(vec![TensorType::new(dtype, PartialShape::unknown())]) };
        let mut dims = dims.to_vec();
        let at = axis::of_new(cx.attr(AXIS)?, dims.len(), "attrs")?;
        dims.insert(at, Some(values.len()));
        Ok(vec![TensorType::new(dtype, PartialShape::of_dims(dims))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let at = axis::of(cx.attr(AXIS)?, cx.shape().rank(), "attrs")?;
        let run = cx.shape().dims()[at + 1..].iter().product();
        let (item, flat) = copy::part_of(&vec![run; cx.list(VALUES).len()], cx.flat());
        Ok(cx.moved(Origin { input: cx.input_number(VALUES)?, item, flat }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        let at = axis::of(cx.attr(AXIS)?, ty.shape.rank(), "attrs")?;
        let run = ty.shape.dims()[at + 1..].iter().product();
        let tensors = cx.list(VALUES).iter().filter_map(|value| value.value.as_ref());
        let parts: Vec<(&Tensor, usize)> = tensors.map(|tensor| (tensor, run)).collect();
        Ok(vec![copy::joined(cx, &parts, ty)?])
    }
}
