//! `Const`: a tensor typed on the page.

use node_core::port::Any;
use node_core::{
    ATTRS, AttrKey, Block, BlockSpec, DType, Fault, InferCx, Out, Role, RunCx, SCOPE, Tensor, TensorType,
    register_block,
};

const VALUE: AttrKey<Tensor> =
    AttrKey::tensor("value", "dtype", "a number, a nested list, or {\"dtype\", \"shape\", \"data\"}.").required();
const DTYPE: AttrKey<DType> =
    AttrKey::dtype("dtype", "The data type; float32 if not set (bool for booleans, string for texts).");
const OUTPUT: Out<Any> = Out::new("output", "The value.");

static SPEC: BlockSpec = BlockSpec {
    name: "Const",
    category: "Sources",
    summary: "A tensor typed here.",
    docs: "A constant. Its value is known before any run, so shapes that depend on it are too.",
    role: Role::Constant,
    ports: &[SCOPE, ATTRS, OUTPUT.port()],
    attrs: &[VALUE.spec(), DTYPE.spec()],
};

/// `Const`.
pub struct Const;
register_block!(Const);

impl Block for Const {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.attr(VALUE)?.tensor_type()])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(vec![cx.attr(VALUE)?])
    }
}
