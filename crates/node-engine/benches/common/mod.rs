//! The pages that are measured.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use node_core::check::{CheckedPage, Feeds, recheck};
use node_core::page::Written;
use node_core::{BlockId, Edit, Page, PortRef, Registry, Shape, Tensor, Value, check};
use node_engine::{Engine, Request, RunOptions, Session, available_threads, plan};

/// Every port of `qat_step` that is computed.
pub const ALL: [&str; 9] = [
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

/// What a training step needs of `qat_step`.
pub const MEAN_AND_DX: [&str; 2] = ["mse.output", "dx.output"];

/// All blocks.
pub fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

/// Numbers that look random, from -8 to 8.7.
pub fn noise(len: usize, seed: u32) -> Tensor {
    let value = |i: u32| (i.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 8) as f32 / 1e6 - 8.0;
    Tensor::vector((0..len as u32).map(value).collect())
}

fn ports(ports: &[&str]) -> Vec<PortRef> {
    ports.iter().map(|port| PortRef::parse(port).unwrap()).collect()
}

/// The page `qat_step`, fed with noise.
pub fn qat_step_page(len: usize) -> CheckedPage {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pages/qat_step.json");
    let page = node_io::page_file::load(path.as_ref()).unwrap().page;
    let feeds = ports(&["g.output", "x.output"]).into_iter().zip([noise(len, 1), noise(len, 2)]).collect();
    check(&Arc::new(page), &registry(), &feeds)
}

/// A session, and what its runs share.
pub struct Bench {
    engine: Engine,
    session: Session,
}

impl Bench {
    /// On a page with `g` and `x` fed with noise.
    fn on(page: Page, fetch: &[&str], watch: &[&str], len: usize, threads: usize) -> Bench {
        let fed = |port: &PortRef| page.blocks.contains_key(&port.block);
        let feeds = ports(&["g.output", "x.output"]).into_iter().filter(fed).zip([noise(len, 1), noise(len, 2)]);
        let feeds = feeds.collect();
        Bench::fed(page, fetch, watch, feeds, threads)
    }

    fn fed(page: Page, fetch: &[&str], watch: &[&str], feeds: Feeds, threads: usize) -> Bench {
        let checked = check(&Arc::new(page), &registry(), &feeds);
        assert!(checked.problems.is_empty(), "{:?}", checked.problems);
        let request = Request { fetch: ports(fetch), watch: ports(watch), ..Request::default() };
        let session = Session::new(plan(&checked, &request));
        let mut bench = Bench { engine: Engine::new(threads, u64::MAX), session };
        bench.run();
        assert_eq!(bench.session.results().problems().count(), 0);
        bench
    }

    /// The page `qat_step` on all threads.
    pub fn qat_step(len: usize, fetch: &[&str], watch: &[&str]) -> Bench {
        Bench::qat_step_on(available_threads(), len, fetch, watch)
    }

    /// The page `qat_step` on so many threads.
    pub fn qat_step_on(threads: usize, len: usize, fetch: &[&str], watch: &[&str]) -> Bench {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pages/qat_step.json");
        Bench::on(node_io::page_file::load(path.as_ref()).unwrap().page, fetch, watch, len, threads)
    }

    /// `FakeQuantWithMinMaxArgsGradient` alone.
    pub fn gradient(len: usize) -> Bench {
        let text = r#"{"nudge": 1, "blocks": {
            "g": {"type": "Placeholder"}, "x": {"type": "Placeholder"}, "grad": {"type": "FakeQuantWithMinMaxArgsGradient"}
        }, "wires": [["g.output", "grad.gradients"], ["x.output", "grad.inputs"]]}"#;
        let page = node_io::page_file::parse(text.as_bytes()).unwrap();
        Bench::on(page, &["grad.output"], &[], len, available_threads())
    }

    /// One block that folds `x`, of this shape, over these axes.
    pub fn fold(type_name: &str, dims: &[usize], axes: &[usize]) -> Bench {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder"}}, "fold": {{"type": "{type_name}", "inputs": {{
            "axis": {{"dtype": "int32", "data": {axes:?}}}}}}}}}, "wires": [["x.output", "fold.input"]]}}"#
        );
        let page = node_io::page_file::parse(text.as_bytes()).unwrap();
        let x = noise(dims.iter().product(), 2).reshaped(&Shape::new(dims).unwrap()).unwrap();
        let feeds: Feeds = ports(&["x.output"]).into_iter().zip([x]).collect();
        Bench::fed(page, &["fold.output"], &[], feeds, available_threads())
    }

    /// The product of two square matrices.
    pub fn mat_mul(side: usize) -> Bench {
        let text = r#"{"nudge": 1, "blocks": {"a": {"type": "Placeholder"}, "b": {"type": "Placeholder"},
            "product": {"type": "MatMul"}}, "wires": [["a.output", "product.a"], ["b.output", "product.b"]]}"#;
        let page = node_io::page_file::parse(text.as_bytes()).unwrap();
        let matrix = |seed| noise(side * side, seed).reshaped(&Shape::new([side, side]).unwrap()).unwrap();
        let feeds: Feeds = ports(&["a.output", "b.output"]).into_iter().zip([matrix(1), matrix(2)]).collect();
        Bench::fed(page, &["product.output"], &[], feeds, available_threads())
    }

    /// Ten blocks, one after the other, on four elements.
    pub fn ten_small_blocks() -> Bench {
        Bench::on(chain(10, 1), &["b9.output"], &[], 4, available_threads())
    }

    /// Runs it until it is told to stop; whether that was before its end.
    pub fn run_until(&mut self, stop: &AtomicBool) -> bool {
        let cancelled = || stop.load(Ordering::Relaxed);
        let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(u64::MAX) };
        self.session.run(&mut self.engine, &options, &mut |_, _| {});
        self.session.is_cancelled()
    }

    /// Runs it once.
    pub fn run(&mut self) {
        self.session.run(&mut self.engine, &RunOptions::with_memory_limit(u64::MAX), &mut |_, _| {});
    }
}

