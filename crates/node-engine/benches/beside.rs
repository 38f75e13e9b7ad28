//! Runs what another program asks for, so that both can take turns: `beside.py` does, with NumPy and TensorFlow.
//!
//! Reads lines: `fold Sum 4096x4096 0`, `matmul 1024`, `gradient 16777216`, `qat_step 1048576`, `triad 16777216`, `ten` (a
//! thousand runs of ten small blocks) or `leaf` (a hundred edits of a page) make something ready and `go` runs it
//! once; each is answered with a line, `go` with the nanoseconds that it took.

mod common;

use std::io::{BufRead, Write};
use std::time::Instant;

use common::{Bench, Leaf, MEAN_AND_DX, Triad};

fn main() {
    let mut ready: Option<Box<dyn FnMut()>> = None;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let numbers = |text: &str| text.split('x').map_while(|n| n.parse().ok()).collect::<Vec<usize>>();
        let answer = match words.as_slice() {
            ["fold", name, dims, axes] => {
                let mut bench = Bench::fold(name, &numbers(dims), &numbers(axes));
                ready = Some(Box::new(move || bench.run()));
                "ready".to_owned()
            }
            ["gradient", len] => {
                let mut bench = Bench::gradient(numbers(len)[0]);
                ready = Some(Box::new(move || bench.run()));
                "ready".to_owned()
            }
            ["qat_step", len] => {
                let mut bench = Bench::qat_step(numbers(len)[0], &MEAN_AND_DX, &[]);
                ready = Some(Box::new(move || bench.run()));
                "ready".to_owned()
            }
            ["ten"] => {
                let mut bench = Bench::ten_small_blocks();
                ready = Some(Box::new(move || (0..1000).for_each(|_| bench.run())));
                "ready".to_owned()
            }
            ["leaf"] => {
                let mut leaf = Leaf::new();
                ready = Some(Box::new(move || (0..100).for_each(|_| drop(leaf.change()))));
                "ready".to_owned()
            }
            ["matmul", side] => {
                let mut bench = Bench::mat_mul(numbers(side)[0]);
                ready = Some(Box::new(move || bench.run()));
                "ready".to_owned()
            }
            ["triad", len] => {
                let mut triad = Triad::new(numbers(len)[0]);
                ready = Some(Box::new(move || triad.run()));
                "ready".to_owned()
            }
            ["go"] => {
                let begun = Instant::now();
                if let Some(run) = &mut ready {
                    run();
                }
                begun.elapsed().as_nanos().to_string()
            }
            _ => "what?".to_owned(),
        };
        if writeln!(out, "{answer}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}
