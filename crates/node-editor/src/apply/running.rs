//! Runs of pages: when they are asked for, and how they end.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::Context;
use node_engine::executor::{Start, Wake};
use node_engine::{Job, Report};

use crate::state::State;

impl State {
    /// Takes in what the worker has told since the last frame.
    pub(crate) fn take_reports(&mut self) {
        let Some(executor) = &mut self.runs.executor else { return };
        let clipped = self.appearance.warn_clipped / 100.0;
        let mut changed = BTreeSet::new();
        for report in executor.reports() {
            let to = self.tabs.iter_mut().enumerate().find(|(_, tab)| tab.run.number() == Some(report.revision()));
            if let Some((index, tab)) = to {
                tab.run.take(report);
                changed.insert(index);
            }
        }
        changed.into_iter().for_each(|index| self.tabs[index].find(clipped));
    }

    /// Sends the page to the worker if it is not the one that was sent last, or if more of it is looked at.
    pub(crate) fn run_if_needed(&mut self, ctx: &Context) {
        let tab = self.tab();
        if self.run_as_you_edit && tab.submitted != Some(tab.document.content()) {
            self.run_now(ctx, self.active);
        } else if let Some(job) = tab.closer_look(self.dock.pinned(tab.id)).filter(|_| self.may_look_closer()) {
            self.send(ctx, self.active, job);
        } else if let Some(index) = self.page_beside() {
            self.run_now(ctx, index);
        } else if self.runs.has_closed && !self.tabs.iter().any(|tab| tab.run.is_running()) {
            self.runs.has_closed = false;
            self.have_forgotten();
        }
    }

    /// A page that another canvas shows, and that is to run once nothing else does.
    fn page_beside(&self) -> Option<usize> {
        let idle = self.run_as_you_edit && !self.tabs.iter().any(|tab| tab.run.is_running());
        let shown = self.dock.canvases().into_iter().filter(|_| idle).filter_map(|canvas| self.dock.page_of(canvas));
        let mut pages = shown.filter_map(|page| self.index_of(page));
        pages.find(|index| self.tabs[*index].submitted != Some(self.tabs[*index].document.content()))
    }

    /// A closer look does not break off a run: not this page's, and no other's that would not begin again by itself.
    fn may_look_closer(&self) -> bool {
        let others = || self.tabs.iter().any(|tab| tab.run.is_running());
        !self.tab().run.is_running() && (self.run_as_you_edit || !others())
    }

    /// Sends a page to the worker.
    pub(crate) fn run_now(&mut self, ctx: &Context, index: usize) {
        let tab = &mut self.tabs[index];
        tab.submitted = Some(tab.document.content());
        tab.follow_what_is_asked();
        let looked_at = tab.wanted(self.dock.pinned(tab.id));
        let job = Job {
            checked: tab.document.checked.clone(),
            looked_at,
            files: tab.document.files.run.clone(),
            target: tab.target.clone(),
        };
        self.send(ctx, index, job);
    }

    /// Asks the worker for a run of a page; another page's gives way.
    fn send(&mut self, ctx: &Context, index: usize, job: Job) {
        let started = self.started(ctx);
        let run = self.runs.next;
        self.runs.next += 1;
        // The worker has one run: another page's is asked for again when that page is shown.
        let others = self.tabs.iter_mut().enumerate().filter(|(other, tab)| *other != index && tab.run.is_running());
        for (_, other) in others {
            other.run.give_way();
            (other.submitted, other.sent) = (None, None);
        }
        let tab = &mut self.tabs[index];
        tab.run.expect(run);
        tab.sent = Some(job.clone());
        match started {
            Ok(()) => self.runs.executor.iter_mut().for_each(|executor| executor.submit(run, job.clone())),
            Err(why) => tab.run.take(Report::BrokeOff { revision: run, why }),
        }
    }

    /// Starts what runs pages, if it is not there.
    fn started(&mut self, ctx: &Context) -> Result<(), String> {
        if self.runs.executor.is_none() {
            let ctx = ctx.clone();
            let wake: Wake = Arc::new(move || ctx.request_repaint());
            self.runs.executor = Some((self.runs.start)(wake)?);
        }
        Ok(())
    }

    /// Has pages run by another executor from now on; the page that is shown is run anew.
    pub(crate) fn run_on(&mut self, start: Start) {
        (self.runs.start, self.runs.executor) = (start, None);
        for tab in &mut self.tabs {
            tab.run.give_way();
            (tab.submitted, tab.sent) = (None, None);
        }
    }

    /// Has the executor let go of what it keeps, and stop.
    fn have_forgotten(&mut self) {
        if let Some(executor) = &mut self.runs.executor {
            executor.forget(self.runs.next);
            self.runs.next += 1;
        }
    }

    /// Stops the worker and says so; the results that are there stay with their blocks.
    pub(super) fn break_off_run(&mut self, index: usize) {
        self.have_forgotten();
        self.tabs[index].run.stopped = true;
    }

    /// Stops the run under way; what it has given so far stays.
    pub(crate) fn stop_run(&mut self, index: usize) {
        let run = self.tabs[index].run.number();
        if let (Some(executor), Some(run)) = (&mut self.runs.executor, run) {
            executor.cancel(run);
        }
        self.tabs[index].run.stop();
        self.tabs[index].sent = None;
    }
}
