//! Where pages run: on this machine, or on a cluster. One run is under way, wherever that is.

use node_engine::executor::{Start, Wake};
use node_engine::{Executor, Job, Report, Runner};
use node_tensorflow::cluster::runner::ClusterRunner;

/// How an editor starts it; tensors of a run take at most so many bytes.
pub fn starting(memory_limit: u64) -> Start {
    Box::new(move |wake| {
        let here = Runner::starting(memory_limit)(wake.clone())?;
        Ok(Box::new(Places { here, there: None, last: None, untold: Vec::new(), memory_limit, wake }) as _)
    })
}

struct Places {
    here: Box<dyn Executor>,
    /// Started when it is first needed.
    there: Option<ClusterRunner>,
    /// The newest run.
    last: Option<u64>,
    untold: Vec<Report>,
    memory_limit: u64,
    wake: Wake,
}

impl Executor for Places {
    fn submit(&mut self, run: u64, job: Job) {
        if let Some(last) = self.last.replace(run) {
            self.cancel(last);
        }
        if job.target.is_none() {
            return self.here.submit(run, job);
        }
        if self.there.is_none() {
            match ClusterRunner::start(self.memory_limit, self.wake.clone()) {
                Ok(runner) => self.there = Some(runner),
                Err(error) => {
                    let why = format!("what runs pages on clusters cannot be started: {error}");
                    self.untold.push(Report::BrokeOff { revision: run, why });
                    (self.wake)();
                }
            }
        }
        self.there.iter_mut().for_each(|there| there.submit(run, job.clone()));
    }

    fn cancel(&mut self, run: u64) {
        self.here.cancel(run);
        self.there.iter_mut().for_each(|there| there.cancel(run));
    }

    fn forget(&mut self, number: u64) {
        self.here.forget(number);
        if let (Some(last), Some(there)) = (self.last, &mut self.there) {
            there.cancel(last);
        }
    }

    fn reports(&mut self) -> Vec<Report> {
        let there = self.there.iter_mut().flat_map(|there| there.reports());
        self.untold.drain(..).chain(self.here.reports()).chain(there).collect()
    }
}
