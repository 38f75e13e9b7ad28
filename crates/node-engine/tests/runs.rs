//! How runs go: what is made, what is kept, what fails, and what it leaves alone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{checked, example, noise, page, plainly, ports, registry};
use node_core::check::{CheckedPage, Feeds};
use node_core::{
    Block, BlockSpec, Edit, Fault, In, InferCx, Kernel, Out, Registry, Role, SCOPE, Tensor, TensorType, check,
};
use node_engine::{Engine, Outcome, Plan, Request, RunOptions, Session, plan};

const LIMIT: u64 = 1 << 30;

fn run(session: &mut Session, engine: &mut Engine) {
    session.run(engine, &RunOptions::with_memory_limit(LIMIT), &mut |_, _| {});
}

/// `y = x²`, `z = y - mean(y)`: two regions with a fold between them.
const CENTRED: &str = r#"{"nudge": 1, "blocks": {
    "x": {"type": "Placeholder"}, "y": {"type": "Square"}, "mean": {"type": "Mean"}, "z": {"type": "Sub"}
}, "wires": [["x.output", "y.x"], ["y.output", "mean.input"], ["y.output", "z.x"], ["mean.output", "z.y"]]}"#;

fn fed(text: &str, len: usize, fetch: &[&str]) -> (CheckedPage, Plan) {
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(len, 3)]).collect();
    let checked = checked(page(text), &feeds);
    let plan = plan(&checked, &Request::fetch(&ports(fetch)), &feeds);
    (checked, plan)
}

#[test]
fn the_peak_is_known_before_and_dead_memory_is_taken_over() {
    let len = 40_000;
    let each = 4 * len as u64;
    for (fetch, expected) in [
        // y is read by the second region alone: z takes over its memory.
        (&["z.output"][..], each + 4),
        (&["y.output", "z.output"], 2 * each + 4),
        (&["mean.output"], 4),
    ] {
        let (_, plan) = fed(CENTRED, len, fetch);
        let expected_bits = plainly(&plan);
        let (mut engine, mut session) = (Engine::new(2, 0), Session::new(plan.clone()));
        assert!(session.prepare(&mut engine, LIMIT), "nothing is left to be found out");
        assert_eq!(session.peak().0, expected, "{fetch:?}");
        for _ in 0..2 {
            run(&mut session, &mut engine);
            for port in ports(fetch) {
                let value = plan.output(port.block.as_str(), 0).unwrap();
                let got = session.tensor(port.block.as_str(), 0).unwrap();
                assert!(got.same_bits(expected_bits[value].as_ref().unwrap()), "{port}");
            }
        }
    }
}

/// Takes what is handed on, and puts it together.
struct Gathered(std::sync::Mutex<Vec<f32>>);

impl node_core::access::Sink for Gathered {
    fn write(
        &self,
        start: usize,
        elements: &node_core::kernel::Chunk<'_>,
        shape: &node_core::Shape,
    ) -> Result<(), String> {
        let node_core::kernel::Chunk::Float32(elements) = elements else { return Err("of another type".into()) };
        let mut all = self.0.lock().unwrap();
        all.resize(shape.elements(), f32::NAN);
        all[start..start + elements.len()].copy_from_slice(elements);
        Ok(())
    }
}

#[test]
fn what_is_handed_on_is_what_would_have_been_kept() {
    for len in [0, 1, 512, 4096, 4097, 5000, 16_384, 16_385, 20_000, 300_000] {
        for threads in [1, 2, 3] {
            // The second is read elsewhere too, so it is made as a whole and handed on at the end.
            for fetch in ["z.output", "y.output"] {
                let (_, mut plan) = fed(CENTRED, len, &[fetch, "mean.output"]);
                let expected = plainly(&plan);
                assert!(plan.stream(&ports(&[fetch])[0]));
                let value = plan.streamed.unwrap();
                let (mut engine, mut session) = (Engine::new(threads, 0), Session::new(plan));
                let sink = Gathered(std::sync::Mutex::default());
                let options = RunOptions { sink: Some(&sink), ..RunOptions::with_memory_limit(LIMIT) };
                session.run(&mut engine, &options, &mut |_, _| {});
                assert_eq!(session.results().problems().next(), None, "{len}");
                let got = Tensor::vector(sink.0.into_inner().unwrap());
                assert!(got.same_bits(expected[value].as_ref().unwrap()), "{fetch}, {len}, {threads} threads");
            }
        }
    }
}

