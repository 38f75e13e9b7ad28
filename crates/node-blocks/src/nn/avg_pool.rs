//! `AvgPool`: the mean of each window.
//!
//! No edge cases: it adds and divides, as Mean does.

use node_core::kernel::simd;
use node_core::type_rule::Floating;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block};

use super::pooling::{self, Pools};
use super::rows::for_row;
use super::windows::{DATA_FORMAT, KSIZE, PADDING_OF_TWO, STRIDES};
use crate::{computed, products};

const VALUE: In<Floating> = In::new("value", "Pictures; shape [batch, height, width, channels].");
const OUTPUT: Out<Floating> = Out::new("output", "[batch, windows down, windows to the right, channels].");

register_block!(
    BlockSpec::new(
        "AvgPool",
        "Neural networks",
        "The mean of each window.",
        "The mean of the elements of each window, for each channel. Windows that reach beyond the picture take the \
         mean of what is in it.",
    )
    .ports([VALUE.port()])
    .attrs([KSIZE.spec(), STRIDES.spec(), PADDING_OF_TWO.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .gradients(["AvgPoolGrad"])
    .code(AvgPool)
);

struct AvgPool;

impl Block for AvgPool {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(VALUE)?, pooling::shape(cx, VALUE)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(VALUE)?;
        let origins = Pools::of(cx, &cx.operand_type(input, 0)?.shape)?.origins(cx, input);
        let count = origins.len();
        let mut reason = computed::sum(cx, origins)?;
        reason.because = format!("({}) / {count}", reason.because.replacen(" = ", &format!(") / {count} = ("), 1));
        Ok(reason)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (value, ty) = (products::widened(cx, cx.tensor(VALUE)?)?, &cx.outputs()[0]);
        let pools = Pools::of(cx, value.shape())?;
        let channels = pools.channels;
        let made = for_row!(ty.dtype, T => {
            let elements = value.slice::<T>().unwrap_or_default();
            cx.fill::<T>(&ty.shape, channels.saturating_mul(64), |first, out| {
                for (window, out) in (first / channels..).zip(out.chunks_mut(channels)) {
                    for at in pools.covered(window) {
                        simd::join_each(out, &elements[at..at + channels], |v: T| v, |a, b| a + b);
                    }
                    out.iter_mut().for_each(|sum| *sum /= pools.count(window) as T);
                }
            })
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
