//! Checked page to plan to run, and analysis of results.
//!
//! This crate names no block: what a block is and does comes from the checked page. It knows no file and no screen.

pub mod analysis;
pub mod fetch;
pub mod plan;
pub mod results;
pub mod run;
pub mod runner;

pub use fetch::{default_fetch, needed_blocks, resolve_output};
pub use plan::{Plan, plan};
pub use results::{BlockResult, Outcome, Results};
pub use run::{RunOptions, run};
pub use runner::{Report, Runner};
