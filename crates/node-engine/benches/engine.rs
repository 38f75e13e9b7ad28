//! The engine's figures: `cargo bench -p node-engine`. README.md has the table.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::sync::Arc;

use divan::{Bencher, black_box};
use node_core::check::{Feeds, recheck};
use node_core::page::Written;
use node_core::{BlockId, Edit, Page, PortRef, Registry, Tensor, Value, check};
use node_engine::{Engine, Request, RunOptions, Session, available_threads, plan};

fn main() {
    node_blocks::link();
    divan::main();
}

const LENGTHS: [usize; 4] = [1 << 10, 1 << 14, 1 << 20, 1 << 24];

fn page(name: &str) -> Page {
    let path = format!("{}/../../pages/{name}.json", env!("CARGO_MANIFEST_DIR"));
    node_io::page_file::load(path.as_ref()).unwrap().page
}

fn noise(len: usize, seed: u32) -> Tensor {
    let value = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 1e6 - 8.0;
    Tensor::vector((0..len as u32).map(value).collect())
}

/// A session on a page, and an engine of all threads.
fn session(page: Page, request: &Request, feeds: &Feeds) -> (Engine, Session) {
    let checked = check(&Arc::new(page), &Registry::linked().unwrap(), feeds);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    (Engine::new(available_threads(), u64::MAX), Session::new(plan(&checked, request, feeds)))
}

fn ports(ports: &[&str]) -> Vec<PortRef> {
    ports.iter().map(|port| PortRef::parse(port).unwrap()).collect()
}

fn bench_session(bencher: Bencher<'_, '_>, (mut engine, mut session): (Engine, Session)) {
    let options = RunOptions::with_memory_limit(u64::MAX);
    session.run(&mut engine, &options, &mut |_, _| {});
    assert_eq!(session.results().problems().count(), 0);
    bencher.bench_local(|| session.run(&mut engine, &options, &mut |_, _| {}));
}

fn qat_step(len: usize, fetch: &[&str], watch: &[&str]) -> (Engine, Session) {
    let feeds: Feeds = ports(&["g.output", "x.output"]).into_iter().zip([noise(len, 1), noise(len, 2)]).collect();
    let request = Request { fetch: ports(fetch), watch: ports(watch), shares: false };
    session(page("qat_step"), &request, &feeds)
}

/// `o[i] = a[i] + b[i]` over arrays that are there, on all cores: what the memory can do.
#[divan::bench(args = LENGTHS)]
fn triad(bencher: Bencher<'_, '_>, len: usize) {
    let (a, b) = (noise(len, 1), noise(len, 2));
    let (a, b) = (a.slice::<f32>().unwrap(), b.slice::<f32>().unwrap());
    let mut o = vec![1f32; len];
    let add = |(o, (a, b)): (&mut [f32], (&[f32], &[f32]))| {
        for ((o, a), b) in o.iter_mut().zip(a).zip(b) {
            *o = a + b;
        }
    };
    let threads = if len < 1 << 16 { 1 } else { available_threads() };
    let share = len.div_ceil(threads);
    bencher.bench_local(|| {
        let mut parts = o.chunks_mut(share).zip(a.chunks(share).zip(b.chunks(share)));
        let own = parts.next();
        if threads == 1 {
            own.into_iter().for_each(add);
        } else {
            std::thread::scope(|scope| {
                parts.for_each(|part| drop(scope.spawn(move || add(part))));
                own.into_iter().for_each(add);
            });
        }
        black_box(&mut o);
    });
}

/// The page `qat_step`, fetching the mean and the last product.
#[divan::bench(args = LENGTHS)]
fn qat_step_mean_and_dx(bencher: Bencher<'_, '_>, len: usize) {
    bench_session(bencher, qat_step(len, &["mse.output", "dx.output"], &[]));
}

/// The gradient block alone.
#[divan::bench(args = [4, 1 << 24])]
fn gradient_alone(bencher: Bencher<'_, '_>, len: usize) {
    let text = r#"{"nudge": 1, "blocks": {
        "g": {"type": "Placeholder"}, "x": {"type": "Placeholder"}, "grad": {"type": "FakeQuantWithMinMaxArgsGradient"}
    }, "wires": [["g.output", "grad.gradients"], ["x.output", "grad.inputs"]]}"#;
    let page = node_io::page_file::parse(text.as_bytes()).unwrap();
    let feeds: Feeds = ports(&["g.output", "x.output"]).into_iter().zip([noise(len, 1), noise(len, 2)]).collect();
    bench_session(bencher, session(page, &Request::fetch(&ports(&["grad.output"])), &feeds));
}

