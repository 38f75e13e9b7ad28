//! TensorFlow's protocol buffers.

pub mod master;

#[allow(missing_docs, clippy::all, reason = "generated; see make/definitions.py")]
mod tensorflow;

pub use tensorflow::*;
