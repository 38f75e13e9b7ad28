//! `StopGradient`: the same tensor, through which no gradient goes.
//!
//! No edge cases: it passes its input on without looking at an element.

use node_core::type_rule::Same;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, TensorType, register_block};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "The same tensor.");

register_block!(
    BlockSpec::new(
        "StopGradient",
        "Arrays",
        "The same tensor, through which no gradient goes.",
        "Passes its input on. What is computed backwards ends here: its input gets no gradient.",
    )
    .ports([INPUT.port(), OUTPUT.port()])
    .code(StopGradient)
);

struct StopGradient;

impl Block for StopGradient {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(INPUT)?.ty.clone()])
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![Kernel::Same(0)])
    }
}
