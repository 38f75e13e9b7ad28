//! `ApplyGradientDescent`: a variable moved against its gradient.
//!
//! No edge cases: product and difference are Mul's and Sub's.

use node_core::dtype::Narrow;
use node_core::type_rule::Real;
use node_core::{AttrKey, BlockSpec, DType, In, Kernel, Out, Role, half, register_block};

use super::updating::Updating;
use crate::numbers::{Arithmetic, narrowed, real};

const VAR: In<Real> = In::new("var", "The Variable; any shape.");
const ALPHA: In<Real> = In::new("alpha", "The learning rate; a scalar.");
const DELTA: In<Real> = In::new("delta", "The gradient; shape of `var`.");
const USE_LOCKING: AttrKey<bool> =
    AttrKey::bool("use_locking", false, "Taken for TensorFlow's sake: updates never meet here.");
const OUT: Out<Real> = Out::new("output", "What the variable is after the step; shape of `var`.").aliases(&["out"]);

register_block!(
    BlockSpec::new(
        "ApplyGradientDescent",
        "Training",
        "A variable moved against its gradient.",
        "At the end of the step the variable is `var - alpha delta`: other blocks see what it was before.",
    )
    .aliases(["SGD", "GradientDescentOptimizer"])
    .role(Role::Update)
    .ports([VAR.port(), ALPHA.port(), DELTA.port(), OUT.port()])
    .attrs([USE_LOCKING.spec()])
    .code(Updating { scalars: &["alpha"], kernel, formula: "var - delta * alpha" })
);

/// TensorFlow rounds the product too.
fn kernel(dtype: DType) -> Option<Kernel> {
    fn of<N: Narrow>(dtype: DType) -> Option<Kernel> {
        let moved = |var: f32, alpha: f32, delta: f32| var - N::nearest(delta * alpha).wide();
        narrowed(dtype, Kernel::zip3(moved))
    }
    match dtype {
        DType::Float16 => of::<half::f16>(dtype),
        DType::BFloat16 => of::<half::bf16>(dtype),
        _ => real!(|var, alpha, delta| var.minus(delta.times(alpha)))(dtype),
    }
}
