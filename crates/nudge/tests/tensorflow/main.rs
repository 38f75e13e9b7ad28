//! Pages on TensorFlow's own runtime: what Nudge writes, run by TensorFlow itself.
//!
//! `NUDGE_TENSORFLOW` names a Python that has TensorFlow (`.ci/tensorflow` makes one); without it these tests say what they
//! skip, unless `NUDGE_REQUIRE_TENSORFLOW` is set.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod cluster;
mod exports;
mod imports;
mod jobs;
mod pages;
mod round_trips;
mod workers;
