//! Blocks that compute by themselves: threads, stopping, memory, progress, files, and blocks that nobody can compute.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::wrong::{OUTPUT, X, spec};
use common::{page, ports, registry};
use node_core::access::{Described, Files, Stamp};
use node_core::check::{CheckedPage, Feeds, Surroundings, check};
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, KnownType, Out, Page, Registry, RunCx, Shape, Tensor, TensorType,
};
use node_engine::{Engine, Outcome, Request, RunOptions, Session, plan};

/// A block with a computation of its own.
struct Computes<F>(F);

impl<F: Fn(&RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> + Send + Sync + 'static> Block for Computes<F> {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        (self.0)(cx)
    }
}

/// All blocks, and one called `Own`.
fn with(code: impl Block) -> Registry {
    let mut registry = registry();
    registry.add(spec("Own").code(code)).unwrap();
    registry
}

/// A page with the block, fed with so many elements.
fn session(registry: &Registry, len: usize) -> Session {
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Placeholder"}, "own": {"type": "Own"}, "y": {"type": "Square"}},
        "wires": [["x.output", "own.x"], ["own.output", "y.x"]]}"#;
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([common::noise(len, 3)]).collect();
    let checked = check(&Arc::new(page(text)), registry, &feeds);
    assert_eq!(checked.problems, vec![]);
    Session::new(plan(&checked, &Request::fetch(&ports(&["own.output", "y.output"]))))
}

fn run(session: &mut Session, engine: &mut Engine, options: &RunOptions<'_>) -> Vec<String> {
    session.run(engine, options, &mut |_, _| {});
    session.results().problems().map(ToString::to_string).collect()
}

const LIMIT: u64 = 1 << 30;

/// Every element times three, in pieces, and what each thread did.
fn tripled(cx: &RunCx<'_>, work: impl Fn(usize) + Sync) -> Result<Vec<Tensor>, Vec<Fault>> {
    let elements = cx.slice(X)?;
    let tensor = cx.fill::<f32>(&cx.outputs()[0].shape, 1000, |first, out| {
        work(first);
        out.iter_mut().zip(&elements[first..]).for_each(|(o, x)| *o = x * 3.0);
    })?;
    Ok(vec![tensor])
}