/// Ten blocks on tensors of four elements.
#[divan::bench]
fn ten_small_blocks(bencher: Bencher<'_, '_>) {
    let mut blocks = vec![r#""b0": {"type": "Const", "attrs": {"value": [1, 2, 3, 4]}}"#.to_owned()];
    let mut wires = Vec::new();
    for i in 1..10 {
        let type_name = ["Square", "Relu6", "FakeQuantWithMinMaxArgs"][i % 3];
        blocks.push(format!(r#""b{i}": {{"type": "{type_name}"}}"#));
        let port = ["x", "features", "inputs"][i % 3];
        wires.push(format!(r#"["b{}.output", "b{i}.{port}"]"#, i - 1));
    }
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "));
    let page = node_io::page_file::parse(text.as_bytes()).unwrap();
    bench_session(bencher, session(page, &Request::fetch(&ports(&["b9.output"])), &Feeds::new()));
}

/// A page of a thousand blocks: an attribute of a leaf is changed, and its result fetched. Edit, check, plan and run.
#[divan::bench]
fn leaf_of_a_thousand_blocks(bencher: Bencher<'_, '_>) {
    let mut blocks = vec![r#""b0": {"type": "Const", "attrs": {"value": [1, 2, 3, 4]}}"#.to_owned()];
    let mut wires = Vec::new();
    for i in 1..1000 {
        let (type_name, port) = [("Square", "x"), ("Relu6", "features"), ("FakeQuantWithMinMaxArgs", "inputs")][i % 3];
        blocks.push(format!(r#""b{i}": {{"type": "{type_name}"}}"#));
        wires.push(format!(r#"["b{}.output", "b{i}.{port}"]"#, i.saturating_sub(7)));
    }
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "));
    let registry = Registry::linked().unwrap();
    let mut page = Arc::new(node_io::page_file::parse(text.as_bytes()).unwrap());
    let mut checked = check(&page, &registry, &Feeds::new());
    let leaf = BlockId::new("b998").unwrap();
    let request = Request::fetch(&ports(&["b998.output"]));
    let mut engine = Engine::new(available_threads(), 1 << 20).with_cache(1 << 20);
    let mut session = Session::new(plan(&checked, &request, &Feeds::new()));
    let options = RunOptions::with_memory_limit(u64::MAX);
    session.run(&mut engine, &options, &mut |_, _| {});
    let mut max = 1.0;
    bencher.bench_local(|| {
        max += 0.001;
        let edit = Edit::set_attr(&leaf, "max", Some(Written::from(Value::Float(max))));
        edit.apply(Arc::make_mut(&mut page)).unwrap();
        checked = recheck(&checked, &page, &registry, &Feeds::new());
        assert!(session.change(|plan| plan.renew(&checked, std::slice::from_ref(&leaf))));
        session.run(&mut engine, &options, &mut |_, _| {});
        session.tensor("b998", 0).cloned().unwrap()
    });
}

const ALL: [&str; 9] = [
    "xw.output",
    "y.output",
    "fq.output",
    "e.output",
    "sq.output",
    "mse.output",
    "grad.output",
    "r6.output",
    "dx.output",
];

/// The page `qat_step`, every port kept, as the editor runs it.
#[divan::bench(args = [1 << 20, 1 << 24], sample_count = 30)]
fn qat_step_all_ports(bencher: Bencher<'_, '_>, len: usize) {
    bench_session(bencher, qat_step(len, &ALL, &[]));
}

/// The same with statistics of every port.
#[divan::bench(args = [1 << 20, 1 << 24], sample_count = 30)]
fn qat_step_all_ports_watched(bencher: Bencher<'_, '_>, len: usize) {
    bench_session(bencher, qat_step(len, &ALL, &ALL));
}

/// The page `qat_step`, fetching the mean and the last product, with statistics of every port.
#[divan::bench(args = [1 << 20, 1 << 24], sample_count = 30)]
fn qat_step_mean_and_dx_watched(bencher: Bencher<'_, '_>, len: usize) {
    bench_session(bencher, qat_step(len, &["mse.output", "dx.output"], &ALL));
}