#[test]
fn what_the_last_run_gave_is_not_written_over() {
    let (_, plan) = fed(CENTRED, 40_000, &["z.output"]);
    let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan));
    run(&mut session, &mut engine);
    let first = session.tensor("z", 0).unwrap().clone();
    let copy = Tensor::vector(first.slice::<f32>().unwrap().to_vec());
    assert!(session.change(|plan| plan.feed("x", noise(40_000, 99))));
    run(&mut session, &mut engine);
    assert!(first.same_bits(&copy), "somebody holds the first result");
    assert!(!session.tensor("z", 0).unwrap().same_bits(&copy), "the second is another");
}

#[test]
fn a_page_beyond_the_limit_is_refused_with_the_largest_named() {
    let (_, plan) = fed(CENTRED, 40_000, &["y.output", "z.output"]);
    let (mut engine, mut session) = (Engine::new(1, 0), Session::new(plan));
    session.run(&mut engine, &RunOptions::with_memory_limit(200_000), &mut |_, _| {});
    let results = session.results();
    let problem = results.problems().next().unwrap().to_string();
    for part in ["z.output", "312.5 KiB", "195.3 KiB", "y.output (float32 [40000], 156.2 KiB)", "raise the limit"] {
        assert!(problem.contains(part), "{problem} should say {part}");
    }
    assert!(results.tensor("y", 0).is_some(), "what fits is made");
    assert!(results.tensor("z", 0).is_none());
}

#[test]
fn a_cancelled_run_ends_early_and_the_next_is_whole() {
    let (_, plan) = fed(CENTRED, 2_000_000, &["z.output"]);
    let expected = plainly(&plan);
    for after in [0, 1, 5, 20] {
        let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan.clone()));
        let asked = AtomicUsize::new(0);
        let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= after;
        let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(LIMIT) };
        session.run(&mut engine, &options, &mut |_, _| {});
        assert!(session.is_cancelled(), "{after}");
        // Once it is to stop, each thread asks at most once more.
        assert!(asked.load(Ordering::Relaxed) <= after + 3, "{after}");
        run(&mut session, &mut engine);
        assert!(!session.is_cancelled());
        let value = plan.output("z", 0).unwrap();
        assert!(session.tensor("z", 0).unwrap().same_bits(expected[value].as_ref().unwrap()), "{after}");
    }
}

#[test]
fn progress_is_told() {
    let (_, plan) = fed(CENTRED, 1_000_000, &["z.output"]);
    let seen = std::sync::Mutex::new(Vec::new());
    let progress = |block: &node_core::BlockId, blocks: usize, done: usize, all: usize| {
        seen.lock().unwrap().push((block.to_string(), blocks, done, all));
    };
    let options = RunOptions { progress: &progress, ..RunOptions::with_memory_limit(LIMIT) };
    let mut turns = Vec::new();
    let mut session = Session::new(plan);
    session.run(&mut Engine::new(1, 0), &options, &mut |session, step| {
        turns.push(session.plan().steps[step].id.to_string());
    });
    let seen = seen.into_inner().unwrap();
    assert!(
        seen.iter()
            .any(|(block, blocks, done, all)| (block.as_str(), *blocks, *all) == ("y", 2, 1_000_000) && done < all)
    );
    assert_eq!(seen.last().map(|(block, _, done, all)| (block.as_str(), done == all)), Some(("z", true)));
    assert_eq!(turns, ["y", "mean", "z"], "y and mean are over with their region, then z");
}

