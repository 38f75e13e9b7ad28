//! The worker thread: runs snapshots of a page, newest first, and reports block by block.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use node_core::check::panic_text;
use node_core::{BlockId, PortRef};

use crate::engine::{Engine, available_threads};
use crate::executor::{Executor, Job, Report, Start};
use crate::inbox::Inbox;
use crate::plan::{Request, plan};
use crate::renew::renew;
use crate::run::{RunOptions, Session};

/// How often progress is told.
const TELL: Duration = Duration::from_millis(50);

/// Runs pages on a thread of its own. A newer page cancels the run of an older one.
pub struct Runner {
    inbox: Inbox<Order>,
    reports: Receiver<Report>,
}

/// What the worker is told to do.
#[derive(Clone)]
enum Order {
    Run(Job),
    /// To let go of all that it has kept.
    Forget,
}

/// The most bytes of results that are kept for the next run.
const MOST_KEPT: u64 = 1 << 30;
/// The most bytes of memory that no tensor uses.
const MOST_IDLE: u64 = 256 << 20;

impl Runner {
    /// How an editor starts one, whose runs' tensors take at most so many bytes.
    pub fn starting(memory_limit: u64) -> Start {
        Box::new(move |wake| {
            let started = Runner::start(memory_limit, move || wake());
            started.map(|runner| Box::new(runner) as _).map_err(|e| format!("the worker thread cannot be started: {e}"))
        })
    }

    /// Starts the worker. `wake` is called after every report, from the worker's thread.
    pub fn start(memory_limit: u64, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Runner> {
        let inbox = Inbox::new();
        let (outbox, reports) = channel();
        let worker = Worker { inbox: inbox.clone(), outbox, memory_limit, wake };
        std::thread::Builder::new().name("nudge-runner".to_owned()).spawn(move || worker.work())?;
        Ok(Runner { inbox, reports })
    }
}

impl Executor for Runner {
    fn submit(&mut self, run: u64, job: Job) {
        self.inbox.put(run, Order::Run(job));
    }

    fn cancel(&mut self, run: u64) {
        self.inbox.cancel(run);
    }

    fn forget(&mut self, number: u64) {
        self.inbox.put(number, Order::Forget);
    }

    fn reports(&mut self) -> Vec<Report> {
        self.reports.try_iter().collect()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.inbox.close();
    }
}

struct Worker<W> {
    inbox: Inbox<Order>,
    outbox: Sender<Report>,
    memory_limit: u64,
    wake: W,
}

impl<W: Fn() + Sync> Worker<W> {
    fn work(self) {
        let mut engine = self.engine();
        let mut last: Option<Prepared> = None;
        while let Some((revision, order)) = self.inbox.take() {
            let before = last.take();
            let Order::Run(job) = order else {
                engine = self.engine();
                continue;
            };
            match catch_unwind(AssertUnwindSafe(|| self.run(&mut engine, before, revision, job))) {
                Ok(prepared) => last = Some(prepared),
                Err(panic) => {
                    // What it was at may be half done: nothing of it is used again.
                    engine = self.engine();
                    self.tell(Report::BrokeOff {
                        revision,
                        why: format!("a mistake of the program ({})", panic_text(&*panic)),
                    });
                }
            }
        }
    }

    fn engine(&self) -> Engine {
        let most = self.memory_limit / 4;
        Engine::new(available_threads(), most.min(MOST_IDLE)).with_cache(most.min(MOST_KEPT))
    }

    fn run(&self, engine: &mut Engine, last: Option<Prepared>, revision: u64, job: Job) -> Prepared {
        let started = Instant::now();
        let mut prepared = Prepared::renewed(last, job);
        let inbox = &self.inbox;
        let stale = || inbox.is_stale(revision);
        let told = AtomicU64::new(0);
        let (outbox, wake) = (&self.outbox, &self.wake);
        let progress = |block: &BlockId, blocks: usize, done: usize, all: usize| {
            let now = started.elapsed().as_millis() as u64;
            if now < told.load(Ordering::Relaxed) + TELL.as_millis() as u64 {
                return;
            }
            told.store(now, Ordering::Relaxed);
            let done = done as f32 / all.max(1) as f32;
            // Nobody listens any more once the editor is gone.
            let _ = outbox.send(Report::Progress { revision, block: block.clone(), blocks, done });
            wake();
        };
        let files = prepared.job.files.clone();
        let limited = RunOptions::with_memory_limit(self.memory_limit);
        let options = RunOptions { cancelled: &stale, progress: &progress, files: &*files, ..limited };
        let mut told = BTreeSet::new();
        prepared.session.run(engine, &options, &mut |session, step| {
            let id = session.plan().steps[step].id.clone();
            told.insert(id.clone());
            self.tell(Report::Block { revision, id, result: Box::new(session.result(step)) });
        });
        // The others did not have to run: their results were there.
        for (id, result) in prepared.session.results().blocks {
            if !told.contains(&id) {
                self.tell(Report::Block { revision, id, result: Box::new(result) });
            }
        }
        if !prepared.session.is_cancelled() {
            self.tell(Report::Finished { revision, elapsed: started.elapsed() });
        }
        prepared
    }

    fn tell(&self, report: Report) {
        // Nobody listens any more once the editor is gone.
        let _ = self.outbox.send(report);
        (self.wake)();
    }
}

/// A page and the session that runs it.
struct Prepared {
    job: Job,
    session: Session,
}

impl Prepared {
    /// The session of `last`, if the job is the same page with other attributes, looked at in the same way; else a new one.
    fn renewed(last: Option<Prepared>, job: Job) -> Prepared {
        if let Some(mut last) = last
            && last.job.looked_at == job.looked_at
            && renew(&mut last.session, &last.job.checked, &job.checked)
        {
            return Prepared { job, session: last.session };
        }
        let outputs = |ids: &mut dyn Iterator<Item = &BlockId>| ids.map(|id| PortRef::new(id, "")).collect();
        let there = |id: &&BlockId| job.checked.blocks.contains_key(*id);
        let fetch: Vec<PortRef> = outputs(&mut job.looked_at.iter().filter(there));
        let preview: Vec<PortRef> = outputs(&mut job.checked.blocks.keys());
        let (watch, health) = (fetch.clone(), preview.clone());
        let request = Request { fetch, watch, health, preview, shares: true };
        let session = Session::new(plan(&job.checked, &request));
        Prepared { job, session }
    }
}
