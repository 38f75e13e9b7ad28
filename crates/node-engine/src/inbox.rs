//! The worker's inbox: one job, the newest. A newer one takes the place of an older one, whether that has been begun or
//! not.

use crate::sync::{Arc, AtomicU64, Condvar, Mutex, MutexGuard, Ordering, PoisonError};

/// The number of no job.
const NONE: u64 = u64::MAX;

/// The inbox; clones are the same one.
pub struct Inbox<J>(Arc<Shared<J>>);

struct Shared<J> {
    state: Mutex<State<J>>,
    /// The number of the job that counts.
    newest: AtomicU64,
    changed: Condvar,
}

struct State<J> {
    job: Option<(u64, J)>,
    closed: bool,
}

impl<J> Clone for Inbox<J> {
    fn clone(&self) -> Self {
        Inbox(self.0.clone())
    }
}

impl<J> Default for Inbox<J> {
    fn default() -> Inbox<J> {
        Inbox::new()
    }
}

impl<J> Inbox<J> {
    /// An empty inbox.
    pub fn new() -> Inbox<J> {
        let state = State { job: None, closed: false };
        Inbox(Arc::new(Shared { state: Mutex::new(state), newest: AtomicU64::new(NONE), changed: Condvar::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job in; all before it count no more.
    pub fn put(&self, number: u64, job: J) {
        let mut state = self.lock();
        self.0.newest.store(number, Ordering::Release);
        state.job = Some((number, job));
        self.0.changed.notify_all();
    }

    /// A job counts no more, if it still did.
    pub fn cancel(&self, number: u64) {
        let mut state = self.lock();
        if self.0.newest.load(Ordering::Acquire) == number {
            self.0.newest.store(NONE, Ordering::Release);
            state.job = None;
        }
    }

    /// No job counts any more, and none will come.
    pub fn close(&self) {
        let mut state = self.lock();
        self.0.newest.store(NONE, Ordering::Release);
        (state.job, state.closed) = (None, true);
        self.0.changed.notify_all();
    }

    /// The next job, as soon as there is one; `None` when none will come.
    pub fn take(&self) -> Option<(u64, J)> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            match state.job.take() {
                Some(job) => return Some(job),
                None => state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Whether a job counts no more.
    pub fn is_stale(&self, number: u64) -> bool {
        self.0.newest.load(Ordering::Acquire) != number
    }
}
