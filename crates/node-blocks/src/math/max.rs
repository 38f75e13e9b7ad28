//! `Max`: the greatest element over axes.

use node_core::port::Real;
use node_core::{ATTRS, Block, BlockSpec, Fault, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::for_real;
use super::reduce::{AXIS, INPUT, KEEP_DIMS, axes, infer};

const OUTPUT: Out<Real> = Out::new("output", "The greatest elements; the shape of `input` without the reduced axes.");

static SPEC: BlockSpec = BlockSpec {
    name: "Max",
    category: "Math",
    summary: "Greatest element over axes.",
    docs: "The greatest element over the axes in `axis`, or over all when it is left unconnected. NaN wins over \
           every number; the greatest of no elements is the least value of the type (-infinity for floats).",
    role: Role::Operation,
    ports: &[SCOPE, INPUT.port(), AXIS.port(), ATTRS, OUTPUT.port()],
    attrs: &[KEEP_DIMS.spec()],
};

struct Max;
register_block!(Max);

impl Block for Max {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let axes = axes(cx)?;
        Ok(for_real!(cx.dtype(INPUT)?, T => Kernel::elements::<T>().max::<T>(&axes)))
    }
}
