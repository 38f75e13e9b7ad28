//! `AssignSub`: a variable decreased.
//!
//! No edge cases: the difference is Sub's.

use node_core::type_rule::Real;
use node_core::{AttrKey, BlockSpec, In, Out, Role, register_block};

use super::updating::Updating;
use crate::numbers::{Arithmetic, real};

const REF: In<Real> = In::new("ref", "The Variable; any shape.");
const VALUE: In<Real> = In::new("value", "What is taken off; shape of `ref`.");
const USE_LOCKING: AttrKey<bool> =
    AttrKey::bool("use_locking", false, "Taken for TensorFlow's sake: updates never meet here.");

const OUTPUT: Out<Real> =
    Out::new("output", "What the variable is after the step; shape of `ref`.").aliases(&["output_ref"]);

register_block!(
    BlockSpec::new(
        "AssignSub",
        "Training",
        "A variable decreased.",
        "At the end of the step the variable is `ref - value`: other blocks see what it was before.",
    )
    .role(Role::Update)
    .ports([REF.port(), VALUE.port(), OUTPUT.port()])
    .attrs([USE_LOCKING.spec()])
    .code(Updating { scalars: &[], kernel: real!(|x, y| x.minus(y)), formula: "ref - value" })
);
