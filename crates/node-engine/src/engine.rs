//! What runs share: threads, memory that is used again, results that are kept.

use crate::cache::Cache;
use crate::exec::axes::Frames;
use crate::exec::crew::Crew;
use crate::exec::pool::Pool;

/// What runs share.
pub struct Engine {
    /// The threads.
    pub(crate) crew: Crew,
    /// Their working memory for folds over some axes.
    pub(crate) frames: Frames,
    /// Memory that is used again.
    pub(crate) pool: Pool,
    /// Results that are kept; none if runs are not to use each other's.
    pub cache: Option<Cache>,
}

impl Engine {
    /// An engine of `threads`, which holds on to at most `idle` bytes of memory that no tensor uses.
    pub fn new(threads: usize, idle: u64) -> Engine {
        let crew = Crew::new(threads);
        let frames = Frames::for_threads(crew.threads());
        Engine { crew, frames, pool: Pool::new(idle), cache: None }
    }

    /// Who does pieces of work on the engine's threads; `false` where one panicked and others were left out.
    pub(crate) fn each(&mut self) -> impl FnMut(usize, &(dyn Fn(usize) + Sync)) -> bool {
        |pieces, work| self.crew.run(pieces, &|_, piece| work(piece)).is_ok()
    }

    /// The same engine, with results kept in at most `bytes`.
    pub fn with_cache(mut self, bytes: u64) -> Engine {
        self.cache = Some(Cache::new(bytes));
        self
    }
}

/// Threads that this machine can run at one time.
pub fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
