//! The worker thread: runs snapshots of a page, newest first, and reports block by block.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use node_core::check::{CheckedPage, Feeds, panic_text};
use node_core::{BlockId, PortRef};

use crate::engine::{Engine, available_threads};
use crate::inbox::Inbox;
use crate::plan::{Request, plan};
use crate::results::BlockResult;
use crate::run::{RunOptions, Session};

/// What the worker tells.
#[derive(Clone, Debug)]
pub enum Report {
    /// A block had its turn.
    Block {
        /// The run.
        revision: u64,
        /// The block.
        id: BlockId,
        /// What came of it.
        result: Box<BlockResult>,
    },
    /// The run is not over yet, and has been at work for a while.
    Progress {
        /// The run.
        revision: u64,
        /// The first of the blocks that are at work.
        block: BlockId,
        /// How many run together.
        blocks: usize,
        /// How much of their elements is done, from 0 to 1.
        done: f32,
    },
    /// The run is over.
    Finished {
        /// The run.
        revision: u64,
        /// How long it took.
        elapsed: Duration,
    },
    /// The run broke off by a mistake of the engine itself; the worker is ready for the next.
    BrokeOff {
        /// The run.
        revision: u64,
        /// What is known of it.
        why: String,
    },
}

/// How often progress is told.
const TELL: Duration = Duration::from_millis(50);

/// A run to be made.
#[derive(Clone)]
pub struct Job {
    /// The page.
    pub checked: Arc<CheckedPage>,
    /// The blocks whose tensors somebody looks at; of the others first elements and shares are told.
    pub looked_at: BTreeSet<BlockId>,
}

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
    /// Starts the worker. `wake` is called after every report, from the worker's thread.
    pub fn start(memory_limit: u64, wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Runner> {
        let inbox = Inbox::new();
        let (outbox, reports) = channel();
        let worker = Worker { inbox: inbox.clone(), outbox, memory_limit, wake };
        std::thread::Builder::new().name("nudge-runner".to_owned()).spawn(move || worker.work())?;
        Ok(Runner { inbox, reports })
    }

    /// Asks for a run, numbered `revision`; what runs now is cancelled.
    pub fn submit(&self, revision: u64, job: Job) {
        self.inbox.put(revision, Order::Run(job));
    }

    /// Has the worker let go of all that it keeps for the next run, and give the memory back; `revision` is a number that
    /// no run has. What runs now is cancelled.
    pub fn forget(&self, revision: u64) {
        self.inbox.put(revision, Order::Forget);
    }

    /// Stops the run numbered `revision`, if it is the one under way.
    pub fn cancel(&self, revision: u64) {
        self.inbox.cancel(revision);
    }

    /// What has been reported since the last call.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.reports.try_iter()
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
                    self.tell(Report::BrokeOff { revision, why: panic_text(&*panic) });
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
        let options =
            RunOptions { cancelled: &stale, progress: &progress, ..RunOptions::with_memory_limit(self.memory_limit) };
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
            && let Some(blocks) = changed_blocks(&last.job.checked, &job.checked)
            && (blocks.is_empty() || last.session.change(|plan| plan.renew(&job.checked, &blocks)))
        {
            return Prepared { job, session: last.session };
        }
        let outputs = |ids: &mut dyn Iterator<Item = &BlockId>| ids.map(|id| PortRef::new(id, "")).collect();
        let there = |id: &&BlockId| job.checked.blocks.contains_key(*id);
        let fetch = outputs(&mut job.looked_at.iter().filter(there));
        let preview = outputs(&mut job.checked.blocks.keys());
        let request = Request { fetch, preview, shares: true, ..Request::default() };
        let session = Session::new(plan(&job.checked, &request, &Feeds::new()));
        Prepared { job, session }
    }
}

/// The blocks that are not the same in two checks of which one has come from the other; `None` if more than their
/// attributes differs, or what follows from these.
fn changed_blocks(before: &CheckedPage, after: &CheckedPage) -> Option<Vec<BlockId>> {
    if !Arc::ptr_eq(&before.order, &after.order) || before.blocks.len() != after.blocks.len() {
        return None;
    }
    let mut changed = Vec::new();
    for ((was, a), (id, b)) in before.blocks.iter().zip(&after.blocks) {
        if Arc::ptr_eq(a, b) {
            continue;
        }
        let is_wired_alike = Arc::ptr_eq(&a.inputs, &b.inputs) && Arc::ptr_eq(&a.literals, &b.literals);
        if was != id || !is_wired_alike {
            return None;
        }
        changed.push(id.clone());
    }
    Some(changed)
}