/// A block that goes wrong in one of several ways.
struct Wrong(&'static BlockSpec, fn(&InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>>);

const X: In<f32> = In::new("x", "Any shape.");
const OUTPUT: Out<f32> = Out::new("output", "Nothing good.");

static PORTS: [node_core::PortSpec; 3] = [SCOPE, X.port(), OUTPUT.port()];

const fn spec(name: &'static str) -> BlockSpec {
    BlockSpec {
        name,
        category: "Test",
        summary: "Goes wrong.",
        docs: "Goes wrong.",
        role: Role::Operation,
        ports: &PORTS,
        attrs: &[],
    }
}

impl Block for Wrong {
    fn spec(&self) -> &'static BlockSpec {
        self.0
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        (self.1)(cx)
    }
}

fn with_wrong_blocks() -> Registry {
    static PANICS: BlockSpec = spec("Panics");
    static FAILS: BlockSpec = spec("Fails");
    static MISFITS: BlockSpec = spec("Misfits");
    let panics: &'static Wrong = Box::leak(Box::new(Wrong(&PANICS, |_| {
        Ok(vec![Kernel::map(|x: f32| if x > 7.9 { panic!("boiled over at {x}") } else { x })])
    })));
    let fails: &'static Wrong = Box::leak(Box::new(Wrong(&FAILS, |_| Err(vec![Fault::at("x", "is not liked")]))));
    let misfits: &'static Wrong = Box::leak(Box::new(Wrong(&MISFITS, |_| Ok(vec![Kernel::map(|x: i32| x)]))));
    let mut registry = registry();
    for block in [panics, fails, misfits] {
        registry.add(block).unwrap();
    }
    registry
}

#[test]
fn a_block_that_fails_poisons_nothing() {
    let registry = with_wrong_blocks();
    for (type_name, message) in [
        ("Panics", "bad: the block's own code panicked (boiled over at 7.9"),
        ("Fails", "bad.x: is not liked"),
        ("Misfits", "bad: its kernel does not fit its inputs"),
    ] {
        // One region: what is before and beside the bad block lives, what is behind waits.
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{
                "x": {{"type": "Placeholder"}}, "before": {{"type": "Square"}}, "bad": {{"type": "{type_name}"}},
                "behind": {{"type": "Square"}}, "beside": {{"type": "Relu6"}}, "mean": {{"type": "Mean"}}
            }}, "wires": [["x.output", "bad.x"], ["x.output", "before.x"], ["bad.output", "behind.x"],
                ["x.output", "beside.features"], ["before.output", "mean.input"]]}}"#
        );
        let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(100_000, 3)]).collect();
        let checked = check(&Arc::new(page(&text)), &registry, &feeds);
        assert_eq!(checked.problems, vec![]);
        let fetch = ports(&["bad.output", "behind.output", "beside.output", "before.output", "mean.output"]);
        let (mut engine, mut session) =
            (Engine::new(2, LIMIT), Session::new(plan(&checked, &Request::fetch(&fetch), &feeds)));
        for turn in 0..2 {
            run(&mut session, &mut engine);
            let results = session.results();
            let problems: Vec<String> = results.problems().map(ToString::to_string).collect();
            assert_eq!(problems.len(), 1, "{type_name}, turn {turn}: {problems:?}");
            assert!(problems[0].starts_with(message), "{type_name}, turn {turn}: {}", problems[0]);
            assert!(matches!(&results.blocks["behind"].outcome, Outcome::Waiting(on) if on.as_str() == "bad"));
            for (id, expected) in [("beside", "Relu6"), ("before", "Square")] {
                let tensor = results.tensor(id, 0).unwrap_or_else(|| panic!("{type_name}: {expected} has run"));
                assert_eq!(tensor.len(), 100_000);
            }
            assert!(results.tensor("mean", 0).is_some());
        }
    }
}

