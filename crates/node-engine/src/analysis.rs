//! What can be told of results.

mod shares;

pub use shares::Shares;
