//! Blocks that say what a run is for.

mod client_session;
