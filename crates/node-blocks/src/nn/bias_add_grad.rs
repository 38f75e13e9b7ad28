//! `BiasAddGrad`: gradient of BiasAdd for the bias.
//!
//! No edge cases: it sums elements, as Sum does.

use std::sync::Arc;

use node_core::type_rule::Real;
use node_core::{AttrKey, Block, BlockSpec, Fault, In, InferCx, Kernel, Out, PartialShape, TensorType, register_block};

use super::channels;
use crate::numbers::{Summed, real_fold};

const OUT_BACKPROP: In<Real> = In::new("out_backprop", "Gradients for BiasAdd's output; at least two dimensions.");
const DATA_FORMAT: AttrKey<Arc<str>> =
    AttrKey::one_of("data_format", &["NHWC", "NCHW"], "Where the channels are: last, or second.");
const OUTPUT: Out<Real> = Out::new("output", "Gradients for the bias; a vector.");

register_block!(
    BlockSpec::new(
        "BiasAddGrad",
        "Neural networks",
        "Gradient of BiasAdd for the bias.",
        "The sum of the gradients of each channel. float32 is summed in double precision in a fixed order; \
         TensorFlow agrees to about 2e-6. Integers wrap.",
    )
    .ports([OUT_BACKPROP.port()])
    .attrs([DATA_FORMAT.spec()])
    .ports([OUTPUT.port()])
    .code(BiasAddGrad)
);

struct BiasAddGrad;

impl Block for BiasAddGrad {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let ty = &cx.input(OUT_BACKPROP)?.ty;
        let channels = match ty.shape.dims() {
            Some(dims) => dims[channels::axis(&cx.attr(DATA_FORMAT)?, dims.len(), "out_backprop")?],
            None => None,
        };
        Ok(vec![TensorType::new(ty.dtype, PartialShape::of_dims(vec![channels]))])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let (ty, format) = (&cx.input(OUT_BACKPROP)?.ty, cx.attr(DATA_FORMAT)?);
        let Some(rank) = ty.shape.rank() else { return Ok(Vec::new()) };
        let mut axes = vec![true; rank];
        axes[channels::axis(&format, rank, "out_backprop")?] = false;
        let kernel = real_fold!(|elements, axes| elements.sum(axes, |sum, _| T::total(sum)));
        Ok(kernel(ty.dtype, &axes).into_iter().collect())
    }
}
