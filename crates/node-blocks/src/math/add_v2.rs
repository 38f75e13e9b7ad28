//! `AddV2`: element-wise sum.

use node_core::port::Real;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

use super::real::{Arithmetic, broadcast, for_real};

const X: In<Real> = In::new("x", "The first operand; any shape.");
const Y: In<Real> = In::new("y", "The second operand; its shape broadcasts with `x`'s.");
const OUTPUT: Out<Real> = Out::new("output", "`x + y`; the shape to which `x` and `y` broadcast.").aliases(&["z"]);

static SPEC: BlockSpec = BlockSpec {
    name: "AddV2",
    category: "Math",
    summary: "x + y, broadcast.",
    docs: "Element-wise sum with NumPy's broadcasting. Integers wrap.",
    role: Role::Operation,
    ports: &[SCOPE, X.port(), Y.port(), OUTPUT.port()],
    attrs: &[],
};

struct AddV2;
register_block!(AddV2);

impl Block for AddV2 {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        broadcast(cx, X, Y)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(for_real!(cx.dtype(X)?, T => Kernel::zip(|x: T, y: T| x.plus(y))))
    }
}
