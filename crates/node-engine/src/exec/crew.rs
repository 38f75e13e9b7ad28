//! Threads that work together on the pieces of one job, and sleep in between.
//!
//! Not rayon: handing it a job allocates, and a run of small tensors must not. One job at a time; the caller works too,
//! and does not return before all have finished, so that a job may borrow from it. A job that panics on any thread ends
//! early, and the caller gets the panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::sync::{
    Arc, AtomicU64, AtomicUsize, Builder, Condvar, JoinHandle, LOOKS, Mutex, MutexGuard, Ordering, PoisonError,
    spin_loop,
};

type Work<'w> = dyn Fn(usize, usize) + Sync + 'w;

/// What a job threw.
pub type Panic = Box<dyn Any + Send>;

/// Threads that work together.
pub struct Crew {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

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
    /// The first panic of the job.
    panic: Option<Panic>,
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
        let shared = Arc::new(Shared {
            state: Mutex::new(State::default()),
            generation: AtomicU64::new(0),
            next: AtomicUsize::new(0),
            wake: Condvar::new(),
            done: Condvar::new(),
        });
        let helper = |number: usize| {
            let shared = shared.clone();
            let builder = Builder::new().name(format!("nudge-{number}"));
            builder.spawn(move || shared.help(number)).ok()
        };
        let helpers = (1..threads).map_while(helper).collect();
        Crew { shared, helpers }
    }

    /// The number of threads.
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Calls `work(thread, piece)` for every piece below `pieces`, each once. If one panics, the pieces that nobody has
    /// begun are left out and the first panic comes back.
    pub fn run(&mut self, pieces: usize, work: &Work<'_>) -> Result<(), Panic> {
        if pieces <= 1 || self.helpers.is_empty() {
            return catch_unwind(AssertUnwindSafe(|| (0..pieces).for_each(|piece| work(0, piece))));
        }
        let shared = &*self.shared;
        let work_ptr: *const Work<'_> = work;
        #[expect(unsafe_code, reason = "helpers need a job without a lifetime")]
        // SAFETY: only the lifetime changes. `finish` takes the job away and waits until no helper uses it; nothing
        // before it can leave this function, since panics of the job are caught.
        let work_ptr = unsafe { std::mem::transmute::<*const Work<'_>, *const Work<'static>>(work_ptr) };
        {
            let mut state = shared.lock();
            shared.next.store(0, Ordering::Relaxed);
            state.job = Some(Job { work: work_ptr, pieces });
            state.generation += 1;
            shared.generation.store(state.generation, Ordering::Release);
        }
        shared.wake.notify_all();
        shared.take_pieces(pieces, |piece| work(0, piece));
        shared.finish()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does pieces until there are none. A panic ends the job for all.
    fn take_pieces(&self, pieces: usize, work: impl Fn(usize)) {
        let all = || {
            loop {
                let piece = self.next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    return;
                }
                work(piece);
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(all)) {
            self.next.fetch_max(pieces, Ordering::Relaxed);
            match &mut self.lock().panic {
                first @ None => *first = Some(panic),
                // Not dropped: what a job threw may throw again when it is.
                Some(_) => std::mem::forget(panic),
            }
        }
    }

    /// Takes the job away and waits for those who are at it.
    fn finish(&self) -> Result<(), Panic> {
        let mut state = self.lock();
        state.job = None;
        while state.busy > 0 {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.panic.take().map_or(Ok(()), Err)
    }

    fn help(&self, number: usize) {
        let mut seen = 0;
        loop {
            let mut looks = 0;
            while self.generation.load(Ordering::Acquire) == seen && looks < LOOKS {
                spin_loop();
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
            // A helper catches what a job throws; it has nothing to tell here.
            let _ = helper.join();
        }
    }
}
