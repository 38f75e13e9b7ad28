//! `MaxPoolGrad`: gradient of MaxPool.
//!
//! No edge cases: it compares elements and adds gradients; of equals the first wins, which is tried.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    for_operand, register_block,
};

use super::pooling::{self, Pools};
use super::windows::{DATA_FORMAT, EXPLICIT_PADDINGS, KSIZE, PADDING, STRIDES};
use crate::numbers::Arithmetic;
use crate::{computed, given};

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
const ORIG_INPUT: In<Real> =
    In::new("orig_input", "The pictures that MaxPool got; shape [batch, height, width, channels].").among(KINDS);
const ORIG_OUTPUT: In<Real> = In::new("orig_output", "What MaxPool gave.").among(KINDS);
const GRAD: In<Real> = In::new("grad", "Gradients for MaxPool's output, of its shape.").among(KINDS);
const OUTPUT: Out<Real> = Out::new("output", "Gradients for the pictures; shape of `orig_input`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "MaxPoolGrad",
        "Neural networks",
        "Gradient of MaxPool.",
        "The gradient of each window goes to the pixel that was the greatest in it, of equals the first; what \
         comes to one pixel is added.",
    )
    .ports([ORIG_INPUT.port(), ORIG_OUTPUT.port(), GRAD.port()])
    .attrs([KSIZE.spec(), STRIDES.spec(), PADDING.spec(), EXPLICIT_PADDINGS.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .code(MaxPoolGrad)
);

struct MaxPoolGrad;

impl Block for MaxPoolGrad {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let results = pooling::shape(cx, ORIG_INPUT)?;
        for port in [ORIG_OUTPUT, GRAD] {
            let own = cx.shape(port)?;
            if own.merge(&results).is_none() {
                return Err(vec![Fault::at(port.name(), format!("has shape {own}, but the windows give {results}"))]);
            }
        }
        let known = given::dims(cx, ORIG_INPUT, 4)?
            .map_or_else(|| given::of_rank(Some(4)), |dims| PartialShape::of_dims(dims.to_vec()));
        Ok(vec![TensorType::new(cx.dtype(ORIG_INPUT)?, known)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let pools = Pools::of(cx, cx.shape())?;
        let pictures = cx.operand(cx.input_number(ORIG_INPUT)?, 0)?;
        let (pixel, channel) = (cx.flat() / pools.channels, cx.flat() % pools.channels);
        let input = cx.input_number(GRAD)?;
        let won = for_operand!(pictures.dtype(), T => {
            let elements = pictures.slice::<T>().unwrap_or_default();
            pools.covering(pixel).filter(|window| winner(&pools, elements, *window, channel) == Some(cx.flat())).collect()
        }, else Vec::new());
        let from =
            won.into_iter().map(|window| Origin { input, item: 0, flat: window * pools.channels + channel }).collect();
        computed::joined(cx, from, " + ", "0, as it is the greatest of no window")
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (pictures, grad, ty) = (cx.tensor(ORIG_INPUT)?, cx.tensor(GRAD)?, &cx.outputs()[0]);
        let pools = Pools::of(cx, &ty.shape)?;
        let channels = pools.channels;
        let picture = ty.shape.dims()[1..].iter().product::<usize>();
        let windows = pools.down.count * pools.right.count;
        for_operand!(ty.dtype, T => {
            let elements = pictures.slice::<T>().unwrap_or_default();
            let gradients = grad.slice::<T>().unwrap_or_default();
            Ok(vec![cx.fill::<T>(&ty.shape, picture, |first, out| {
                let begin = first / picture.max(1) * windows;
                for window in begin..begin + windows {
                    for channel in 0..channels {
                        if let Some(at) = winner(&pools, elements, window, channel) {
                            out[at - first] = out[at - first].plus(gradients[window * channels + channel]);
                        }
                    }
                }
            })?])
        }, else Err(vec![Fault::at("grad", "must be of numbers")]))
    }
}

/// The pixel's element that is the greatest of a window, of equals the first.
fn winner<T: PartialOrd + Copy>(pools: &Pools, elements: &[T], window: usize, channel: usize) -> Option<usize> {
    let places = pools.covered(window).map(|at| at + channel);
    places.reduce(|best, at| if elements[best] < elements[at] { at } else { best })
}
