//! The worker thread: runs snapshots of a page, newest first, and reports block by block.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use node_core::check::{CheckedPage, Feeds};
use node_core::{BlockId, PortRef};

use crate::engine::{Engine, available_threads};
use crate::plan::{Request, plan};
use crate::results::BlockResult;
use crate::run::{RunOptions, Session};

/// What the worker tells.
#[derive(Clone, Debug)]
pub enum Report {
    /// A block had its turn.
    Block {
        /// The revision of the page that was run.
        revision: u64,
        /// The block.
        id: BlockId,
        /// What came of it.
        result: BlockResult,
    },
    /// The run is over.
    Finished {
        /// The revision of the page that was run.
        revision: u64,
        /// How long it took.
        elapsed: Duration,
    },
}

struct Job {
    revision: u64,
    checked: Arc<CheckedPage>,
}

/// Runs pages on a thread of its own. A newer page cancels the run of an older one.
pub struct Runner {
    jobs: Sender<Job>,
    reports: Receiver<Report>,
    newest: Arc<AtomicU64>,
}

impl Runner {
    /// Starts the worker. `wake` is called after every report, from the worker's thread.
    pub fn start(memory_limit: u64, wake: impl Fn() + Send + 'static) -> std::io::Result<Runner> {
        let (jobs, inbox) = channel::<Job>();
        let (outbox, reports) = channel();
        let newest = Arc::new(AtomicU64::new(0));
        let worker = Worker { inbox, outbox, newest: newest.clone(), memory_limit, wake };
        std::thread::Builder::new().name("nudge-runner".to_owned()).spawn(move || worker.work())?;
        Ok(Runner { jobs, reports, newest })
    }

    /// Asks for a run of `checked`; what runs now is cancelled.
    pub fn submit(&self, revision: u64, checked: Arc<CheckedPage>) {
        self.newest.store(revision, Ordering::SeqCst);
        // The worker only ends with the runner, so somebody listens.
        let _ = self.jobs.send(Job { revision, checked });
    }

    /// Stops what runs now.
    pub fn cancel(&self) {
        self.newest.store(u64::MAX, Ordering::SeqCst);
    }

    /// What has been reported since the last call.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.reports.try_iter()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.cancel();
    }
}

struct Worker<W> {
    inbox: Receiver<Job>,
    outbox: Sender<Report>,
    newest: Arc<AtomicU64>,
    memory_limit: u64,
    wake: W,
}

impl<W: Fn()> Worker<W> {
    fn work(self) {
        let budget = self.memory_limit / 4;
        let mut engine = Engine::new(available_threads(), budget).with_cache(budget);
        while let Ok(job) = self.inbox.recv() {
            let job = self.inbox.try_iter().last().unwrap_or(job);
            self.run(&mut engine, &job);
        }
    }

    fn run(&self, engine: &mut Engine, job: &Job) {
        let started = Instant::now();
        let revision = job.revision;
        let request = Request { fetch: all_outputs(&job.checked), shares: true, ..Request::default() };
        let mut session = Session::new(plan(&job.checked, &request, &Feeds::new()));
        let newest = &*self.newest;
        let stale = || newest.load(Ordering::SeqCst) != revision;
        let options = RunOptions { cancelled: &stale, ..RunOptions::with_memory_limit(self.memory_limit) };
        let tell = |id: BlockId, result: BlockResult| self.tell(Report::Block { revision, id, result });
        session.run(engine, &options, &mut |_, _| {});
        for (id, result) in session.results().blocks {
            tell(id, result);
        }
        if !session.is_cancelled() {
            self.tell(Report::Finished { revision, elapsed: started.elapsed() });
        }
    }

    fn tell(&self, report: Report) {
        // Nobody listens any more once the editor is gone.
        let _ = self.outbox.send(report);
        (self.wake)();
    }
}

/// Every block's outputs, those of blocks without outputs included: the editor shows them all.
fn all_outputs(checked: &CheckedPage) -> Vec<PortRef> {
    checked.blocks.keys().map(|id| PortRef::new(id, "")).collect()
}
