//! The engine under divan: `cargo bench -p node-engine --bench engine`.

mod common;

use common::{ALL, Bench, Leaf, MEAN_AND_DX, Triad};
use divan::Bencher;

fn main() {
    divan::main();
}

const LENGTHS: [usize; 3] = [1 << 10, 1 << 20, 1 << 24];
const LARGE: [usize; 2] = [1 << 20, 1 << 24];

#[divan::bench(args = LENGTHS)]
fn triad(bencher: Bencher<'_, '_>, len: usize) {
    let mut triad = Triad::new(len);
    bencher.bench_local(|| triad.run());
}

#[divan::bench(args = LENGTHS)]
fn qat_step_mean_and_dx(bencher: Bencher<'_, '_>, len: usize) {
    let mut bench = Bench::qat_step(len, &MEAN_AND_DX, &[]);
    bencher.bench_local(|| bench.run());
}

#[divan::bench(args = LARGE, sample_count = 30)]
fn qat_step_mean_and_dx_watched(bencher: Bencher<'_, '_>, len: usize) {
    let mut bench = Bench::qat_step(len, &MEAN_AND_DX, &ALL);
    bencher.bench_local(|| bench.run());
}

#[divan::bench(args = LARGE, sample_count = 30)]
fn qat_step_all_ports(bencher: Bencher<'_, '_>, len: usize) {
    let mut bench = Bench::qat_step(len, &ALL, &[]);
    bencher.bench_local(|| bench.run());
}

#[divan::bench(args = LARGE, sample_count = 30)]
fn qat_step_all_ports_watched(bencher: Bencher<'_, '_>, len: usize) {
    let mut bench = Bench::qat_step(len, &ALL, &ALL);
    bencher.bench_local(|| bench.run());
}

#[divan::bench(args = [4, 1 << 24])]
fn gradient_alone(bencher: Bencher<'_, '_>, len: usize) {
    let mut bench = Bench::gradient(len);
    bencher.bench_local(|| bench.run());
}

#[divan::bench]
fn ten_small_blocks(bencher: Bencher<'_, '_>) {
    let mut bench = Bench::ten_small_blocks();
    bencher.bench_local(|| bench.run());
}

#[divan::bench]
fn leaf_of_a_thousand_blocks(bencher: Bencher<'_, '_>) {
    let mut leaf = Leaf::new();
    bencher.bench_local(|| leaf.change());
}
