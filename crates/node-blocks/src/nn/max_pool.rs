//! `MaxPool`: the greatest of each window.
//!
//! No edge cases: it compares elements, as Maximum does; what becomes of NaN stands in its documentation.

use node_core::kernel::simd;
use node_core::type_rule::Real;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::pooling::{self, Pools};
use super::windows::{DATA_FORMAT, EXPLICIT_PADDINGS, KSIZE, PADDING, STRIDES};
use crate::computed;
use crate::numbers::Lowest;

const KINDS: &[DType] = &[
    DType::Float32,
    DType::Float64,
    DType::Float16,
    DType::BFloat16,
    DType::Int8,
    DType::Int16,
    DType::Int32,
    DType::Int64,
    DType::UInt8,
    DType::UInt16,
];
const INPUT: In<Real> = In::new("input", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const OUTPUT: Out<Real> = Out::new("output", "[batch, windows down, windows to the right, channels].").among(KINDS);

register_block!(
    BlockSpec::new(
        "MaxPool",
        "Neural networks",
        "The greatest of each window.",
        "The greatest element of each window, for each channel. NaN is passed over, as in TensorFlow, unlike in Max, \
         and a window of nothing but NaN and -infinity gives the least finite number. Windows that reach \
         beyond the picture look at what is in it.",
    )
    .ports([INPUT.port()])
    .attrs([KSIZE.spec(), STRIDES.spec(), PADDING.spec(), EXPLICIT_PADDINGS.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .gradients(["MaxPoolGrad"])
    .code(MaxPool)
);

struct MaxPool;

impl Block for MaxPool {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(INPUT)?, pooling::shape(cx, INPUT)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUT)?;
        let origins = Pools::of(cx, &cx.operand_type(input, 0)?.shape)?.origins(cx, input);
        let told = cx.told(&origins)?;
        let count = told.len();
        let mut best: Option<usize> = None;
        for (nth, named) in told.iter().enumerate().filter(|(_, named)| !named.number().is_nan()) {
            if best.is_none_or(|best| named.number() > told[best].number()) {
                best = Some(nth);
            }
        }
        Ok(match best {
            Some(nth) => computed::from(cx, format!("{}, the greatest of {count}", told[nth].name), vec![origins[nth]]),
            None => Reason::of_itself("the least value there is, as the window holds no number"),
        })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (input, ty) = (cx.tensor(INPUT)?, &cx.outputs()[0]);
        let pools = Pools::of(cx, input.shape())?;
        let channels = pools.channels;
        for_operand!(ty.dtype, T => {
            let elements = input.slice::<T>().unwrap_or_default();
            Ok(vec![cx.fill::<T>(&ty.shape, channels.saturating_mul(64), |first, out| {
                for (window, out) in (first / channels..).zip(out.chunks_mut(channels)) {
                    out.fill(T::LOWEST);
                    for at in pools.covered(window) {
                        simd::join_each(out, &elements[at..at + channels], |v: T| v, greater);
                    }
                }
            })?])
        }, else Err(vec![Fault::at("input", "must be of numbers")]))
    }
}

/// The greater of two numbers; of what is none, the other.
fn greater<T: PartialOrd>(best: T, v: T) -> T {
    if v > best { v } else { best }
}
