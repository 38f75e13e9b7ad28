//! `DepthwiseConv2dNative`: filters moved over each channel of pictures.
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

const INPUT: In<Real> = In::new("input", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const FILTER: In<Real> = In::new("filter", "Filters; shape [height, width, channels, multiplier].").among(KINDS);
const OUTPUT: Out<Real> =
    Out::new("output", "[batch, windows down, windows to the right, channels × multiplier].").among(KINDS);

register_block!(
    BlockSpec::new(
        "DepthwiseConv2dNative",
        "Neural networks",
        "Filters moved over each channel of pictures.",
        "Moves filters over pictures. Each channel has filters of its own: output channel `c × multiplier + m` is \
         channel c of the window times filter m of it, summed. Summed in the data type, row by row of the window; \
         TensorFlow agrees to about 1e-5. Narrow floats are summed as float32.",
    )
    .ports([INPUT.port(), FILTER.port()])
    .attrs([STRIDES.spec(), PADDING.spec(), EXPLICIT_PADDINGS.spec(), DATA_FORMAT.spec(), DILATIONS.spec()])
    .ports([OUTPUT.port()])
    .gradients(["DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter"])
    .aliases(["DepthwiseConv2D"])
    .code(DepthwiseConv2dNative)
);

struct DepthwiseConv2dNative;

impl Block for DepthwiseConv2dNative {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (pictures, filters) = (given::dims(cx, INPUT, 4)?, given::dims(cx, FILTER, 4)?);
        let results = sizes::depthwise(cx, pictures, filters, ("input", "filter"))?;
        Ok(vec![TensorType::new(cx.dtype(INPUT)?, windows::pictures(results, "input")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::depthwise(cx, INPUT, FILTER)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (pictures, filters) = (cx.tensor(INPUT)?, cx.tensor(FILTER)?);
        let (sizes, ty) = (sizes::known_depthwise(cx, pictures.shape(), filters.shape())?, &cx.outputs()[0]);
        let (pictures, filters) = (products::widened(cx, pictures)?, products::widened(cx, filters)?);
        let made = for_factor!(ty.dtype, T => {
            let (pictures, filters) = (pictures.slice::<T>().unwrap_or_default(), filters.slice::<T>().unwrap_or_default());
            depthwise::forward(cx, &sizes, pictures, filters, &ty.shape)
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
