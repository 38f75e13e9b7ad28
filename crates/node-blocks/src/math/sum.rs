//! `Sum`: the sum over axes.

use node_core::port::Real;
use node_core::{ATTRS, Block, BlockSpec, Fault, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::for_real;
use super::reduce::{AXIS, INPUT, KEEP_DIMS, axes, infer};

const OUTPUT: Out<Real> = Out::new("output", "The sums; the shape of `input` without the reduced axes.");

static SPEC: BlockSpec = BlockSpec {
    name: "Sum",
    category: "Math",
    summary: "Sum over axes.",
    docs: "The sum over the axes in `axis`, or over all when it is left unconnected. float32 is summed in double \
           precision in a fixed order, so the bits never depend on threads; TensorFlow agrees to about 1e-6. \
           The sum of no elements is 0. Integers wrap.",
    role: Role::Operation,
    ports: &[SCOPE, INPUT.port(), AXIS.port(), ATTRS, OUTPUT.port()],
    attrs: &[KEEP_DIMS.spec()],
};

struct Sum;
register_block!(Sum);

impl Block for Sum {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        let axes = axes(cx)?;
        Ok(for_real!(cx.dtype(INPUT)?, T => Kernel::elements::<T>().sum(&axes, |sum, _| sum as T)))
    }
}
