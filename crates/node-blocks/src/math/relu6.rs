//! `Relu6`: min(max(features, 0), 6).

use node_core::port::Real;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::for_real;

const FEATURES: In<Real> = In::new("features", "Any shape.");
const OUTPUT: Out<Real> =
    Out::new("output", "`min(max(features, 0), 6)`; shape of `features`.").aliases(&["activations"]);

static SPEC: BlockSpec = BlockSpec {
    name: "Relu6",
    category: "Math",
    summary: "min(max(x, 0), 6).",
    docs: "Rectified linear with a ceiling of 6, made for activations that are to be quantized. \
           NaN stays NaN; -0 becomes 0.",
    role: Role::Operation,
    ports: &[SCOPE, FEATURES.port(), OUTPUT.port()],
    attrs: &[],
};

struct Relu6;
register_block!(Relu6);

impl Block for Relu6 {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(FEATURES)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(for_real!(cx.dtype(FEATURES)?, T => {
            let (zero, six) = (0 as T, 6 as T);
            Kernel::map(move |x: T| {
                let floored = if x <= zero { zero } else { x };
                if floored > six { six } else { floored }
            })
        }))
    }
}
