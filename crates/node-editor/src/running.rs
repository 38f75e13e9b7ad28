//! Runs of the page that is shown: when they are asked for, and how they end.

use std::sync::Arc;

use egui::Context;
use node_engine::executor::{Start, Wake};
use node_engine::{Job, Report};

use crate::editor::Editor;

impl Editor {
    /// Takes in what the worker has told since the last frame.
    pub(crate) fn take_reports(&mut self) {
        let Some(executor) = &mut self.executor else { return };
        for report in executor.reports() {
            for tab in &mut self.tabs {
                tab.run.take(report.clone());
            }
        }
    }

    /// Sends the page to the worker if it is not the one that was sent last, or if more of it is looked at.
    pub(crate) fn run_if_needed(&mut self, ctx: &Context) {
        let tab = self.tab();
        if self.run_as_you_edit && tab.submitted != Some(tab.document.revision()) {
            self.run_now(ctx);
        } else if let Some(job) = tab.closer_look().filter(|_| self.may_look_closer()) {
            self.send(ctx, job);
        } else if self.has_closed && !self.tabs.iter().any(|tab| tab.run.is_running()) {
            self.has_closed = false;
            self.have_forgotten();
        }
    }

    /// A closer look does not break off a run: not this page's, and no other's that would not begin again by itself.
    fn may_look_closer(&self) -> bool {
        let others = || self.tabs.iter().any(|tab| tab.run.is_running());
        !self.tab().run.is_running() && (self.run_as_you_edit || !others())
    }

    /// Sends the page to the worker.
    pub(crate) fn run_now(&mut self, ctx: &Context) {
        let tab = self.tab_mut();
        tab.submitted = Some(tab.document.revision());
        let job = Job { checked: tab.document.checked.clone(), looked_at: tab.looked_at() };
        self.send(ctx, job);
    }

    /// Asks the worker for a run of the page that is shown; another page's gives way.
    fn send(&mut self, ctx: &Context, job: Job) {
        let started = self.started(ctx);
        let run = self.next_run;
        self.next_run += 1;
        // The worker has one run: another page's is asked for again when that page is shown.
        let active = self.active;
        let others = self.tabs.iter_mut().enumerate().filter(|(index, tab)| *index != active && tab.run.is_running());
        for (_, other) in others {
            other.run.give_way();
            (other.submitted, other.sent) = (None, None);
        }
        let tab = &mut self.tabs[self.active];
        tab.run.expect(run);
        tab.sent = Some(job.clone());
        match started {
            Ok(()) => self.executor.iter_mut().for_each(|executor| executor.submit(run, job.clone())),
            Err(why) => tab.run.take(Report::BrokeOff { revision: run, why }),
        }
    }

    /// Starts what runs pages, if it is not there.
    fn started(&mut self, ctx: &Context) -> Result<(), String> {
        if self.executor.is_none() {
            let ctx = ctx.clone();
            let wake: Wake = Arc::new(move || ctx.request_repaint());
            self.executor = Some((self.start)(wake)?);
        }
        Ok(())
    }

    /// Has pages run by another executor from now on; the page that is shown is run anew.
    pub fn run_on(&mut self, start: Start) {
        (self.start, self.executor) = (start, None);
        for tab in &mut self.tabs {
            tab.run.give_way();
            (tab.submitted, tab.sent) = (None, None);
        }
    }

    /// Has the executor let go of what it keeps, and stop.
    fn have_forgotten(&mut self) {
        if let Some(executor) = &mut self.executor {
            executor.forget(self.next_run);
            self.next_run += 1;
        }
    }

    /// Stops the worker and says so; the results that are there stay with their blocks.
    pub(crate) fn break_off_run(&mut self) {
        self.have_forgotten();
        self.tab_mut().run.stopped = true;
    }

    /// Stops the run under way; what it has given so far stays.
    pub(crate) fn stop_run(&mut self) {
        let run = self.tab().run.number();
        if let (Some(executor), Some(run)) = (&mut self.executor, run) {
            executor.cancel(run);
        }
        self.tab_mut().run.stop();
        self.tab_mut().sent = None;
    }
}