#[test]
fn a_block_that_is_cut_into_pieces_gives_the_same_whatever_the_threads() {
    let registry = with(Computes(|cx: &RunCx<'_>| tripled(cx, |_| {})));
    let mut seen: Vec<Tensor> = Vec::new();
    for threads in [1, 2, 3, 5] {
        let mut session = session(&registry, 50_500);
        assert_eq!(run(&mut session, &mut Engine::new(threads, 0), &RunOptions::with_memory_limit(LIMIT)), [""; 0]);
        seen.push(session.tensor("own", 0).unwrap().clone());
    }
    let input = common::noise(50_500, 3);
    let expected: Vec<f32> = input.slice::<f32>().unwrap().iter().map(|x| x * 3.0).collect();
    assert!(seen.iter().all(|tensor| tensor.same_bits(&Tensor::vector(expected.clone()))));
}

#[test]
fn pieces_are_shared_out_and_a_piece_may_be_cut_up_itself() {
    let threads: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let noted = threads.clone();
    let registry = with(Computes(move |cx: &RunCx<'_>| {
        tripled(cx, |_| {
            let name = format!("{:?}", std::thread::current().id());
            *noted.lock().unwrap().entry(name).or_default() += 1;
            let inner = AtomicUsize::new(0);
            cx.each(7, |_| {
                inner.fetch_add(1, Ordering::Relaxed);
            })
            .unwrap();
            assert_eq!(inner.into_inner(), 7);
            std::thread::sleep(std::time::Duration::from_micros(200));
        })
    }));
    let mut session = session(&registry, 60_000);
    assert_eq!(run(&mut session, &mut Engine::new(3, 0), &RunOptions::with_memory_limit(LIMIT)), [""; 0]);
    let threads = threads.lock().unwrap();
    assert_eq!(threads.values().sum::<usize>(), 60);
    assert!(threads.len() > 1, "{threads:?}");
}

#[test]
fn a_panic_in_a_piece_is_the_blocks_and_others_go_on() {
    let registry =
        with(Computes(|cx: &RunCx<'_>| tripled(cx, |first| assert!(first < 20_000, "boiled over at {first}"))));
    for threads in [1, 3] {
        let mut engine = Engine::new(threads, 0);
        let mut session = session(&registry, 30_000);
        let problems = run(&mut session, &mut engine, &RunOptions::with_memory_limit(LIMIT));
        let [only] = problems.as_slice() else { panic!("{problems:?}") };
        assert!(only.starts_with("own: the block's own code panicked (boiled over at 2"), "{only}");
        assert!(matches!(&session.results().blocks["y"].outcome, Outcome::Waiting(on) if on.as_str() == "own"));
        // The crew is as good as new.
        let plain = with(Computes(|cx: &RunCx<'_>| tripled(cx, |_| {})));
        assert_eq!(
            run(&mut self::session(&plain, 30_000), &mut engine, &RunOptions::with_memory_limit(LIMIT)),
            [""; 0]
        );
    }
}

#[test]
fn a_block_is_stopped_between_pieces() {
    let (pieces, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, told) = (pieces.clone(), stop.clone());
    let registry = with(Computes(move |cx: &RunCx<'_>| {
        tripled(cx, |_| {
            if counted.fetch_add(1, Ordering::Relaxed) == 4 {
                told.store(true, Ordering::Relaxed);
            }
        })
    }));
    for threads in [1, 2] {
        pieces.store(0, Ordering::Relaxed);
        stop.store(false, Ordering::Relaxed);
        let mut session = session(&registry, 500_000);
        let cancelled = || stop.load(Ordering::Relaxed);
        let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(LIMIT) };
        assert_eq!(run(&mut session, &mut Engine::new(threads, 0), &options), [""; 0], "stopping is no problem");
        assert!(session.is_cancelled());
        assert!(pieces.load(Ordering::Relaxed) < 10, "{pieces:?} of 500");
        // Told otherwise, the same session runs.
        stop.store(false, Ordering::Relaxed);
        pieces.store(10, Ordering::Relaxed);
        assert_eq!(run(&mut session, &mut Engine::new(threads, 0), &RunOptions::with_memory_limit(LIMIT)), [""; 0]);
        assert!(session.tensor("own", 0).is_some());
    }
}

#[test]
fn memory_beyond_the_limit_is_refused_before_it_is_taken() {
    let registry = with(Computes(|cx: &RunCx<'_>| {
        cx.zeros(&KnownType { dtype: node_core::DType::Float32, shape: Shape::vector(1 << 40) })?;
        tripled(cx, |_| {})
    }));
    let mut session = session(&registry, 1000);
    let problems = run(&mut session, &mut Engine::new(1, 0), &RunOptions::with_memory_limit(LIMIT));
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("would take 4 TiB, but the memory limit is 1 GiB"), "{problems:?}");
}

#[test]
fn progress_is_told() {
    let registry = with(Computes(|cx: &RunCx<'_>| tripled(cx, |_| {})));
    let most = Mutex::new((0, 0));
    let progress = |block: &node_core::BlockId, blocks: usize, done: usize, all: usize| {
        if block.as_str() == "own" {
            assert_eq!((blocks, all), (1, 10_500));
            let mut most = most.lock().unwrap();
            *most = (most.0 + 1, most.1.max(done));
        }
    };
    let options = RunOptions { progress: &progress, ..RunOptions::with_memory_limit(LIMIT) };
    run(&mut session(&registry, 10_500), &mut Engine::new(2, 0), &options);
    assert_eq!(*most.lock().unwrap(), (11, 10_500));
}

/// A type that is known by its description alone.
#[test]
fn what_an_opaque_block_feeds_waits_and_the_rest_runs() {
    let mut registry = registry();
    registry.add(spec("Imported").opaque()).unwrap();
    let text = r#"{"nudge": 1, "blocks": {"x": {"type": "Const", "attrs": {"value": [1, 2]}}, "own": {"type": "Imported"},
        "y": {"type": "Square"}, "z": {"type": "Square"}},
        "wires": [["x.output", "own.x"], ["own.output", "y.x"], ["x.output", "z.x"]]}"#;
    let checked = check(&Arc::new(page(text)), &registry, &Feeds::new());
    assert_eq!(checked.problems, vec![], "it is no problem by itself");
    let outcomes = |fetch: &[&str]| {
        let mut session = Session::new(plan(&checked, &Request::fetch(&ports(fetch))));
        let problems = run(&mut session, &mut Engine::new(1, 0), &RunOptions::with_memory_limit(LIMIT));
        (problems, session.results())
    };
    let (problems, results) = outcomes(&["z.output"]);
    assert_eq!(problems, [""; 0], "nothing that is asked for needs it");
    assert!(results.tensor("z", 0).is_some());
    let (problems, results) = outcomes(&["y.output", "z.output"]);
    assert_eq!(problems, ["own: Imported cannot be computed here: this program knows it by its description alone"]);
    assert!(matches!(&results.blocks["y"].outcome, Outcome::Waiting(on) if on.as_str() == "own"));
    assert!(results.tensor("z", 0).is_some());
}

/// Files that live in memory, and count how often they are opened.
#[derive(Default)]
struct InMemory {
    files: Mutex<BTreeMap<String, Tensor>>,
    opened: AtomicUsize,
}

impl Files for InMemory {
    fn describe(&self, path: &str, _: &str) -> Result<Described, String> {
        let files = self.files.lock().unwrap();
        let tensor = files.get(path).ok_or_else(|| format!("there is no file '{path}'"))?;
        let stamp = tensor.slice::<f32>().unwrap().iter().fold(7u128, |hash, v| hash * 31 + u128::from(v.to_bits()));
        Ok(Described { ty: tensor.tensor_type(), stamp: Stamp(stamp), stays: false })
    }

    fn open(&self, path: &str, _: &str, _: &dyn node_core::access::Host) -> Result<Tensor, String> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.describe(path, "").map(|_| self.files.lock().unwrap()[path].clone())
    }
}

