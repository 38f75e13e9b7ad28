//! Checked page to plan to run, and analysis of results.
//!
//! This crate names no block: what a block is and does comes from the checked page. It knows no file and no screen.

pub mod against_float;
pub mod analysis;
pub mod cache;
mod demand;
pub mod engine;
mod exec;
pub mod executor;
pub mod fetch;
pub mod fingerprint;
pub mod inbox;
mod options;
pub mod plan;
mod prepare;
mod program;
mod progress;
mod renew;
pub mod results;
pub mod run;
pub mod runner;
pub mod stats;
pub mod steps;
pub mod studies;
pub mod sweep;
mod sync;

pub use engine::{Engine, available_threads};
pub use executor::{Executor, Job, Report};
pub use fetch::{default_fetch, needed_blocks, resolve_outputs};
pub use plan::{Plan, Request, plan};
pub use program::Largest;
pub use results::{BlockResult, Outcome, Preview, Results};
pub use run::{RunOptions, Session, run_once};
pub use runner::Runner;
pub use stats::{Histogram, Stats};
pub use studies::Studies;
