//! Blocks where values come from.

mod attrs;
mod constant;
mod file;
mod placeholder;

pub use constant::Const;
