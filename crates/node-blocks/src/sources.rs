//! Blocks where values come from.

mod attrs;
mod constant;
mod placeholder;

pub use constant::Const;
