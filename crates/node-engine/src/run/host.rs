//! What a run lends to a block that computes by itself: threads, memory within the limit, and whether to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, TryLockError};

use node_core::access::{Host, no_memory};
use node_core::check::panicked;
use node_core::number::bytes_text;
use node_core::{BlockId, Fault, KnownType, Tensor};

use crate::exec::crew::Crew;
use crate::exec::pool::Pool;
use crate::options::RunOptions;

/// What is lent to one block while it computes.
pub struct Lent<'r> {
    crew: Mutex<&'r mut Crew>,
    pool: &'r Pool,
    options: &'r RunOptions<'r>,
    block: &'r BlockId,
    /// The bytes that the run has taken before.
    live: u64,
    /// The bytes that the block has been given; what it drops before it ends still counts.
    asked: AtomicU64,
    stopped: AtomicBool,
}

impl<'r> Lent<'r> {
    /// To this block; the run takes `live` bytes already.
    pub fn new(
        (crew, pool): (&'r mut Crew, &'r Pool),
        options: &'r RunOptions<'r>,
        block: &'r BlockId,
        live: u64,
    ) -> Lent<'r> {
        let (asked, stopped) = (AtomicU64::new(0), AtomicBool::new(false));
        Lent { crew: Mutex::new(crew), pool, options, block, live, asked, stopped }
    }

    /// Counts memory for a tensor, if it is within the limit.
    fn count(&self, ty: &KnownType) -> Result<(), Vec<Fault>> {
        let bytes = ty.bytes();
        let limit = self.options.memory_limit;
        let needed = |asked: u64| self.live.saturating_add(asked).saturating_add(bytes);
        let fits = |asked: u64| (needed(asked) <= limit).then(|| asked.saturating_add(bytes));
        match self.asked.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => Ok(()),
            Err(asked) => Err(vec![Fault::block(format!(
                "computing it would take {}, but the memory limit is {}; make its inputs smaller or raise the limit",
                bytes_text(needed(asked)),
                bytes_text(limit)
            ))]),
        }
    }

    /// Whether the block was told to stop.
    pub fn was_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Host for Lent<'_> {
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) -> Result<(), Vec<Fault>> {
        let piece = |_: usize, piece: usize| {
            if !self.is_cancelled() {
                work(piece);
            }
        };
        let ended = match self.crew.try_lock() {
            Ok(mut crew) => crew.run(pieces, &piece),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().run(pieces, &piece),
            // A piece of work that is cut up itself: the crew is at it already.
            Err(TryLockError::WouldBlock) => {
                (0..pieces).for_each(|number| piece(0, number));
                Ok(())
            }
        };
        match ended {
            Err(panic) => Err(vec![panicked(&*panic)]),
            Ok(()) if self.was_stopped() => Err(vec![Fault::block("the run was stopped")]),
            Ok(()) => Ok(()),
        }
    }

    fn zeros(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        self.count(ty)?;
        Tensor::zeros(ty.dtype, &ty.shape).ok_or_else(|| vec![no_memory(ty)])
    }

    fn room(&self, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
        self.count(ty)?;
        // Strings are in no pool.
        let tensor = self.pool.tensor(ty).or_else(|| Tensor::zeros(ty.dtype, &ty.shape));
        tensor.ok_or_else(|| vec![no_memory(ty)])
    }

    fn progress(&self, done: usize, all: usize) {
        (self.options.progress)(self.block, 1, done, all);
    }

    fn is_cancelled(&self) -> bool {
        let is_cancelled = self.was_stopped() || (self.options.cancelled)();
        if is_cancelled {
            self.stopped.store(true, Ordering::Relaxed);
        }
        is_cancelled
    }
}
