//! Threads that work together on the pieces of one job, and sleep in between.
//!
//! Not rayon: handing it a job allocates, and a run of small tensors must not. One job at a time; the caller works too,
//! and does not return before all have finished, so that a job may borrow from it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How many times a helper looks for a new job before it goes to sleep: some tens of microseconds.
const LOOKS: u32 = 2_000;

type Work<'w> = dyn Fn(usize, usize) + Sync + 'w;

/// Threads that work together.
pub struct Crew {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Counts jobs up, so that helpers can look without a lock.
    generation: AtomicU64,
    /// The piece that is handed out next.
    next: AtomicUsize,
    wake: Condvar,
    done: Condvar,
}

#[derive(Default)]
struct State {
    job: Option<Job>,
    generation: u64,
    busy: usize,
    over: bool,
}

#[derive(Clone, Copy)]
struct Job {
    work: *const Work<'static>,
    pieces: usize,
}

#[expect(unsafe_code, reason = "a job is a reference that outlives its use, see `Crew::run`")]
// SAFETY: what it points to is `Sync`.
unsafe impl Send for Job {}

impl Crew {
    /// A crew of `threads`, the caller of [`run`](Crew::run) included. Fewer if the system gives no more.
    pub fn new(threads: usize) -> Crew {
        let shared = Arc::new(Shared::default());
        let helper = |number: usize| {
            let shared = shared.clone();
            let builder = std::thread::Builder::new().name(format!("nudge-{number}"));
            builder.spawn(move || shared.help(number)).ok()
        };
        let helpers = (1..threads).map_while(helper).collect();
        Crew { shared, helpers }
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `work(thread, piece)` for every piece below `pieces`, each once. `work` must not panic.
    pub fn run(&self, pieces: usize, work: &Work<'_>) {
        if pieces <= 1 || self.helpers.is_empty() {
            (0..pieces).for_each(|piece| work(0, piece));
            return;
        }
        let shared = &*self.shared;
        let work_ptr: *const Work<'_> = work;
        #[expect(unsafe_code, reason = "helpers need a job without a lifetime")]
        // SAFETY: only the lifetime changes. `Finish` takes the job away and waits until no helper uses it, before this
        // function is left in whichever way.
        let work_ptr = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work_ptr) };
        {
            let mut state = shared.lock();
            shared.next.store(0, Ordering::Relaxed);
            state.job = Some(Job { work: work_ptr, pieces });
            state.generation += 1;
            shared.generation.store(state.generation, Ordering::Release);
        }
        shared.wake.notify_all();
        let _finish = Finish(shared);
        shared.take_pieces(pieces, |piece| work(0, piece));
    }
}

/// Ends a job when it goes out of scope.
struct Finish<'s>(&'s Shared);

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.job = None;
        while state.busy > 0 {
            state = self.0.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_pieces(&self, pieces: usize, work: impl Fn(usize)) {
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return;
            }
            work(piece);
        }
    }

    fn help(&self, number: usize) {
        let mut seen = 0;
        loop {
            let mut looks = 0;
            while self.generation.load(Ordering::Acquire) == seen && looks < LOOKS {
                std::hint::spin_loop();
                looks += 1;
            }
            let mut state = self.lock();
            while state.generation == seen && !state.over {
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.over {
                return;
            }
            seen = state.generation;
            let Some(job) = state.job else { continue };
            state.busy += 1;
            drop(state);
            #[expect(unsafe_code, reason = "the job is a reference without a lifetime")]
            // SAFETY: `Crew::run` does not return while a helper is busy, and this one counts as busy.
            let work = unsafe { &*job.work };
            self.take_pieces(job.pieces, |piece| work(number, piece));
            let mut state = self.lock();
            state.busy -= 1;
            if state.busy == 0 {
                self.done.notify_all();
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.over = true;
            state.generation += 1;
            self.shared.generation.store(state.generation, Ordering::Release);
        }
        self.shared.wake.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper that panicked has nothing to tell here.
            let _ = helper.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_once() {
        for threads in [1, 2, 5] {
            let crew = Crew::new(threads);
            for pieces in [0, 1, 2, 7, 100, 1000] {
                let counts: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                crew.run(pieces, &|thread, piece| {
                    assert!(thread < threads);
                    counts[piece].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|c| c.load(Ordering::Relaxed) == 1), "{threads} threads, {pieces} pieces");
            }
        }
    }
}