const PATH: AttrKey<Arc<str>> = AttrKey::one_of("path", &["a.npy", "b.npy"], "Which file.");

/// A block that reads a file.
struct Reads;

impl Block for Reads {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let described = cx.files().describe(&cx.attr(PATH)?, "");
        Ok(vec![described.map_err(|message| vec![Fault::attrs(message)])?.ty])
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        Ok(vec![cx.open(&cx.attr(PATH)?, "").map_err(|message| vec![Fault::attrs(message)])?])
    }
}

fn reads() -> BlockSpec {
    BlockSpec::new("Reads", "Test", "Reads.", "Reads a file.").attrs([PATH.spec()]).ports([OUTPUT.port()])
}

#[test]
fn a_file_that_changes_is_seen_by_check_and_run_and_one_that_does_not_is_not_read_again() {
    let mut registry = registry();
    registry.add(reads().code(Reads)).unwrap();
    let files = InMemory::default();
    let put = |name: &str, values: &[f32]| {
        drop(files.files.lock().unwrap().insert(name.into(), Tensor::vector(values.to_vec())))
    };
    let text = r#"{"nudge": 1, "blocks": {"r": {"type": "Reads"}, "y": {"type": "Square"}, "k": {"type": "Const",
        "attrs": {"value": 1}}}, "wires": [["r.output", "y.x"]]}"#;
    let page: Arc<Page> = Arc::new(page(text));
    let feeds = Feeds::new();
    let around = Surroundings { files: &files, ..Surroundings::new(&registry, &feeds) };
    let missing = CheckedPage::default().recheck(&page, &around);
    assert_eq!(missing.problems[0].to_string(), "r.attrs: there is no file 'a.npy'");
    put("a.npy", &[1.0, 2.0]);
    let first = missing.recheck(&page, &around);
    assert_eq!(first.problems, vec![], "the file has come");
    let same = first.recheck(&page, &around);
    let shared = |a: &CheckedPage, b: &CheckedPage, id: &str| Arc::ptr_eq(&a.blocks[id], &b.blocks[id]);
    assert!(["r", "y", "k"].iter().all(|id| shared(&first, &same, id)), "nothing has changed");

    let mut engine = Engine::new(1, 0).with_cache(LIMIT);
    let mut run_it = |checked: &CheckedPage| {
        let mut session = Session::new(plan(checked, &Request::fetch(&ports(&["y.output"]))));
        let options = RunOptions { files: &files, ..RunOptions::with_memory_limit(LIMIT) };
        assert_eq!(run(&mut session, &mut engine, &options), [""; 0]);
        (session.tensor("y", 0).unwrap().clone(), files.opened.load(Ordering::Relaxed))
    };
    let of = |values: &[f32]| Tensor::vector(values.to_vec());
    let (tensor, opened) = run_it(&first);
    assert!(tensor.same_bits(&of(&[1.0, 4.0])) && opened == 1);
    assert_eq!(run_it(&same).1, 1, "what stands for it is the same: nothing is read again");
    put("a.npy", &[3.0, 4.0, 5.0]);
    let other = same.recheck(&page, &around);
    assert!(!shared(&same, &other, "r") && shared(&same, &other, "k"));
    assert_eq!(other.blocks["y"].outputs[0].to_string(), "float32 [3]");
    let (tensor, opened) = run_it(&other);
    assert!(tensor.same_bits(&of(&[9.0, 16.0, 25.0])) && opened == 2);
}

/// An input and outputs of lists reach a computation in order.
#[test]
fn lists_reach_a_computation_in_order() {
    const VALUES: In<node_core::type_rule::Any> = In::new("values", "Any.").list(None);
    const EACH: Out<node_core::type_rule::Any> = Out::new("output", "Each.").as_many_as("values");
    struct Reverses;
    impl Block for Reverses {
        fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
            Ok(cx.list(VALUES).iter().rev().map(|value| value.ty.clone()).collect())
        }

        fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
            Ok(cx.list(VALUES).iter().rev().filter_map(|value| value.value.clone()).collect())
        }
    }
    let mut registry = registry();
    let spec = BlockSpec::new("Reverses", "Test", "Reverses.", "Reverses.").ports([VALUES.port(), EACH.port()]);
    registry.add(spec.code(Reverses)).unwrap();
    let text = r#"{"nudge": 1, "blocks": {"a": {"type": "Const", "attrs": {"value": 1}},
        "b": {"type": "Const", "attrs": {"value": [true]}}, "r": {"type": "Reverses"}},
        "wires": [["a.output", "r.values"], ["b.output", "r.values"], ["a.output", "r.values"]]}"#;
    let checked = check(&Arc::new(page(text)), &registry, &Feeds::new());
    assert_eq!(checked.problems, vec![]);
    let plan = plan(&checked, &Request::fetch(&ports(&["r.output[1]", "r.output[2]"])));
    let results = node_engine::run_once(&plan, &RunOptions::with_memory_limit(LIMIT));
    let shown = |index: usize| results.tensor("r", index).map(|tensor| tensor.preview(4));
    assert_eq!((shown(0), shown(1), shown(2)), (None, Some("[true]".into()), Some("1".into())));
}
