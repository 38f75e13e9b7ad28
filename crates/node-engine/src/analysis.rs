//! What can be told of results.

pub mod audit;
pub mod before_run;
pub mod compare;
pub mod curve;
pub mod distance;
pub mod distribution;
pub mod findings;
mod health;
pub mod numbers;
pub mod order;
pub mod percentiles;
pub mod picture;
pub mod plane;
pub mod quantized;
pub mod ranges;
pub mod reach;
pub mod selection;
mod shares;
pub mod slicing;
mod stop;
pub mod why;

pub use health::Health;
pub use shares::{Met, Reach, Shares, Side};
pub use stop::Stop;
