//! The editor with another executor than this machine's worker.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use egui::{Key, Modifiers};
use node_core::Tensor;
use node_engine::executor::Start;
use node_engine::{BlockResult, Executor, Job, Outcome, Preview, Report};

use super::{gradient, page};
use crate::common::Person;

/// Answers every run with one tensor for each block, or breaks off.
#[derive(Default)]
struct Elsewhere {
    breaks_off: bool,
    told: Vec<Report>,
    jobs: Arc<Mutex<Vec<(u64, Job)>>>,
}

impl Executor for Elsewhere {
    fn submit(&mut self, run: u64, job: Job) {
        self.jobs.lock().unwrap().push((run, job.clone()));
        if self.breaks_off {
            return self.told.push(Report::BrokeOff { revision: run, why: "worker 1 does not answer".to_owned() });
        }
        let elapsed = std::time::Duration::from_millis(3);
        // What an older run told comes late.
        let late = run.wrapping_sub(1);
        for (revision, value) in [(run, 7f32), (late, 9.0)] {
            self.told.extend(job.checked.blocks.keys().map(|id| {
                let tensor = Tensor::vector(vec![value, 8.0]);
                let previews = vec![Some(Arc::new(Preview::of(&tensor)))];
                let ended = BlockResult::ended(Outcome::Done(vec![Some(tensor)]));
                Report::Block { revision, id: id.clone(), result: Box::new(BlockResult { previews, ..ended }) }
            }));
        }
        self.told.push(Report::Finished { revision: run, elapsed });
    }

    fn cancel(&mut self, _: u64) {}

    fn forget(&mut self, _: u64) {}

    fn reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.told)
    }
}

fn run_on(person: &mut Person, start: Start) {
    person.harness.state_mut().editor_mut().run_on(start);
    person.settle();
}

#[test]
fn what_is_shown_is_what_the_executor_told_of_the_newest_run() {
    let mut person = gradient();
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
    let jobs: Arc<Mutex<Vec<(u64, Job)>>> = Arc::default();
    let seen = jobs.clone();
    run_on(&mut person, Box::new(move |_| Ok(Box::new(Elsewhere { jobs: seen.clone(), ..Elsewhere::default() }))));
    person.key(Modifiers::NONE, Key::F5);
    assert_eq!(person.value("block grad"), "[7, 8]", "of the newest run, not of one that counts no more");
    assert!(person.reads("ran in 3.0 ms"));
    person.click("block grad");
    assert_eq!(person.value("block grad"), "[7, 8]");
    let jobs = jobs.lock().unwrap();
    let numbers: Vec<u64> = jobs.iter().map(|(run, _)| *run).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    let looked_at = &jobs.last().unwrap().1.looked_at;
    let names: BTreeSet<&str> = looked_at.iter().map(|id| id.as_str()).collect();
    assert_eq!(names, ["grad", "upstream", "x"].into(), "tensors of what is selected and of its inputs");
}

#[test]
fn an_executor_that_cannot_be_started_or_breaks_off_is_told_and_tried_again() {
    let mut person = Person::at(&[page("fake_quant_gradient.json")]);
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    let start: Start = Box::new(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
        0 => Err("nobody listens at grpc://localhost:1".to_owned()),
        _ => Ok(Box::new(Elsewhere::default())),
    });
    run_on(&mut person, start);
    assert!(person.reads("the run broke off: nobody listens at grpc://localhost:1; F5 runs again"));
    assert_eq!(tries.load(Ordering::Relaxed), 1, "it is not tried again by itself");
    assert!(person.sees("block grad"), "the page is there, to be edited");
    person.key(Modifiers::NONE, Key::F5);
    assert_eq!(person.value("block grad"), "[7, 8]");

    run_on(&mut person, Box::new(|_| Ok(Box::new(Elsewhere { breaks_off: true, ..Elsewhere::default() }))));
    assert!(person.reads("the run broke off: worker 1 does not answer; F5 runs again"));
    run_on(&mut person, node_engine::Runner::starting(1 << 30));
    assert_eq!(person.value("block grad"), "[0, 2, 0, 4]");
}
