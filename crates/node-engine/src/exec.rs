//! Carrying out prepared work: threads, memory, walks.

pub mod axes;
mod bins;
pub mod crew;
pub mod frame;
mod pages;
mod place;
pub mod pool;
mod prefetch;
pub mod region;
pub mod room;
pub mod span;
pub mod watch;