#[test]
fn kernels_shaped_by_computed_values_come_in_a_later_phase() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "lo": {"type": "Min"}, "hi": {"type": "Max"},
        "fq": {"type": "FakeQuantWithMinMaxVars"}, "e": {"type": "Sub"}, "sq": {"type": "Square"}, "mse": {"type": "Mean"}
    }, "wires": [["x.output", "lo.input"], ["x.output", "hi.input"], ["x.output", "fq.inputs"], ["lo.output", "fq.min"],
        ["hi.output", "fq.max"], ["fq.output", "e.x"], ["x.output", "e.y"], ["e.output", "sq.x"], ["sq.output", "mse.input"]]}"#;
    let (_, plan) = fed(text, 30_000, &["mse.output", "fq.output"]);
    let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan.clone()));
    for seed in [3, 3, 4, 5] {
        session.change(|plan| plan.feed("x", noise(30_000, seed)));
        run(&mut session, &mut engine);
        let expected = plainly(session.plan());
        for id in ["mse", "fq"] {
            let value = plan.output(id, 0).unwrap();
            assert!(session.tensor(id, 0).unwrap().same_bits(expected[value].as_ref().unwrap()), "{id}, {seed}");
        }
        let quantization = session.results().blocks["fq"].quantization.clone().unwrap();
        assert!(quantization.ranges[0].min < -7.9);
    }
}

/// How many blocks run when `edit` has been made, with results kept from before.
fn turns(session: &mut Session, engine: &mut Engine) -> Vec<String> {
    let mut turns = Vec::new();
    session.run(engine, &RunOptions::with_memory_limit(LIMIT), &mut |session, step| {
        turns.push(session.plan().steps[step].id.to_string());
    });
    turns
}

#[test]
fn only_what_changed_runs_again() {
    let registry = registry();
    let all = |checked: &CheckedPage| -> Request {
        let fetch = checked.blocks.keys().map(|id| node_core::PortRef::new(id, "")).collect();
        Request { fetch, ..Request::default() }
    };
    let mut engine = Engine::new(2, LIMIT).with_cache(LIMIT);
    let mut page = example("qat_step");
    let mut run_page = |page: &node_core::Page| {
        let checked = check(&Arc::new(page.clone()), &registry, &Feeds::new());
        let mut session = Session::new(plan(&checked, &all(&checked), &Feeds::new()));
        let turns = turns(&mut session, &mut engine);
        (turns, session.results())
    };
    let (first, before) = run_page(&page);
    assert_eq!(first.len(), 10, "{first:?}: all that compute, and the set of attributes");
    assert_eq!(run_page(&page).0, ["range"], "the set has no result that could be kept");
    let set = |page: &mut node_core::Page, block: &str, name: &str, value| {
        let id = node_core::BlockId::new(block).unwrap();
        Edit::set_attr(&id, name, Some(node_core::page::Written::from(value))).apply(page).unwrap()
    };
    let back = set(&mut page, "range", "max", node_core::Value::Int(4));
    let (again, after) = run_page(&page);
    assert_eq!(again, ["range", "fq", "e", "grad", "r6", "dx", "sq", "mse"], "xw and y do not depend on the range");
    assert!(!after.tensor("mse", 0).unwrap().same_bits(before.tensor("mse", 0).unwrap()));
    back.apply(&mut page).unwrap();
    let (undone, result) = run_page(&page);
    assert_eq!(undone, ["range"], "undoing gives the old results at once");
    for id in ["mse", "dx", "fq"] {
        assert!(result.tensor(id, 0).unwrap().same_bits(before.tensor(id, 0).unwrap()), "{id}");
    }
}

/// A block whose results no other run may stand for.
struct Stateful(Wrong);

impl Block for Stateful {
    fn spec(&self) -> &'static BlockSpec {
        self.0.spec()
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        self.0.infer(cx)
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        self.0.kernels(cx)
    }

    fn is_stateful(&self) -> bool {
        true
    }
}

#[test]
fn results_of_blocks_with_state_are_not_kept() {
    static COUNTS: BlockSpec = spec("Counts");
    let block = Wrong(&COUNTS, |_| Ok(vec![Kernel::map(|x: f32| x)]));
    let mut registry = registry();
    registry.add(Box::leak(Box::new(Stateful(block)))).unwrap();
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [1, 2]}}, "before": {"type": "Square"}, "state": {"type": "Counts"},
        "behind": {"type": "Square"}
    }, "wires": [["x.output", "before.x"], ["before.output", "state.x"], ["state.output", "behind.x"]]}"#;
    let checked = check(&Arc::new(page(text)), &registry, &Feeds::new());
    let request = Request::fetch(&ports(&["before.output", "state.output", "behind.output"]));
    let mut engine = Engine::new(1, LIMIT).with_cache(LIMIT);
    let mut session = Session::new(plan(&checked, &request, &Feeds::new()));
    assert_eq!(turns(&mut session, &mut engine), ["before", "state", "behind"]);
    assert_eq!(turns(&mut session, &mut engine), ["state", "behind"], "what follows from state is not kept either");
}

