//! The crew and the worker's inbox under a model checker: every way in which their threads can take turns, up to a number
//! of times that one is interrupted by another.
//!
//! Their sources are compiled here once more, against loom's mutexes and atomics instead of the standard library's.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unsafe_code, reason = "a test, and other code's sources")]

mod sync {
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    pub use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
    pub use loom::thread::{Builder, JoinHandle};
    pub use std::sync::PoisonError;

    /// Looking again and again is what the checker cannot do; it takes every turn anyway.
    pub const LOOKS: u32 = 1;
}

#[path = "../../src/exec/crew.rs"]
mod crew;
#[path = "../../src/inbox.rs"]
mod inbox;

use crew::Crew;
use inbox::Inbox;
use std::sync::atomic::{AtomicUsize, Ordering};
use sync::AtomicUsize as Counted;

/// Checks `run` in every order of turns with at most `interruptions`.
fn model(interruptions: usize, run: impl Fn() + Send + Sync + 'static) -> usize {
    static ORDERS: AtomicUsize = AtomicUsize::new(0);
    let before = ORDERS.load(Ordering::Relaxed);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(interruptions);
    builder.check(move || {
        ORDERS.fetch_add(1, Ordering::Relaxed);
        run();
    });
    ORDERS.load(Ordering::Relaxed) - before
}

// One test: loom's checks do not run beside one another, and panics that are meant are not printed.
#[test]
fn threads_in_every_order() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.payload_as_str().unwrap_or_default();
        if !text.contains("meant") {
            eprintln!("{info}");
        }
    }));
    for (what, orders) in [
        ("a job after another", model(3, a_job_after_another)),
        ("a job that panics", model(3, a_job_that_panics)),
        ("three threads", model(2, three_threads)),
        ("the newest job", model(3, the_newest_job_is_done)),
        ("a job that is cancelled", model(3, a_cancelled_job_counts_no_more)),
    ] {
        eprintln!("{what}: {orders} orders");
        assert!(orders > 10, "{what}: only {orders} orders");
    }
}

/// Every piece of every job is done once, by threads of the crew, and all are done when `run` is over.
fn jobs(crew: &mut Crew, pieces: usize) {
    let done: Vec<Counted> = (0..pieces).map(|_| Counted::new(0)).collect();
    let threads = crew.threads();
    let job = |thread: usize, piece: usize| {
        assert!(thread < threads);
        done[piece].fetch_add(1, Ordering::Relaxed);
    };
    crew.run(pieces, &job).unwrap();
    assert!(done.iter().all(|count| count.load(Ordering::Relaxed) == 1));
}

fn a_job_after_another() {
    let mut crew = Crew::new(2);
    jobs(&mut crew, 2);
    jobs(&mut crew, 3);
}

fn three_threads() {
    jobs(&mut Crew::new(3), 3);
}

/// A panic on any thread comes back to the caller, nobody waits for ever, and the next job is whole.
fn a_job_that_panics() {
    let mut crew = Crew::new(2);
    let panic = crew.run(2, &|_, piece| assert!(piece != 1, "meant")).unwrap_err();
    assert!(panic.downcast_ref::<&str>().is_some_and(|text| text.contains("meant")));
    jobs(&mut crew, 2);
}

/// Jobs are taken in the order of their numbers; the last is taken whatever happens before, and is not stale.
fn the_newest_job_is_done() {
    let inbox: Inbox<&'static str> = Inbox::new();
    let worker = {
        let inbox = inbox.clone();
        loom::thread::spawn(move || {
            let mut taken = Vec::new();
            while let Some((number, job)) = inbox.take() {
                taken.push((number, job));
                if number == 2 {
                    assert!(!inbox.is_stale(2), "nothing is newer");
                    inbox.close();
                }
            }
            taken
        })
    };
    inbox.put(1, "first");
    inbox.put(2, "second");
    assert!(inbox.is_stale(1));
    let taken = worker.join().unwrap();
    assert!(matches!(taken.as_slice(), [(2, "second")] | [(1, "first"), (2, "second")]), "{taken:?}");
}

/// Cancelling stops the job that it names, not another.
fn a_cancelled_job_counts_no_more() {
    let inbox: Inbox<()> = Inbox::new();
    let worker = {
        let inbox = inbox.clone();
        loom::thread::spawn(move || {
            let mut taken = Vec::new();
            while let Some((number, ())) = inbox.take() {
                taken.push(number);
            }
            taken
        })
    };
    inbox.put(1, ());
    inbox.cancel(7);
    assert!(!inbox.is_stale(1), "another is cancelled");
    inbox.cancel(1);
    assert!(inbox.is_stale(1));
    inbox.close();
    let taken = worker.join().unwrap();
    assert!(taken.is_empty() || taken == [1], "{taken:?}");
}
