//! `Identity`: the same tensor.
//!
//! No edge cases: it passes its input on without looking at an element.

use node_core::port::Same;
use node_core::{Block, BlockSpec, Fault, In, InferCx, Kernel, Out, Role, SCOPE, TensorType, register_block};

const INPUT: In<Same> = In::new("input", "Any tensor.");
const OUTPUT: Out<Same> = Out::new("output", "The same tensor.");

static SPEC: BlockSpec = BlockSpec {
    name: "Identity",
    category: "Math",
    summary: "The same tensor.",
    docs: "Passes its input on. Useful as a name for a value, or as a joint in a wire.",
    role: Role::Operation,
    ports: &[SCOPE, INPUT.port(), OUTPUT.port()],
    attrs: &[],
};

struct Identity;
register_block!(Identity);

impl Block for Identity {
    fn spec(&self) -> &'static BlockSpec {
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(INPUT)?.ty.clone()])
    }

    fn kernels(&self, _: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(vec![Kernel::Same])
    }
}