/// `p = a·3` is asked for; `q = a·sum(a)` comes in a later phase, because the axes of the sum are computed.
const TWO_PHASES: &str = r#"{"nudge": 1, "blocks": {
    "x": {"type": "Placeholder"}, "p": {"type": "Square"}, "q": {"type": "Mul"},
    "axis": {"type": "Mul", "inputs": {"x": {"dtype": "int32", "data": 0}, "y": {"dtype": "int32", "data": 1}}},
    "s": {"type": "Sum", "attrs": {"keep_dims": true}}
}, "wires": [["x.output", "p.x"], ["x.output", "s.input"], ["axis.output", "s.axis"], ["s.output", "q.x"],
    ["x.output", "q.y"]]}"#;

#[test]
fn memory_is_counted_over_all_phases() {
    let len = 40_000;
    let each = 4 * len as u64;
    let (_, plan) = fed(TWO_PHASES, len, &["p.output", "q.output"]);
    let (mut engine, mut session) = (Engine::new(1, LIMIT), Session::new(plan));
    let mut problems = |limit: u64| {
        session.run(&mut engine, &RunOptions::with_memory_limit(limit), &mut |_, _| {});
        let problems: Vec<String> = session.results().problems().map(ToString::to_string).collect();
        (problems, session.peak().0)
    };
    let (none, peak) = problems(LIMIT);
    assert_eq!((none, peak), (vec![], 2 * each + 8), "both products, the sum and its axis");
    // The same session, with a limit that holds one of them.
    let (refused, peak) = problems(each + each / 2);
    assert!(peak <= each + each / 2, "{peak}");
    let [only] = refused.as_slice() else { panic!("{refused:?}") };
    assert!(only.starts_with("q.output: the run would take 312.5 KiB"), "{only}");
    assert!(only.contains("p.output (float32 [40000], 156.2 KiB)"), "what an earlier phase has made is named: {only}");
    assert_eq!(problems(2 * each + 8).0, Vec::<String>::new(), "a larger limit holds again");
}

/// A page of `count` blocks of this type on one source, all of them asked for.
fn fan(type_name: &str, port: &str, count: usize, registry: &Registry, feeds: &Feeds) -> Plan {
    let mut blocks = vec![r#""x": {"type": "Placeholder"}"#.to_owned()];
    let mut wires = Vec::new();
    for i in 0..count {
        blocks.push(format!(r#""b{i}": {{"type": "{type_name}"}}"#));
        wires.push(format!(r#"["x.output", "b{i}.{port}"]"#));
    }
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "));
    let checked = check(&Arc::new(page(&text)), registry, feeds);
    assert_eq!(checked.problems, vec![]);
    let fetch: Vec<_> = (0..count).map(|i| node_core::PortRef::parse(&format!("b{i}.output")).unwrap()).collect();
    plan(&checked, &Request::fetch(&fetch), feeds)
}

#[test]
fn many_blocks_that_fail_or_are_refused_take_no_time() {
    const MANY: usize = 1_600;
    let registry = with_wrong_blocks();
    for (type_name, port, limit, message) in [
        // One walk whose results are too many; walks of which each is too large by itself; blocks whose kernels cannot
        // be made; one walk in which every kernel panics.
        ("Square", "x", 100_000, "the memory limit is 97.7 KiB"),
        ("Square", "x", 1_000, "the memory limit is 1000 bytes"),
        ("Fails", "x", LIMIT, "is not liked"),
        ("Panics", "x", LIMIT, "boiled over"),
        ("Misfits", "x", LIMIT, "does not fit its inputs"),
    ] {
        let feeds: Feeds = ports(&["x.output"]).into_iter().zip([Tensor::vector(vec![8f32; 1000])]).collect();
        let plan = fan(type_name, port, MANY, &registry, &feeds);
        let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan));
        let begun = std::time::Instant::now();
        session.run(&mut engine, &RunOptions::with_memory_limit(limit), &mut |_, _| {});
        let elapsed = begun.elapsed();
        let results = session.results();
        let problems: Vec<String> = results.problems().map(ToString::to_string).collect();
        let fits = if limit == 100_000 { 25 } else { 0 };
        assert_eq!(problems.len(), MANY - fits, "{type_name}");
        assert!(problems.iter().all(|problem| problem.contains(message)), "{type_name}: {}", problems[0]);
        assert!(elapsed.as_secs_f64() < 1.0, "{type_name}, {limit}: {elapsed:?}");
    }
}

#[test]
fn preparing_is_cancelled_too() {
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(100, 1)]).collect();
    let plan = fan("Square", "x", 500, &registry(), &feeds);
    let mut session = Session::new(plan);
    let asked = AtomicUsize::new(0);
    let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= 100;
    let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(LIMIT) };
    session.run(&mut Engine::new(1, 0), &options, &mut |_, _| {});
    assert!(session.is_cancelled());
    assert_eq!(asked.load(Ordering::Relaxed), 101, "it asks for every step, and stops when it is told to");
}

