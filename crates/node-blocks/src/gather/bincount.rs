//! `Bincount`: how often each number occurs.
//!
//! No edge cases: it counts whole numbers, and refuses negative ones.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use crate::numbers::{Arithmetic, Castable, Exact};
use crate::{computed, division, given};

const KINDS: &[DType] = &[DType::Int32, DType::Int64, DType::Float32, DType::Float64];
const ARR: In<i32> = In::new("arr", "Numbers from 0 on; any shape.").parameter();
const SIZE: In<i32> = In::new("size", "How many to count; a scalar.").parameter();
const WEIGHTS: In<Real> =
    In::new("weights", "What each counts; shape of `arr`, or no elements where each counts 1.").among(KINDS);
const BINS: Out<Real> = Out::new("output", "The counts or sums; a vector of `size`.").among(KINDS).aliases(&["bins"]);

register_block!(
    BlockSpec::new(
        "Bincount",
        "Gather and scatter",
        "How often each number occurs.",
        "Element i is how often i is in `arr`, or the sum of the `weights` of those that are i. Numbers from \
         `size` on are left out; negative ones are refused.",
    )
    .ports([ARR.port(), SIZE.port(), WEIGHTS.port(), BINS.port()])
    .code(Bincount)
);

struct Bincount;

impl Block for Bincount {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let size = match given::scalar(cx, SIZE)? {
            Some(size) => Some(given::len(size, "size")?),
            None => None,
        };
        if let Some(arr) = cx.find_tensor(ARR)
            && let Some(at) = arr.integers().unwrap_or_default().iter().position(|number| *number < 0)
        {
            return Err(vec![Fault::at("arr", format!("element {} is negative", division::index(arr, at)))]);
        }
        let (arr, weights) = (cx.shape(ARR)?, cx.shape(WEIGHTS)?);
        let is_none = weights.known().is_some_and(|shape| shape.elements() == 0);
        if !is_none && arr.merge(weights).is_none() {
            let message = format!("has shape {weights}; it must have arr's shape {arr}, or no elements");
            return Err(vec![Fault::at("weights", message)]);
        }
        Ok(vec![TensorType::new(cx.dtype(WEIGHTS)?, given::shape(vec![size], "size")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let weights = cx.input_number(WEIGHTS)?;
        let has_weights = cx.operand_type(weights, 0)?.shape.elements() > 0;
        let input = if has_weights { weights } else { cx.input_number(ARR)? };
        let arr = cx.tensor(ARR)?.integers().unwrap_or_default();
        let found = arr.iter().enumerate().filter(|(_, number)| **number == cx.flat() as i64);
        let from: Vec<Origin> = found.map(|(flat, _)| Origin { input, item: 0, flat }).collect();
        if has_weights {
            return computed::sum(cx, from);
        }
        Ok(computed::from(cx, format!("how often {} is in arr", cx.flat()), from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (arr, weights, ty) = (cx.slice(ARR)?, cx.tensor(WEIGHTS)?, &cx.outputs()[0]);
        for_operand!(ty.dtype, T => {
            let weights = weights.slice::<T>().unwrap_or_default();
            let one = <T as Castable>::of(Exact::Whole(1));
            Ok(vec![cx.fill::<T>(&ty.shape, usize::MAX, |_, bins| {
                for (at, number) in arr.iter().enumerate() {
                    if let Some(bin) = bins.get_mut(*number as usize) {
                        *bin = bin.plus(weights.get(at).copied().unwrap_or(one));
                    }
                }
            })?])
        }, else Err(vec![Fault::at("weights", "must be of numbers")]))
    }
}
