//! `Const`: a tensor typed on the page.

use node_core::type_rule::Same;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, InferCx, Out, Reason, Role, RunCx, Tensor, TensorType, WhyCx,
    register_block,
};

const VALUE: AttrKey<Tensor> =
    AttrKey::tensor("value", "dtype", "a number, a nested list, or {\"dtype\", \"shape\", \"data\"}.").required();
const DTYPE: AttrKey<DType> =
    AttrKey::dtype("dtype", "The data type; float32 if not set (bool for booleans, string for texts).");
const OUTPUT: Out<Same> = Out::new("output", "The value.").of("dtype");

register_block!(
    BlockSpec::new(
        "Const",
        "Sources",
        "A tensor typed here.",
        "A constant. Its value is known before any run, so shapes that depend on it are too.",
    )
    .role(Role::Constant)
    .attrs([VALUE.spec(), DTYPE.spec()])
    .ports([OUTPUT.port()])
    .code(Const)
);

/// `Const`.
pub struct Const;

impl Block for Const {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.attr(VALUE)?.tensor_type()])
    }

    fn why(&self, _: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(Reason::of_itself("as it is typed on the page"))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(vec![cx.attr(VALUE)?])
    }
}
