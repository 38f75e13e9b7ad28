//! `DepthwiseConv2dNativeBackpropInput`: gradient of DepthwiseConv2dNative for the pictures.
//!
//! No edge cases: it adds products, as MatMul does, and looks at no element.

use node_core::type_rule::Real;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::windows::{self, DATA_FORMAT, DILATIONS, EXPLICIT_PADDINGS, PADDING, STRIDES};
use super::{depthwise, reasons, sizes};
use crate::given;
use crate::products::{self, for_factor};

const KINDS: &[DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16];
const INPUT_SIZES: In<i32> =
    In::new("input_sizes", "The shape of the convolution's pictures; a vector of 4.").parameter();

const FILTER: In<Real> = In::new("filter", "The filters; shape [height, width, channels, multiplier].").among(KINDS);
const OUT_BACKPROP: In<Real> =
    In::new("out_backprop", "Gradients for DepthwiseConv2dNative's output, of its shape.").among(KINDS);
const OUTPUT: Out<Real> = Out::new("output", "Gradients for the pictures; of the shape `input_sizes`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "DepthwiseConv2dNativeBackpropInput",
        "Neural networks",
        "Gradient of DepthwiseConv2dNative for the pictures.",
        "Each pixel gets the gradients of all windows that cover it, times the filters there. Summed in the data \
         type, row by row of the window; TensorFlow agrees to about 1e-5. Narrow floats are summed as float32.",
    )
    .ports([INPUT_SIZES.port(), FILTER.port(), OUT_BACKPROP.port()])
    .attrs([STRIDES.spec(), PADDING.spec(), EXPLICIT_PADDINGS.spec(), DATA_FORMAT.spec(), DILATIONS.spec()])
    .ports([OUTPUT.port()])
    .code(DepthwiseConv2dNativeBackpropInput)
);

struct DepthwiseConv2dNativeBackpropInput;

impl Block for DepthwiseConv2dNativeBackpropInput {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (filters, gradients) = (given::dims(cx, FILTER, 4)?, given::dims(cx, OUT_BACKPROP, 4)?);
        let _ = gradients;
        let dims = sizes::given(cx, INPUT_SIZES)?;
        let results = sizes::depthwise(cx, dims.as_ref().map(|dims| &dims[..]), filters, ("input_sizes", "filter"))?;
        sizes::fit(cx.shape(OUT_BACKPROP)?, results)?;
        Ok(vec![TensorType::new(cx.dtype(FILTER)?, windows::pictures(dims.unwrap_or([None; 4]), "input_sizes")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::depthwise_to_pictures(cx, FILTER, OUT_BACKPROP)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (filters, gradients) = (cx.tensor(FILTER)?, cx.tensor(OUT_BACKPROP)?);
        let ty = &cx.outputs()[0];
        let sizes = sizes::known_depthwise(cx, &ty.shape, filters.shape())?;
        let (filters, gradients) = (products::widened(cx, filters)?, products::widened(cx, gradients)?);
        let made = for_factor!(ty.dtype, T => {
            let (filters, gradients) = (filters.slice::<T>().unwrap_or_default(), gradients.slice::<T>().unwrap_or_default());
            depthwise::to_pictures(cx, &sizes, filters, gradients, &ty.shape)
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
