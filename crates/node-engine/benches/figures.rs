//! The figures of README.md, taken side by side in one process: `cargo bench -p node-engine --bench figures`.
//!
//! What is compared takes turns, so that a machine that others use is as slow for the one as for the other; medians are
//! printed, and the median of the ratios of neighbours.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use common::{ALL, Bench, Leaf, MEAN_AND_DX, Triad};

fn main() {
    let small = |name: &str, limit: &str, run: &mut dyn FnMut()| {
        let [time] = turns(2000, [run]);
        println!("{name}: {} (at most {limit})", text(median(time)));
    };
    let mut bench = Bench::qat_step(1 << 10, &MEAN_AND_DX, &[]);
    small("qat_step, 1,024 elements", "3 µs", &mut || bench.run());
    let mut bench = Bench::gradient(4);
    small("gradient, 4 elements", "1 µs", &mut || bench.run());
    let mut bench = Bench::ten_small_blocks();
    small("ten blocks of four elements", "5 µs", &mut || bench.run());
    let mut leaf = Leaf::new();
    small("leaf of a thousand blocks", "100 µs", &mut || drop(leaf.change()));

    for (len, rounds) in [(1 << 20, 400), (1 << 24, 40)] {
        let (mut triad, mut gradient) = (Triad::new(len), Bench::gradient(len));
        let mut qat_step = Bench::qat_step(len, &MEAN_AND_DX, &[]);
        let runs: [&mut dyn FnMut(); 3] = [&mut || triad.run(), &mut || qat_step.run(), &mut || gradient.run()];
        let [triad, qat_step, gradient] = turns(rounds, runs);
        println!("{len} elements: triad {}", text(median(triad.clone())));
        compared("  qat_step", qat_step, "triads", &triad);
        compared("  gradient", gradient, "triads", &triad);
    }

    let len = 1 << 24;
    let (mut plain, mut watched) = (Bench::qat_step(len, &MEAN_AND_DX, &[]), Bench::qat_step(len, &MEAN_AND_DX, &ALL));
    let (mut all, mut all_watched) = (Bench::qat_step(len, &ALL, &[]), Bench::qat_step(len, &ALL, &ALL));
    let runs: [&mut dyn FnMut(); 4] =
        [&mut || plain.run(), &mut || watched.run(), &mut || all.run(), &mut || all_watched.run()];
    let [plain, watched, all, all_watched] = turns(15, runs);
    println!(
        "{len} elements: mean and dx {}, all ports kept {}",
        text(median(plain.clone())),
        text(median(all.clone()))
    );
    compared("  mean and dx, all ports watched", watched, "of it unwatched", &plain);
    compared("  all ports kept and watched", all_watched, "of it unwatched", &all);

    cancelling();
    in_the_cache();
}

/// How long after it is told to stop a run has stopped.
fn cancelling() {
    let mut bench = Bench::qat_step(1 << 24, &ALL, &ALL);
    let mut waits = Vec::new();
    while waits.len() < 50 {
        let stop = AtomicBool::new(false);
        let (was_cancelled, told, ended) = std::thread::scope(|scope| {
            let told = scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(5));
                stop.store(true, Ordering::Relaxed);
                Instant::now()
            });
            let was_cancelled = bench.run_until(&stop);
            let ended = Instant::now();
            (was_cancelled, told.join(), ended)
        });
        if let (true, Ok(told)) = (was_cancelled, told) {
            waits.push(ended.saturating_duration_since(told).as_nanos() as f64);
        }
    }
    let longest = waits.iter().copied().fold(0.0, f64::max);
    println!("a run of 16,777,216 elements is stopped after {}, at most {}", text(median(waits)), text(longest));
}

/// What the kernels alone take, without memory: one thread, and one beside another that does the same.
fn in_the_cache() {
    let len = 1 << 13;
    let mut bench = Bench::qat_step_on(1, len, &MEAN_AND_DX, &[]);
    let [alone] = turns(2000, [&mut || bench.run()]);
    let over = AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut other = Bench::qat_step_on(1, len, &MEAN_AND_DX, &[]);
            while !over.load(Ordering::Relaxed) {
                other.run();
            }
        });
        let [beside] = turns(2000, [&mut || bench.run()]);
        over.store(true, Ordering::Relaxed);
        beside
    });
    let (alone, beside) = (median(alone), median(beside));
    println!("qat_step, {len} elements in the cache, one thread: {}, beside another: {}", text(alone), text(beside));
    let large = beside * f64::from(1 << 24) / len as f64 / 2.0;
    println!("  so the kernels alone take {} for 16,777,216 elements on two threads", text(large));
}

/// Nanoseconds of `rounds` runs of each, which take turns.
fn turns<const N: usize>(rounds: usize, mut runs: [&mut dyn FnMut(); N]) -> [Vec<f64>; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (run, times) in runs.iter_mut().zip(&mut times) {
            let before = Instant::now();
            run();
            times.push(before.elapsed().as_nanos() as f64);
        }
    }
    times
}

fn compared(name: &str, times: Vec<f64>, unit: &str, others: &[f64]) {
    let ratio = median(times.iter().zip(others).map(|(a, b)| a / b).collect());
    println!("{name}: {} = {ratio:.2} {unit}", text(median(times)));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn text(nanoseconds: f64) -> String {
    match nanoseconds {
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}
