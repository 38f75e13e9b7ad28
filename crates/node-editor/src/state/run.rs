//! What the worker has reported of a page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use node_core::{BlockId, Warning};
use node_engine::{BlockResult, Report};

/// The newest results of a page.
#[derive(Default)]
pub struct RunState {
    /// By block; of an older revision until the worker gets there.
    pub results: BTreeMap<BlockId, BlockResult>,
    /// What the data of the run say of quantizers, by block.
    pub(crate) findings: BTreeMap<BlockId, Vec<Warning>>,
    /// Counts up whenever results come, go or change.
    generation: u64,
    /// Which run these belong to.
    run: Option<u64>,
    /// Which blocks the run under way has reported.
    fresh: BTreeSet<BlockId>,
    /// How long the last whole run took.
    pub elapsed: Option<Duration>,
    /// What is at work, once a run has taken a while.
    pub progress: Option<Progress>,
    /// Whether the last run was stopped before its end.
    pub stopped: bool,
    /// Why the last run broke off, if it did.
    pub broke_off: Option<String>,
}

/// What is at work.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The first of the blocks.
    pub block: BlockId,
    /// How many run together.
    pub blocks: usize,
    /// How much of their elements is done, from 0 to 1.
    pub done: f32,
}

impl RunState {
    /// A run has been asked for; reports of others are stale.
    pub fn expect(&mut self, run: u64) {
        self.run = Some(run);
        self.elapsed = None;
        self.progress = None;
        self.stopped = false;
        self.broke_off = None;
        self.fresh.clear();
    }

    /// Counts up whenever results come, go or change.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The number of the run that these results belong to.
    pub fn number(&self) -> Option<u64> {
        self.run
    }

    /// The run under way is stopped. What it has not come to has no result any more: the old one may be wrong.
    pub fn stop(&mut self) {
        self.run = None;
        self.progress = None;
        self.stopped = true;
        let fresh = std::mem::take(&mut self.fresh);
        self.results.retain(|id, _| fresh.contains(id));
        self.generation += 1;
    }

    /// Another page's run takes the worker; what this one has given so far stays until it runs again.
    pub fn give_way(&mut self) {
        self.run = None;
        self.progress = None;
        self.fresh.clear();
    }

    /// Whether a run is under way.
    pub fn is_running(&self) -> bool {
        self.run.is_some() && self.elapsed.is_none()
    }

    /// Takes in a report, unless it is stale.
    pub fn take(&mut self, report: Report) {
        self.generation += 1;
        match report {
            Report::Block { revision, id, result } if self.run == Some(revision) => {
                self.fresh.insert(id.clone());
                self.results.insert(id, *result);
            }
            Report::Progress { revision, block, blocks, done } if self.run == Some(revision) => {
                self.progress = Some(Progress { block, blocks, done });
            }
            Report::Finished { revision, elapsed } if self.run == Some(revision) => {
                let fresh = std::mem::take(&mut self.fresh);
                self.results.retain(|id, _| fresh.contains(id));
                self.elapsed = Some(elapsed);
                self.progress = None;
            }
            Report::BrokeOff { revision, why } if self.run == Some(revision) => {
                self.stop();
                self.broke_off = Some(why);
            }
            _ => {}
        }
    }

    /// Blocks have gone, or have other ids now: results stay with their block and are nobody else's. What a run under
    /// way reports of blocks by their old ids is not listened to any more.
    pub fn follow(&mut self, gone: &[(BlockId, Option<BlockId>)]) {
        let mut moved = Vec::new();
        for (from, to) in gone {
            let result = self.results.remove(from);
            moved.extend(to.clone().zip(result));
        }
        self.results.extend(moved);
        self.generation += u64::from(!gone.is_empty());
        if !gone.is_empty() && self.is_running() {
            self.give_way();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_shown_until_the_run_is_over() {
        let block = BlockId::new("fq").unwrap();
        let progress = |revision| Report::Progress { revision, block: block.clone(), blocks: 3, done: 0.5 };
        let mut state = RunState::default();
        state.expect(7);
        state.take(progress(6));
        assert_eq!(state.progress, None, "that of an older run is stale");
        state.take(progress(7));
        assert_eq!(state.progress.as_ref().map(|p| (p.blocks, p.done)), Some((3, 0.5)));
        state.take(Report::Finished { revision: 7, elapsed: Duration::from_millis(1) });
        assert!(state.progress.is_none() && !state.is_running());
        state.expect(8);
        state.take(progress(8));
        let old = BlockResult::ended(node_engine::Outcome::Waiting(block.clone()));
        state.results.insert(block.clone(), old);
        state.stop();
        assert!(state.stopped && state.results.is_empty(), "what the run has not come to has no result");
        assert!(state.progress.is_none() && !state.is_running(), "a stopped run is not under way");
        state.take(progress(8));
        assert_eq!(state.progress, None);
    }
}