/// Elements that can be read and not written, as those of a mapped file.
struct ReadOnly(Vec<f32>);

impl node_core::tensor::Storage<f32> for ReadOnly {
    fn as_slice(&self) -> &[f32] {
        &self.0
    }
}

/// Computes a tensor that nobody may write to.
struct GivesReadOnly;

impl Block for GivesReadOnly {
    fn spec(&self) -> &'static BlockSpec {
        static SPEC: BlockSpec = spec("GivesReadOnly");
        &SPEC
    }

    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![cx.input(X)?.ty.clone()])
    }

    fn compute(&self, cx: &node_core::RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (x, shape) = (cx.slice(X)?.to_vec(), cx.outputs[0].shape.clone());
        let buffer = node_core::tensor::Buffer::new(ReadOnly(x));
        Tensor::from_buffer(shape, buffer).map(|t| vec![t]).map_err(|e| vec![Fault::block(e.to_string())])
    }
}

#[test]
fn memory_that_cannot_be_written_is_not_taken_over() {
    let mut registry = registry();
    registry.add(&GivesReadOnly).unwrap();
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "r": {"type": "GivesReadOnly"}, "y": {"type": "Square"}
    }, "wires": [["x.output", "r.x"], ["r.output", "y.x"]]}"#;
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(50_000, 1)]).collect();
    let checked = check(&Arc::new(page(text)), &registry, &feeds);
    let mut session = Session::new(plan(&checked, &Request::fetch(&ports(&["y.output"])), &feeds));
    for _ in 0..2 {
        run(&mut session, &mut Engine::new(2, LIMIT));
        assert_eq!(session.results().problems().next(), None);
        let squares: Vec<f32> = noise(50_000, 1).slice::<f32>().unwrap().iter().map(|v| v * v).collect();
        assert!(session.tensor("y", 0).unwrap().same_bits(&Tensor::vector(squares)));
    }
}

#[test]
fn a_run_infers_again_with_the_shapes_that_it_has() {
    // The mean of no integers is refused, also where only a run knows that there are none.
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": {"dtype": "int32", "shape": [3, 0], "data": []}}},
        "axis": {"type": "Mul", "inputs": {"x": {"dtype": "int32", "data": 0}, "y": {"dtype": "int32", "data": 1}}},
        "s": {"type": "Sum"}, "m": {"type": "Mean"}
    }, "wires": [["x.output", "s.input"], ["axis.output", "s.axis"], ["s.output", "m.input"]]}"#;
    let checked = checked(page(text), &Feeds::new());
    let mut session = Session::new(plan(&checked, &Request::fetch(&ports(&["m.output"])), &Feeds::new()));
    run(&mut session, &mut Engine::new(2, LIMIT));
    let problems: Vec<String> = session.results().problems().map(ToString::to_string).collect();
    assert_eq!(problems, ["m.input: has no elements; the mean of no int32 is not defined"]);
}
