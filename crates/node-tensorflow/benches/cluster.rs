//! Steps on a cluster, to be set beside TensorFlow's own client on the same one:
//! `cargo bench -p node-tensorflow --bench cluster -- grpc://HOST:PORT`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use node_core::{BlockId, Feeds, PortRef, Registry, Tensor, check};
use node_io::page_file;
use node_tensorflow::cluster::page::PageRun;
use node_tensorflow::cluster::{Cluster, Target};
use node_tensorflow::lower::{Subject, lower};

const PAGE: &str = r#"{"nudge": 1, "blocks": {"x": {"type": "Placeholder"}, "y": {"type": "OP"}},
    "wires": [["x.output", "y.PORT"]]}"#;

fn main() {
    let Some(target) = std::env::args().find(|argument| argument.starts_with("grpc")) else {
        println!("skipped: name a cluster, grpc://HOST:PORT");
        return;
    };
    let cluster = Arc::new(Cluster::connect(&Target::parse(&target).unwrap(), &never).unwrap());
    step(&cluster, "four elements", ("FakeQuantWithMinMaxArgs", "inputs"), 4, 2000);
    step(&cluster, "64 MiB fed and fetched", ("Neg", "x"), 16 << 20, 20);
}

fn never(_: Duration) -> bool {
    false
}

/// Prints the median of so many steps.
fn step(cluster: &Arc<Cluster>, what: &str, (op, port): (&str, &str), elements: usize, times: usize) {
    node_blocks::link();
    let registry = Registry::linked().unwrap();
    let page = page_file::parse(PAGE.replace("OP", op).replace("PORT", port).as_bytes()).unwrap();
    let [x, y] = ["x", "y"].map(|id| PortRef::new(&BlockId::new(id).unwrap(), "output"));
    let feeds = Feeds::from([(x, Tensor::vector(vec![1.0_f32; elements]))]);
    let checked = check(&Arc::new(page), &registry, &feeds);
    let needed = checked.blocks.keys().cloned().collect();
    let subject = Subject { checked: &checked, scope: "bench", needed: &needed, file: &|_| Err(String::new()) };
    let lowered = lower(&subject).unwrap();
    let edge = lowered.edge(&checked, &y).unwrap();
    let run = PageRun::begin(cluster, &checked, lowered, &never).unwrap();
    run.step(&[edge], &[], &never).unwrap();
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let begun = Instant::now();
            run.step(&[edge], &[], &never).unwrap();
            begun.elapsed()
        })
        .collect();
    taken.sort();
    println!("{what}: median {:?}, least {:?}", taken[times / 2], taken[0]);
}
