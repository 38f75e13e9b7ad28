//! What can be told of results.

pub mod compare;
pub mod percentiles;
pub mod picture;
pub mod quantized;
mod shares;

pub use shares::Shares;
