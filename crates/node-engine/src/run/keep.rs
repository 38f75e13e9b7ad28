//! What stays from one run to the next: memory, results under what produced them, and what was prepared.

use super::Session;
use crate::cache::Kept;
use crate::engine::Engine;
use crate::plan::{Provenance, ValueId};
use crate::progress::{Progress, Verdict};

impl Session {
    /// Forgets the last run, and finds out what this one has to do.
    pub(super) fn begin(&mut self, engine: &mut Engine, limit: u64) {
        if self.budget.begin(limit) {
            self.phases.clear();
        }
        let Progress { slots, stats, health, previews, .. } = &mut self.progress;
        let known = slots.iter_mut().zip(stats).zip(health).zip(previews).zip(&mut self.kept.made);
        for (value, ((((slot, stats), health), preview), made)) in self.plan.values.iter().zip(known) {
            match &value.origin {
                Provenance::Given(tensor) => {
                    if engine.cache.is_none() || *made != value.fingerprint {
                        (*made, *stats) = (None, None);
                        (*health, *preview) = (None, None);
                    }
                    if !slot.as_ref().is_some_and(|held| held.same_storage(tensor)) {
                        *slot = Some(tensor.clone());
                    }
                }
                Provenance::Output { .. } => {
                    let is_kept = engine.cache.is_some() && made.is_some() && *made == value.fingerprint;
                    if is_kept {
                        continue;
                    }
                    (*made, *stats) = (None, None);
                    (*health, *preview) = (None, None);
                    if let Some(mut tensor) = slot.take()
                        && tensor.can_be_written()
                    {
                        self.budget.lay_aside(tensor);
                    }
                }
            }
        }
        // What the last run made is nothing that this one has.
        self.progress.own.fill(false);
        self.drop_own_values();
        self.progress.failures.fill(0);
        self.progress.handed_on = false;
        // What was prepared around a block that failed may lack it.
        if self.progress.verdicts.iter().any(|v| matches!(v, Verdict::Failed(_) | Verdict::Waiting(_))) {
            self.phases.clear();
        }
        self.progress.verdicts.fill(Verdict::Open);
        let known = self.progress.shares.iter_mut().zip(&mut self.progress.remarks).zip(&mut self.kept.said);
        for (step, ((shares, remarks), said)) in self.plan.steps.iter().zip(known) {
            if step.outputs.clone().next().is_none_or(|first| self.kept.made[first].is_none()) {
                *shares = None;
            }
            // What is said of a step holds as long as what it is given does, whether its results are there or not.
            let now = step.outputs.clone().next().and_then(|first| self.plan.values[first].fingerprint);
            if now.is_none() || *said != now {
                (*remarks, *said) = (None, now);
            }
        }
        self.turn.begin();
        let (plan, made) = (&self.plan, &mut self.kept.made);
        self.next_demand.go_back(plan, &mut self.progress, |value, step, progress| {
            let (Some(cache), Some(key)) = (&mut engine.cache, plan.values[value].fingerprint) else { return };
            let Some(kept) = cache.get(key) else { return };
            if progress.slots[value].is_none() {
                progress.slots[value] = kept.tensor.clone();
            }
            progress.stats[value] = kept.stats.clone();
            progress.health[value] = kept.health;
            progress.previews[value] = kept.preview.clone();
            made[value] = Some(key);
            progress.remarks[step] = kept.remarks.clone();
            if value == plan.steps[step].outputs.start {
                progress.shares[step] = kept.shares;
            }
        });
        self.find_frontier(engine.cache.is_some());
        if self.next_demand != self.demand {
            // Room for the next run, too, so that it need not allocate.
            self.demand.clone_from(&self.next_demand);
            self.phases.clear();
        }
    }

    /// Finds the values that come out as before and go into steps that have changed since the last run.
    fn find_frontier(&mut self, keeps_results: bool) {
        self.next_demand.frontier.clear();
        if !keeps_results {
            return;
        }
        let changed = |value: &ValueId| self.kept.last[*value] != self.plan.values[*value].fingerprint;
        for step in self.next_demand.steps.iter().map(|step| &self.plan.steps[*step]) {
            if !step.outputs.clone().any(|value| self.kept.last[value].is_some() && changed(&value)) {
                continue;
            }
            let inputs = step.inputs.iter().flatten().filter(|value| !changed(value));
            let made = inputs.filter(|value| matches!(self.plan.values[**value].origin, Provenance::Output { .. }));
            self.next_demand.frontier.extend(made);
        }
        for (last, value) in self.kept.last.iter_mut().zip(&self.plan.values) {
            *last = value.fingerprint;
        }
    }

    /// Keeps what this run has made.
    pub(super) fn keep(&mut self, engine: &mut Engine) {
        let Some(cache) = &mut engine.cache else { return };
        let done = |step: &usize| matches!(self.progress.verdicts[*step], Verdict::Done);
        for step in (0..self.plan.steps.len()).filter(done) {
            for value in self.plan.steps[step].outputs.clone() {
                let Some(key) = self.plan.values[value].fingerprint else { continue };
                let is_made = matches!(self.plan.values[value].origin, Provenance::Output { .. });
                let tensor = self.progress.slots[value].clone().filter(|_| is_made);
                let is_first = value == self.plan.steps[step].outputs.start;
                let shares = self.progress.shares[step].filter(|_| is_first);
                let stats = self.progress.stats[value].clone();
                let health = self.progress.health[value];
                let remarks = self.progress.remarks[step].clone();
                let preview = self.progress.previews[value].clone();
                if tensor.is_some() || !is_made {
                    self.kept.made[value] = Some(key);
                }
                let is_known = stats.is_some() || health.is_some() || shares.is_some() || preview.is_some();
                if tensor.is_some() || is_known {
                    cache.put(key, Kept { tensor, stats, health, preview, shares, remarks });
                }
            }
        }
    }
}