/// Blocks of which each reads the one `back` places before it.
fn chain(len: usize, back: usize) -> Page {
    let mut blocks = vec![r#""b0": {"type": "Const", "attrs": {"value": [1, 2, 3, 4]}}"#.to_owned()];
    let mut wires = Vec::new();
    for i in 1..len {
        let (type_name, port) = [("Square", "x"), ("Relu6", "features"), ("FakeQuantWithMinMaxArgs", "inputs")][i % 3];
        blocks.push(format!(r#""b{i}": {{"type": "{type_name}"}}"#));
        wires.push(format!(r#"["b{}.output", "b{i}.{port}"]"#, i.saturating_sub(back)));
    }
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "));
    node_io::page_file::parse(text.as_bytes()).unwrap()
}

/// A page of a thousand blocks of which one leaf's attribute is changed and its result fetched.
pub struct Leaf {
    registry: Registry,
    page: Arc<Page>,
    checked: CheckedPage,
    bench: Bench,
    max: f64,
}

impl Leaf {
    /// The page, run once.
    pub fn new() -> Leaf {
        let page = Arc::new(chain(1000, 7));
        let checked = check(&page, &registry(), &Feeds::new());
        let session = Session::new(plan(&checked, &Request::fetch(&ports(&["b998.output"]))));
        let engine = Engine::new(available_threads(), 1 << 20).with_cache(1 << 20);
        let mut leaf = Leaf { registry: registry(), page, checked, bench: Bench { engine, session }, max: 1.0 };
        leaf.bench.run();
        leaf
    }

    /// Edit, check, plan and run.
    pub fn change(&mut self) -> Tensor {
        self.max += 0.001;
        let leaf = BlockId::new("b998").unwrap();
        let edit = Edit::set_attr(&leaf, "max", Some(Written::from(Value::Float(self.max))));
        edit.apply(Arc::make_mut(&mut self.page)).unwrap();
        self.checked = recheck(&self.checked, &self.page, &self.registry, &Feeds::new());
        let checked = &self.checked;
        assert!(self.bench.session.change(|plan| plan.renew(checked, std::slice::from_ref(&leaf))));
        self.bench.run();
        self.bench.session.tensor("b998", 0).cloned().unwrap()
    }
}

/// `o[i] = a[i] + b[i]` over arrays that are there, on all cores: what the memory can do.
pub struct Triad {
    a: Tensor,
    b: Tensor,
    o: Vec<f32>,
}

impl Triad {
    /// Arrays of this length.
    pub fn new(len: usize) -> Triad {
        Triad { a: noise(len, 1), b: noise(len, 2), o: vec![1.0; len] }
    }

    /// Runs it once; short ones on one thread.
    pub fn run(&mut self) {
        let (a, b) = (self.a.slice::<f32>().unwrap(), self.b.slice::<f32>().unwrap());
        let add = |(o, (a, b)): (&mut [f32], (&[f32], &[f32]))| {
            for ((o, a), b) in o.iter_mut().zip(a).zip(b) {
                *o = a + b;
            }
        };
        let threads = if a.len() < 1 << 16 { 1 } else { available_threads() };
        let share = a.len().div_ceil(threads);
        let mut parts = self.o.chunks_mut(share).zip(a.chunks(share).zip(b.chunks(share)));
        let own = parts.next();
        if threads == 1 {
            own.into_iter().for_each(add);
        } else {
            std::thread::scope(|scope| {
                parts.for_each(|part| drop(scope.spawn(move || add(part))));
                own.into_iter().for_each(add);
            });
        }
        std::hint::black_box(&mut self.o);
    }
}
