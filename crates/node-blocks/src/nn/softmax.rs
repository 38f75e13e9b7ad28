//! `Softmax`: shares that add up to 1.
//!
//! No edge cases: exponentials and sums have cases of their own; large logits are among the cases of ops.json.

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block};

use super::rows::{self, for_row};
use crate::{computed, products};

const LOGITS: In<Floating> = In::new("logits", "At least one dimension; rows lie along the last.");
const OUTPUT: Out<Floating> = Out::new("output", "The shares; shape of `logits`.").aliases(&["softmax"]);

register_block!(
    BlockSpec::new(
        "Softmax",
        "Neural networks",
        "Shares that add up to 1.",
        "`exp(x) / sum(exp(x))` along the last axis, computed from `x - max(x)`, so that no exponential overflows. \
         The exponentials are summed in double precision; TensorFlow agrees to about 5e-6.",
    )
    .ports([LOGITS.port(), OUTPUT.port()])
    .code(Softmax)
);

struct Softmax;

impl Block for Softmax {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(LOGITS)?.ty;
        if ty.shape.rank() == Some(0) {
            return Err(vec![Fault::at("logits", "is a scalar, which has no rows")]);
        }
        Ok(vec![ty.clone()])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(LOGITS)?;
        let width = cx.shape().dims().last().copied().unwrap_or(1);
        let own = cx.name_of(Origin { input, item: 0, flat: cx.flat() });
        let because = format!("exp({own} - max) / sum(exp(row - max)), over row {}", cx.flat() / width);
        Ok(computed::from(cx, because, rows::origins(cx, input, cx.flat() / width)?))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (logits, ty) = (products::widened(cx, cx.tensor(LOGITS)?)?, &cx.outputs()[0]);
        let width = ty.shape.dims().last().copied().unwrap_or(1);
        let made = for_row!(ty.dtype, T => {
            rows::each::<T>(cx, &logits, width, ty, |_, row, out| rows::softmax(row, out))
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
