//! How long a sweep takes beside as many runs: `cargo bench -p node-engine --bench sweep`.
//!
//! `qat_step` with 50 values of `range.max`, and the mean squared error asked of each; beside that the same session run 50
//! times with nothing kept. Both take turns; medians, in milliseconds, and how they stand to each other.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

mod common;

use std::time::Instant;

use common::{Bench, qat_step_page, registry};
use node_core::check::{CheckedPage, Feeds, Surroundings};
use node_core::{PortRef, Registry};
use node_engine::analysis::Stop;
use node_engine::sweep::{Axis, Measure, Sweep, Sweeper};
use node_engine::{RunOptions, available_threads};

const POINTS: usize = 50;
const ROUNDS: usize = 9;

fn main() {
    let registry = registry();
    for len in [1 << 16, 1 << 20, 1 << 24] {
        let page = qat_step_page(len);
        for (measure, fetched) in [
            ("mse.output", &["mse.output"][..]),
            ("clipped(fq)", &["fq.output"]),
            ("mse(fq.output,y.output)", &["fq.output", "y.output"]),
        ] {
            let mut runs = Bench::qat_step(len, fetched, &[]);
            let (mut swept, mut run) = (Vec::new(), Vec::new());
            let rounds = if len > 1 << 20 { 3 } else { ROUNDS };
            for _ in 0..rounds {
                let begun = Instant::now();
                sweep(&registry, &page, measure);
                swept.push(begun.elapsed().as_secs_f64() * 1e3);
                let begun = Instant::now();
                (0..POINTS).for_each(|_| runs.run());
                run.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            let median = |times: &mut Vec<f64>| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            };
            let (swept, run) = (median(&mut swept), median(&mut run));
            println!("{len} elements, {measure}: sweep {swept:.1} ms, {POINTS} runs {run:.1} ms, {:.2} x", swept / run);
        }
    }
}

fn sweep(registry: &Registry, checked: &CheckedPage, measure: &str) {
    let axis = Axis::parse(PortRef::parse("range.max").unwrap(), "0.5:6:50").unwrap();
    let sweep = Sweep { axes: vec![axis], measures: vec![Measure::parse(checked, measure).unwrap()] };
    let fed = checked.blocks.iter().filter_map(|(id, block)| Some((PortRef::new(id, "output"), block.fed.clone()?)));
    let feeds: Feeds = fed.collect();
    let around = Surroundings::new(registry, &feeds);
    let mut sweeper = Sweeper::new(sweep, checked.clone(), available_threads(), 1 << 30);
    for point in 0..POINTS {
        let options = RunOptions::with_memory_limit(8 << 30);
        assert!(sweeper.point(point, &around, &options, &Stop::default()).unwrap()[0].as_ref().unwrap().is_finite());
    }
}
