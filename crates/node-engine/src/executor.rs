//! Who runs pages for an editor: the worker on this machine ([`Runner`](crate::Runner)), or another elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use node_core::BlockId;
use node_core::access::Files;
use node_core::check::CheckedPage;

use crate::results::BlockResult;

/// Runs pages, one at a time and the newest that is asked for, without being waited for. Runs have numbers that only grow;
/// what is told of one that counts no more is not listened to.
pub trait Executor {
    /// Asks for a run, numbered `run`; what runs now counts no more. Returns at once.
    fn submit(&mut self, run: u64, job: Job);

    /// Stops the run numbered `run`, if it is the one under way.
    fn cancel(&mut self, run: u64);

    /// Lets go of all that is kept for the next run; `number` is one that no run has. What runs now counts no more.
    fn forget(&mut self, number: u64);

    /// What there is to tell since the last call.
    fn reports(&mut self) -> Vec<Report>;
}

/// Called whenever there is something to tell, from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Starts an executor when it is first needed, and again after it was lost; or says why it cannot be, in words for people.
pub type Start = Box<dyn Fn(Wake) -> Result<Box<dyn Executor>, String>>;

/// A run to be made: the page, and what is wanted of it.
#[derive(Clone)]
pub struct Job {
    /// The page.
    pub checked: Arc<CheckedPage>,
    /// The blocks whose tensors somebody looks at; of the others type, first elements, health and shares are told.
    pub looked_at: BTreeSet<BlockId>,
    /// The files that its blocks may read.
    pub files: Arc<dyn Files>,
    /// The cluster that is to run it, as people write it; nothing for this machine.
    pub target: Option<Arc<str>>,
}

/// What an executor tells.
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
    /// The run broke off, by no fault of the page: a mistake of the engine, or a machine that does not answer. The
    /// executor is ready for the next.
    BrokeOff {
        /// The run.
        revision: u64,
        /// What is known of it.
        why: String,
    },
}

impl Report {
    /// The run that it is of.
    pub fn revision(&self) -> u64 {
        match self {
            Report::Block { revision, .. }
            | Report::Progress { revision, .. }
            | Report::Finished { revision, .. }
            | Report::BrokeOff { revision, .. } => *revision,
        }
    }
}
