//! `PreventGradient`: the same tensor, of which no gradient may be asked.
//!
//! No edge cases: it passes its input on without looking at an element.

use std::sync::Arc;

use node_core::type_rule::Same;
use node_core::{AttrKey, Block, BlockSpec, Fault, In, InferCx, Kernel, Out, TensorType, register_block};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const MESSAGE: AttrKey<Arc<str>> = AttrKey::text("message", "", "What is said when a gradient is asked for.");
const OUTPUT: Out<Same> = Out::new("output", "The same tensor.");

register_block!(
    BlockSpec::new(
        "PreventGradient",
        "Arrays",
        "The same tensor, of which no gradient may be asked.",
        "Passes its input on. Asking for a gradient through it is refused, with `message`.",
    )
    .ports([INPUT.port()])
    .attrs([MESSAGE.spec()])
    .ports([OUTPUT.port()])
    .code(PreventGradient)
);

struct PreventGradient;

impl Block for PreventGradient {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(INPUT)?.ty.clone()])
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![Kernel::Same(0)])
    }
}
