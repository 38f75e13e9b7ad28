//! What threads meet by, in one place: a test replaces it by a model checker's and compiles `exec/crew.rs` and
//! `inbox.rs` against that (`tests/model`).

pub use std::hint::spin_loop;
pub use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
pub use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
pub use std::thread::{Builder, JoinHandle};

/// How many times a thread looks for something new before it goes to sleep: some tens of microseconds.
pub const LOOKS: u32 = 2_000;
