//! `Unpack`: the parts of a tensor along an axis, which is left out.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

use super::copy;
use crate::axis;

const VALUE: In<Same> = In::new("value", "A tensor of one dimension or more; `num` long at `axis`.");
const NUM: AttrKey<i64> =
    AttrKey::int("num", 1, "How many parts there are: the length of the dimension.").required().range(0.0, MOST);
const AXIS: AttrKey<i64> = AttrKey::int("axis", 0, "The dimension; negative ones count from the end.");
const OUTPUT: Out<Same> = Out::new("output", "The parts, without the dimension.").as_attr("num");

/// The most outputs of a list.
const MOST: f64 = node_core::ports::MOST as f64;

register_block!(
    BlockSpec::new(
        "Unpack",
        "Arrays",
        "The parts of a tensor along an axis.",
        "Takes a tensor apart along `axis`: part number i is what stands at i there, without the dimension. \
         TensorFlow's `tf.unstack`.",
    )
    .ports([VALUE.port()])
    .attrs([NUM.spec(), AXIS.spec()])
    .ports([OUTPUT.port()])
    .aliases(["Unstack"])
    .code(Unpack)
);

struct Unpack;

impl Block for Unpack {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (value, count) = (cx.input(VALUE)?, cx.output_count());
        let part = match value.ty.shape.dims() {
            None => PartialShape::unknown(),
            Some([]) => return Err(vec![Fault::at("value", "is a scalar, which has no parts")]),
            Some(dims) => {
                let mut dims = dims.to_vec();
                let length = dims.remove(axis::of(cx.attr(AXIS)?, dims.len(), "attrs")?);
                if let Some(length) = length.filter(|length| *length != count) {
                    let most = node_core::ports::MOST;
                    let remedy = if length <= most {
                        format!("set num to {length}")
                    } else {
                        format!("at most {most} can be had")
                    };
                    let message = format!("num is {count}, but the dimension is {length} long; {remedy}");
                    return Err(vec![Fault::attrs(message)]);
                }
                PartialShape::of_dims(dims)
            }
        };
        Ok(vec![TensorType::new(value.ty.dtype, part); count])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(VALUE)?;
        let whole = cx.operand_type(input, 0)?.shape;
        let at = axis::of(cx.attr(AXIS)?, whole.rank(), "attrs")?;
        let run = whole.dims()[at + 1..].iter().product();
        let flat = copy::whole_of(&vec![run; whole.dims()[at]], cx.output(), cx.flat());
        Ok(cx.moved(Origin { input, item: 0, flat }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let value = cx.tensor(VALUE)?;
        let dims = value.shape().dims();
        let at = axis::of(cx.attr(AXIS)?, dims.len(), "attrs")?;
        let run: usize = dims[at + 1..].iter().product();
        let part = |(number, ty): (usize, &node_core::KnownType)| {
            copy::part(cx, value, (run * dims[at], run * number, run), &ty.shape)
        };
        cx.outputs().iter().enumerate().map(part).collect()
    }
}
