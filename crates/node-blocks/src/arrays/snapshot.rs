//! `Snapshot`: the same tensor.
//!
//! No edge cases: it passes its input on without looking at an element.

use node_core::type_rule::Same;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, TensorType, register_block};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "The same tensor.");

register_block!(
    BlockSpec::new(
        "Snapshot",
        "Arrays",
        "The same tensor.",
        "Passes its input on. In TensorFlow it keeps what stands here from being changed in place; here nothing \
         ever is.",
    )
    .ports([INPUT.port(), OUTPUT.port()])
    .code(Snapshot)
);

struct Snapshot;

impl Block for Snapshot {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(INPUT)?.ty.clone()])
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![Kernel::Same(0)])
    }
}
