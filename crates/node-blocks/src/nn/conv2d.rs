//! `Conv2D`: filters moved over pictures.
//!
//! No edge cases: it adds products, as MatMul does, and looks at no element.

use node_core::type_rule::Real;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::windows::{self, DATA_FORMAT, DILATIONS, EXPLICIT_PADDINGS, PADDING, STRIDES, USE_CUDNN};
use super::{convolution, reasons, sizes};
use crate::given;
use crate::products::{self, for_factor};

const KINDS: &[DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16, DType::Int32];

const INPUT: In<Real> = In::new("input", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const FILTER: In<Real> = In::new("filter", "Filters; shape [height, width, channels, filters].").among(KINDS);
const OUTPUT: Out<Real> = Out::new("output", "[batch, windows down, windows to the right, filters].").among(KINDS);

register_block!(
    BlockSpec::new(
        "Conv2D",
        "Neural networks",
        "Filters moved over pictures.",
        "Moves filters over pictures. Each output is the sum of the products of a window's pixels and a filter, \
         over all channels; where the filter has fewer channels than the pictures, in groups. Floats are summed \
         with fused multiply-add where the processor has it, in an order that depends on the sizes alone; \
         TensorFlow agrees to about 1e-5. Narrow floats are summed as float32.",
    )
    .ports([INPUT.port(), FILTER.port()])
    .attrs([
        STRIDES.spec(),
        PADDING.spec(),
        EXPLICIT_PADDINGS.spec(),
        DATA_FORMAT.spec(),
        DILATIONS.spec(),
        USE_CUDNN.spec()
    ])
    .ports([OUTPUT.port()])
    .gradients(["Conv2DBackpropInput", "Conv2DBackpropFilter"])
    .code(Conv2D)
);

struct Conv2D;

impl Block for Conv2D {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (pictures, filters) = (given::dims(cx, INPUT, 4)?, given::dims(cx, FILTER, 4)?);
        let results = sizes::results(cx, pictures, filters, ("input", "filter"))?;
        Ok(vec![TensorType::new(cx.dtype(INPUT)?, windows::pictures(results, "input")?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        reasons::forward(cx, INPUT, FILTER)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (pictures, filters) = (cx.tensor(INPUT)?, cx.tensor(FILTER)?);
        let (sizes, ty) = (sizes::known(cx, pictures.shape(), filters.shape())?, &cx.outputs()[0]);
        let (pictures, filters) = (products::widened(cx, pictures)?, products::widened(cx, filters)?);
        let made = for_factor!(ty.dtype, T => {
            let (pictures, filters) = (pictures.slice::<T>().unwrap_or_default(), filters.slice::<T>().unwrap_or_default());
            convolution::forward(cx, &sizes, pictures, filters, &ty.shape)
        })?;
        Ok(vec![products::narrowed(cx, made, ty.dtype)?])
    }
}
