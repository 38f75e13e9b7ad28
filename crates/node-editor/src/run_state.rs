//! What the worker has reported of a page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use node_core::BlockId;
use node_engine::{BlockResult, Report};

/// The newest results of a page.
#[derive(Default)]
pub struct RunState {
    /// By block; of an older revision until the worker gets there.
    pub results: BTreeMap<BlockId, BlockResult>,
    /// Which run these belong to.
    run: Option<u64>,
    /// Which blocks the run under way has reported.
    fresh: BTreeSet<BlockId>,
    /// How long the last whole run took.
    pub elapsed: Option<Duration>,
}

impl RunState {
    /// A run has been asked for; reports of others are stale.
    pub fn expect(&mut self, run: u64) {
        self.run = Some(run);
        self.elapsed = None;
        self.fresh.clear();
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.run.is_some() && self.elapsed.is_none()
    }

    /// Takes in a report, unless it is stale.
    pub fn take(&mut self, report: Report) {
        match report {
            Report::Block { revision, id, result } if self.run == Some(revision) => {
                self.fresh.insert(id.clone());
                self.results.insert(id, result);
            }
            Report::Finished { revision, elapsed } if self.run == Some(revision) => {
                let fresh = std::mem::take(&mut self.fresh);
                self.results.retain(|id, _| fresh.contains(id));
                self.elapsed = Some(elapsed);
            }
            _ => {}
        }
    }

    /// Forgets blocks that `keep` does not want any more.
    pub fn retain(&mut self, keep: impl Fn(&BlockId) -> bool) {
        self.results.retain(|id, _| keep(id));
    }
}
