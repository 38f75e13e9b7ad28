//! `AvgPoolGrad`: gradient of AvgPool.
//!
//! No edge cases: it adds and divides, as Mean does.

use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block};

use super::pooling::{self, Pools};
use super::rows::for_row;
use super::sizes;
use super::windows::{self, DATA_FORMAT, KSIZE, PADDING_OF_TWO, STRIDES};
use crate::{computed, given, products};

const ORIG_INPUT_SHAPE: In<i32> =
    In::new("orig_input_shape", "The shape of AvgPool's pictures; a vector of 4.").parameter();
const GRAD: In<Floating> = In::new("grad", "Gradients for AvgPool's output, of its shape.");
const OUTPUT: Out<Floating> = Out::new("output", "Gradients for the pictures; of the shape `orig_input_shape`.");

register_block!(
    BlockSpec::new(
        "AvgPoolGrad",
        "Neural networks",
        "Gradient of AvgPool.",
        "Each pixel gets the gradients of all windows that cover it, each divided by how many pixels that window \
         covers.",
    )
    .ports([ORIG_INPUT_SHAPE.port(), GRAD.port()])
    .attrs([KSIZE.spec(), STRIDES.spec(), PADDING_OF_TWO.spec(), DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .code(AvgPoolGrad)
);

struct AvgPoolGrad;

impl Block for AvgPoolGrad {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let dims = sizes::given(cx, ORIG_INPUT_SHAPE)?;
        given::dims(cx, GRAD, 4)?;
        let results = pooling::results(cx, dims.as_ref().map(|dims| &dims[..]), "orig_input_shape")?;
        let own = cx.shape(GRAD)?;
        if own.merge(&results).is_none() {
            return Err(vec![Fault::at("grad", format!("has shape {own}, but the windows give {results}"))]);
        }
        let shape = windows::pictures(dims.unwrap_or([None; 4]), "orig_input_shape")?;
        Ok(vec![TensorType::new(cx.dtype(GRAD)?, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (pools, input) = (Pools::of(cx, cx.shape())?, cx.input_number(GRAD)?);
        let (pixel, channel) = (cx.flat() / pools.channels, cx.flat() % pools.channels);
        let windows: Vec<usize> = pools.covering(pixel).collect();
        let from = windows.iter().map(|window| Origin { input, item: 0, flat: window * pools.channels + channel });
        let from: Vec<Origin> = from.collect();
        let terms: Vec<String> = windows
            .iter()
            .zip(&from)
            .take(cx.terms())
            .map(|(window, origin)| format!("{} / {}", cx.name_of(*origin), pools.count(*window)))
            .collect();
        let because = if terms.is_empty() { "0, as no window covers it".to_owned() } else { terms.join(" + ") };
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (grad, ty) = (products::widened(cx, cx.tensor(GRAD)?)?, &cx.outputs()[0]);
        let pools = Pools::of(cx, &ty.shape)?;
        let channels = pools.channels;
        let made = for_row!(ty.dtype, T => {
            let gradients = grad.slice::<T>().unwrap_or_default();
            cx.fill::<T>(&ty.shape, channels.saturating_mul(64), |first, out| {
                for (pixel, out) in (first / channels..).zip(out.chunks_mut(channels)) {
                    for window in pools.covering(pixel) {
                        let count = pools.count(window) as T;
                        let from = &gradients[window * channels..(window + 1) * channels];
                        out.iter_mut().zip(from).for_each(|(sum, gradient)| *sum += gradient / count);
                    }
                }
            })
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
