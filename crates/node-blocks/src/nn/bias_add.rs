//! `BiasAdd`: A value for each channel added.
//!
//! No edge cases: it adds, as AddV2 does.

use std::sync::Arc;

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::channels;
use crate::numbers::{Arithmetic, real};
use crate::{computed, given};

const VALUE: In<Real> = In::new("value", "At least two dimensions.");
const BIAS: In<Real> = In::new("bias", "A number for each channel; a vector.");
const DATA_FORMAT: AttrKey<Arc<str>> =
    AttrKey::one_of("data_format", &["NHWC", "NCHW"], "Where the channels are: last, or second.");
const OUTPUT: Out<Real> = Out::new("output", "The sums; shape of `value`.");

register_block!(
    BlockSpec::new(
        "BiasAdd",
        "Neural networks",
        "A value for each channel added.",
        "Adds `bias[c]` to every element of channel c: the last axis, or the second with `NCHW`. Integers wrap.",
    )
    .ports([VALUE.port(), BIAS.port()])
    .attrs([DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .gradients(["BiasAddGrad"])
    .code(BiasAdd)
);

struct BiasAdd;

impl Block for BiasAdd {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(VALUE)?.ty;
        let biases = given::dims(cx, BIAS, 1)?.and_then(|dims| dims[0]);
        if let Some(dims) = ty.shape.dims() {
            let axis = channels::axis(&cx.attr(DATA_FORMAT)?, dims.len(), "value")?;
            if let (Some(channels), Some(biases)) = (dims[axis], biases)
                && channels != biases
            {
                return Err(vec![Fault::at(
                    "bias",
                    format!("has {biases} numbers, but value has {channels} channels"),
                )]);
            }
        }
        Ok(vec![ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        if &*cx.attr(DATA_FORMAT)? != "NHWC" {
            return Ok(Vec::new());
        }
        Ok((real!(|x, y| x.plus(y)))(cx.dtype(VALUE)?).into_iter().collect())
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let axis = channels::axis(&cx.attr(DATA_FORMAT)?, cx.shape().rank(), "value")?;
        let value = Origin { input: cx.input_number(VALUE)?, item: 0, flat: cx.flat() };
        let bias = Origin { input: cx.input_number(BIAS)?, item: 0, flat: cx.shape().position(cx.flat())[axis] };
        computed::sum(cx, vec![value, bias])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (value, bias, ty) = (cx.tensor(VALUE)?, cx.tensor(BIAS)?, &cx.outputs()[0]);
        let axis = channels::axis(&cx.attr(DATA_FORMAT)?, ty.shape.rank(), "value")?;
        let plane: usize = ty.shape.dims()[axis + 1..].iter().product();
        for_operand!(ty.dtype, T => {
            let (value, bias) = (value.slice::<T>().unwrap_or_default(), bias.slice::<T>().unwrap_or_default());
            let planes = ((1 << 14) / plane.max(1)).max(1);
            Ok(vec![cx.write::<T>(&ty.shape, planes * plane, |first, out| {
                let (numbers, values) = (first / plane.max(1).., value[first..].chunks(plane.max(1)));
                for ((number, out), value) in numbers.zip(out.chunks_mut(plane.max(1))).zip(values) {
                    let bias = bias[number % bias.len()];
                    out.iter_mut().zip(value).for_each(|(out, value)| *out = value.plus(bias));
                }
            })?])
        }, else Err(vec![Fault::at("value", "must be of numbers")]))
    }
}
