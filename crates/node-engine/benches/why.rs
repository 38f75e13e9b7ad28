//! How long it takes until it is told why an element has its value: `cargo bench -p node-engine --bench why`.
//!
//! As in the editor: the page has run, and nobody looks at its tensors. Then an element is asked for: the worker brings
//! what that takes, and the reason is found. Medians, in milliseconds, and of the reason alone.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::qat_step_page;
use node_core::access::NoFiles;
use node_core::{BlockId, CheckedPage};
use node_engine::analysis::why::{Explainer, needed, parse};
use node_engine::executor::Executor as _;
use node_engine::{BlockResult, Job, Report, Runner};

const LEN: usize = 1 << 24;
const ROUNDS: usize = 9;

fn main() {
    let checked = Arc::new(qat_step_page(LEN));
    for text in ["xw.output[5]", "fq.output[5]", "grad.output[5]", "dx.output[5]", "mse.output"] {
        let (mut whole, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (all, reason) = round(&checked, text);
            whole.push(all);
            alone.push(reason);
        }
        whole.sort();
        alone.sort();
        let ms = |times: &[Duration]| times[times.len() / 2].as_secs_f64() * 1e3;
        println!("{LEN} elements, {text}: {:.2} ms, of it the reason {:.2} ms", ms(&whole), ms(&alone));
    }
}

fn round(checked: &Arc<CheckedPage>, text: &str) -> (Duration, Duration) {
    let mut runner = Runner::start(8 << 30, || {}).unwrap();
    let job = |looked_at| Job { checked: checked.clone(), looked_at, files: Arc::new(NoFiles), target: None };
    runner.submit(1, job([].into()));
    let mut results = wait(&mut runner, 1);
    let begun = Instant::now();
    let (port, index) = parse(checked, text).unwrap();
    let (fetch, _) = needed(checked, &port);
    runner.submit(2, job(fetch.into_iter().map(|port| port.block).collect()));
    results.extend(wait(&mut runner, 2));
    let ran = Instant::now();
    let find = |id: &BlockId| results.get(id);
    let explainer = Explainer::new(checked, &find);
    let element = explainer.element(&port, &index).unwrap();
    let explained = explainer.explain(&element, 8).unwrap();
    assert!(!explained.from.is_empty());
    (begun.elapsed(), ran.elapsed())
}

fn wait(runner: &mut Runner, number: u64) -> BTreeMap<BlockId, BlockResult> {
    let mut results = BTreeMap::new();
    loop {
        for report in runner.reports() {
            match report {
                Report::Block { revision, id, result } if revision == number => drop(results.insert(id, *result)),
                Report::Finished { revision, .. } if revision == number => return results,
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_micros(100));
    }
}
