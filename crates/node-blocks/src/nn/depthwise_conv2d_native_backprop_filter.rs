//! `DepthwiseConv2dNativeBackpropFilter`: gradient of DepthwiseConv2dNative for the filters.
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
const FILTER_SIZES: In<i32> =
    In::new("filter_sizes", "The shape of the convolution's filters; a vector of 4.").parameter();

const INPUT: In<Real> = In::new("input", "The pictures; shape [batch, height, width, channels].").among(KINDS);
const OUT_BACKPROP: In<Real> =
    In::new("out_backprop", "Gradients for DepthwiseConv2dNative's output, of its shape.").among(KINDS);
const OUTPUT: Out<Real> = Out::new("output", "Gradients for the filters; of the shape `filter_sizes`.").among(KINDS);

register_block!(
    BlockSpec::new(
        "DepthwiseConv2dNativeBackpropFilter",
        "Neural networks",
        "Gradient of DepthwiseConv2dNative for the filters.",
        "Each place of a filter gets the gradients of all windows, times the pixels that lie there. Summed in the \
         data type, row by row of the window; TensorFlow agrees to about 1e-5. Narrow floats are summed as float32.",
    )
    .ports([INPUT.port(), FILTER_SIZES.port(), OUT_BACKPROP.port()])
    .attrs([STRIDES.spec(), PADDING.spec(), EXPLICIT_PADDINGS.spec(), DATA_FORMAT.spec(), DILATIONS.spec()])
    .ports([OUTPUT.port()])
    .code(DepthwiseConv2dNativeBackpropFilter)
);

struct DepthwiseConv2dNativeBackpropFilter;

impl Block for DepthwiseConv2dNativeBackpropFilter {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let pictures = given::dims(cx, INPUT, 4)?;
        given::dims(cx, OUT_BACKPROP, 4)?;
        let dims = sizes::given(cx, FILTER_SIZES)?;
        let results = sizes::depthwise(cx, pictures, dims.as_ref().map(|dims| &dims[..]), ("input", "filter_sizes"))?;
        sizes::fit(cx.shape(OUT_BACKPROP)?, results)?;
        Ok(vec![TensorType::new(cx.dtype(INPUT)?, windows::pictures(dims.unwrap_or([None; 4]), "filter_sizes")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::depthwise_to_filters(cx, INPUT, OUT_BACKPROP)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (pictures, gradients) = (cx.tensor(INPUT)?, cx.tensor(OUT_BACKPROP)?);
        let ty = &cx.outputs()[0];
        let sizes = sizes::known_depthwise(cx, pictures.shape(), &ty.shape)?;
        let (pictures, gradients) = (products::widened(cx, pictures)?, products::widened(cx, gradients)?);
        let made = for_factor!(ty.dtype, T => {
            let (pictures, gradients) = (pictures.slice::<T>().unwrap_or_default(), gradients.slice::<T>().unwrap_or_default());
            depthwise::to_filters(cx, &sizes, pictures, gradients, &ty.shape)
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
