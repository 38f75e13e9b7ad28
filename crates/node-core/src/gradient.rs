//! The backward pass, as blocks of the page: reverse-mode differentiation by a rule for each block type.
//!
//! A rule says which blocks make the gradients of a block's inputs from those of its outputs; the pass goes through the
//! page from what is differentiated back to what it is differentiated for. Values are `tf.gradients`'; the blocks need
//! not be TensorFlow's.

mod backward;
mod choices;
mod drawn;
mod step;

pub use backward::{Added, Asked, add_gradient};
pub use choices::{differentiable, wanted_of};
pub use step::{Flow, Put, Putting, Step};

use crate::dtype::DType;

/// How gradients come through blocks of a type.
#[derive(Clone, Copy)]
pub enum Gradient {
    /// None does, and this is why: what the block gives does not move with its input, or only in jumps.
    Stops(&'static str),
    /// By the blocks that this puts on the page.
    By(fn(&mut Step<'_, '_>) -> Result<(), String>),
}

/// The rule of a block type, as it is submitted (see [`register_gradient!`](crate::register_gradient)).
pub struct RegisteredGradient {
    /// The block type.
    pub of: &'static str,
    /// Its rule.
    pub rule: Gradient,
}

inventory::collect!(RegisteredGradient);

/// Registers the rules of block types, in any crate: `register_gradient!("Exp" => By(exp), "Floor" => Stops("…"));`.
#[macro_export]
macro_rules! register_gradient {
    ($($of:literal => $kind:ident($rule:expr)),* $(,)?) => {
        $($crate::inventory::submit! {
            $crate::gradient::RegisteredGradient { of: $of, rule: $crate::gradient::Gradient::$kind($rule) }
        })*
    };
}

/// Whether tensors of this type have gradients.
pub fn has_gradient(dtype: DType) -> bool {
    DType::FLOATING.contains(&dtype)
}
