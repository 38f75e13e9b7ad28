//! What can be told of results.

pub mod picture;
mod shares;

pub use shares::Shares;
