//! `Square`: element-wise square.

use node_core::port::Real;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::{Arithmetic, for_real};

const X: In<Real> = In::new("x", "Any shape.");
const OUTPUT: Out<Real> = Out::new("output", "`x × x`; shape of `x`.").aliases(&["y"]);

static SPEC: BlockSpec = BlockSpec {
    name: "Square",
    category: "Math",
    summary: "x × x.",
    docs: "Element-wise square. Integers wrap.",
    role: Role::Operation,
    ports: &[SCOPE, X.port(), OUTPUT.port()],
    attrs: &[],
};

struct Square;
register_block!(Square);

impl Block for Square {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(for_real!(cx.dtype(X)?, T => Kernel::map(|x: T| x.times(x))))
    }
}
