//! `IdentityN`: the same tensors.
//!
//! No edge cases: it passes its inputs on without looking at an element.

use node_core::type_rule::Any;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, TensorType, register_block};

const INPUT: In<Any> = In::new("input", "Any tensors, each of its own type.").list(None);
const OUTPUT: Out<Any> = Out::new("output", "The same tensors.").as_many_as("input");

register_block!(
    BlockSpec::new(
        "IdentityN",
        "Arrays",
        "The same tensors.",
        "Passes a list of tensors on, in the order of their wires. Useful to name several values together.",
    )
    .ports([INPUT.port(), OUTPUT.port()])
    .code(IdentityN)
);

struct IdentityN;

impl Block for IdentityN {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(cx.list(INPUT).iter().map(|input| input.ty.clone()).collect())
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok((0..cx.list(INPUT).len()).map(Kernel::Same).collect())
    }
}
