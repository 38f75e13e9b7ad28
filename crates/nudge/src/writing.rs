//! Results that are being written beside the window: how far they are, and whether to stop.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use node_core::access::Host;
use node_engine::analysis::Stop;
use node_engine::executor::Wake;

/// What is over sooner is not told of.
const PATIENCE: Duration = Duration::from_millis(300);
/// It is told so often at most.
const TELL: Duration = Duration::from_millis(100);

/// A file that is being written.
pub struct Writing {
    /// Which.
    pub path: PathBuf,
    /// Called when there is something to show.
    pub wake: Wake,
    begun: Instant,
    /// Parts in a million.
    done: AtomicU32,
    told: AtomicU64,
    stop: Stop,
}

impl Writing {
    /// It begins.
    pub fn new(path: PathBuf, wake: Wake) -> Writing {
        let (done, told, stop) = Default::default();
        Writing { path, wake, begun: Instant::now(), done, told, stop }
    }

    /// Whether it takes long enough to be told of.
    pub fn has_lasted(&self) -> bool {
        self.begun.elapsed() > PATIENCE
    }

    /// How much is done, from 0 to 1.
    pub fn done(&self) -> f32 {
        self.done.load(Ordering::Relaxed) as f32 / 1e6
    }

    /// It is to stop.
    pub fn stop(&self) {
        self.stop.set();
    }
}

impl Writing {
    /// What says that it is to stop.
    pub fn stop_flag(&self) -> &Stop {
        &self.stop
    }
}

impl Host for Writing {
    fn progress(&self, done: usize, all: usize) {
        let parts = done as u128 * 1_000_000 / all.max(1) as u128;
        self.done.store(u32::try_from(parts).unwrap_or(u32::MAX), Ordering::Relaxed);
        let now = self.begun.elapsed().as_millis() as u64;
        if now >= self.told.load(Ordering::Relaxed) + TELL.as_millis() as u64 {
            self.told.store(now, Ordering::Relaxed);
            (self.wake)();
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stop.is_set()
    }
}
