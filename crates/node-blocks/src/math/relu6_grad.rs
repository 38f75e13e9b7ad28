//! `Relu6Grad`: the gradient of `Relu6`.

use node_core::port::Real;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::{Arithmetic, for_real};

const GRADIENTS: In<Real> = In::new("gradients", "Gradients from downstream; any shape.");
const FEATURES: In<Real> =
    In::new("features", "The features passed to Relu6, or its output: both give the same; shape of `gradients`.");
const OUTPUT: Out<Real> = Out::new("output", "Gradients for `features`; shape of `gradients`.").aliases(&["backprops"]);

static SPEC: BlockSpec = BlockSpec {
    name: "Relu6Grad",
    category: "Math",
    summary: "Gradient of Relu6.",
    docs: "Passes a gradient where 0 < features < 6 and stops it elsewhere, at 0 and 6 and for NaN too. \
           The gradient is multiplied by 1 or 0: stopped, a negative one gives -0, and an infinite one or NaN \
           gives NaN.",
    role: Role::Operation,
    ports: &[SCOPE, GRADIENTS.port(), FEATURES.port(), OUTPUT.port()],
    attrs: &[],
};

struct Relu6Grad;
register_block!(Relu6Grad);

impl Block for Relu6Grad {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(cx.dtype(GRADIENTS)?, cx.same_shape(FEATURES, GRADIENTS)?)])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(for_real!(cx.dtype(GRADIENTS)?, T => {
            let (zero, one, six) = (0 as T, 1 as T, 6 as T);
            Kernel::zip(move |g: T, x: T| g.times(if x > zero && x < six { one } else { zero }))
        }))
    }
}
