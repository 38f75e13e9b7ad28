//! How a run may go.

use node_core::BlockId;
use node_core::access::{Files, NO_FILES, Sink};

/// How a run may go. Its functions may be called from several threads.
pub struct RunOptions<'a> {
    /// The most bytes that tensors which a run makes may take at one time.
    pub memory_limit: u64,
    /// Asked again and again: whether to stop.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told how far the blocks have come that are at work: the first of them, how many they are, elements done, of all.
    pub progress: &'a (dyn Fn(&BlockId, usize, usize, usize) + Sync),
    /// A clock in nanoseconds, if each block's time is to be taken.
    pub clock: Option<&'a (dyn Fn() -> u64 + Sync)>,
    /// Who takes the value that the plan hands on.
    pub sink: Option<&'a dyn Sink>,
    /// The files that blocks may read.
    pub files: &'a dyn Files,
}

impl RunOptions<'_> {
    /// A run that is never cancelled and tells nobody.
    pub fn with_memory_limit(memory_limit: u64) -> RunOptions<'static> {
        RunOptions {
            memory_limit,
            cancelled: &|| false,
            progress: &|_, _, _, _| {},
            clock: None,
            sink: None,
            files: &NO_FILES,
        }
    }
}
