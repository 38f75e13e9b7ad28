//! `Assign`: a variable set.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{AttrKey, BlockSpec, In, Kernel, Out, Role, register_block};

use super::updating::Updating;

const REF: In<Same> = In::new("ref", "The Variable; any shape.");
const VALUE: In<Same> = In::new("value", "What it is to be; shape of `ref`.");
const USE_LOCKING: AttrKey<bool> =
    AttrKey::bool("use_locking", true, "Taken for TensorFlow's sake: updates never meet here.");
const VALIDATE_SHAPE: AttrKey<bool> =
    AttrKey::bool("validate_shape", true, "Taken for TensorFlow's sake: a variable keeps its shape here.");
const OUTPUT: Out<Same> =
    Out::new("output", "What the variable is after the step; shape of `ref`.").aliases(&["output_ref"]);

register_block!(
    BlockSpec::new(
        "Assign",
        "Training",
        "A variable set.",
        "At the end of the step the variable is `value`: other blocks see what it was before.",
    )
    .role(Role::Update)
    .ports([REF.port(), VALUE.port(), OUTPUT.port()])
    .attrs([VALIDATE_SHAPE.spec(), USE_LOCKING.spec()])
    .code(Updating { scalars: &[], kernel: |_| Some(Kernel::Same(1)), formula: "value" })
);
