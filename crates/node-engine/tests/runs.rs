//! How runs go: what is made, what is kept, what is told and handed on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::wrong::{CENTRED, LIMIT, Wrong, fed, run, spec, with_wrong_blocks};
use common::{example, noise, page, plainly, ports, registry};
use node_core::check::{CheckedPage, Feeds};
use node_core::{Block, Edit, Fault, InferCx, Kernel, Tensor, TensorType, check};
use node_engine::plan::Provenance;
use node_engine::{Engine, Request, RunOptions, Session, plan};

#[test]
fn the_peak_is_known_before_and_dead_memory_is_taken_over() {
    let len = 40_000;
    let each = 4 * len as u64;
    // What nine of the ten blocks of elements come to, while they are folded.
    let blocks = 8 * 9;
    for (fetch, expected) in [
        // y is read by the second region alone: z takes over its memory.
        (&["z.output"][..], each + 4 + blocks),
        (&["y.output", "z.output"], 2 * each + 4),
        (&["mean.output"], 4 + blocks),
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

/// Wherever a run is cancelled, the next of the same session is whole and counts its memory from nothing.
#[test]
fn the_run_after_a_cancelled_one_is_whole_wherever_that_ended() {
    for name in ["fake_quant_per_channel_gradient", "qat_step", "fake_quant_gradient"] {
        let checked = common::checked(example(name), &Feeds::new());
        let request = Request { fetch: node_engine::default_fetch(&checked), ..Request::default() };
        let plan = plan(&checked, &request);
        let expected = plainly(&plan);
        let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan.clone()));
        let mut after = 0;
        loop {
            let asked = AtomicUsize::new(0);
            let cancelled = || asked.fetch_add(1, Ordering::Relaxed) >= after;
            let options = RunOptions { cancelled: &cancelled, ..RunOptions::with_memory_limit(LIMIT) };
            session.run(&mut engine, &options, &mut |_, _| {});
            let was_cancelled = session.is_cancelled();
            run(&mut session, &mut engine);
            for (value, expected) in plan.values.iter().zip(&expected).filter(|(value, _)| value.fetched) {
                let Provenance::Output { step, index } = value.origin else { continue };
                let got = session.tensor(plan.steps[step].id.as_str(), index).unwrap();
                assert!(got.same_bits(expected.as_ref().unwrap()), "{name} {after}");
            }
            if !was_cancelled {
                break;
            }
            after += 1;
        }
        assert!(after > 1, "{name} was cancelled somewhere");
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
        let mut session = Session::new(plan(&checked, &all(&checked)));
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
    assert_eq!(again, ["range", "fq", "grad", "e", "r6", "dx", "sq", "mse"], "xw and y do not depend on the range");
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
    let block = Wrong(|_| Ok(vec![Kernel::map(|x: f32| x)]));
    let mut registry = registry();
    registry.add(spec("Counts").code(Stateful(block))).unwrap();
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": [1, 2]}}, "before": {"type": "Square"}, "state": {"type": "Counts"},
        "behind": {"type": "Square"}
    }, "wires": [["x.output", "before.x"], ["before.output", "state.x"], ["state.output", "behind.x"]]}"#;
    let checked = check(&Arc::new(page(text)), &registry, &Feeds::new());
    let request = Request::fetch(&ports(&["before.output", "state.output", "behind.output"]));
    let mut engine = Engine::new(1, LIMIT).with_cache(LIMIT);
    let mut session = Session::new(plan(&checked, &request));
    assert_eq!(turns(&mut session, &mut engine), ["before", "state", "behind"]);
    assert_eq!(turns(&mut session, &mut engine), ["state", "behind"], "what follows from state is not kept either");
}

#[test]
fn memory_that_cannot_be_written_is_not_taken_over() {
    let registry = with_wrong_blocks();
    // It dies with a region that could take it over, or before another that could have its memory.
    for (reader, wires) in [
        (r#""y": {"type": "Square"}"#, r#"["r.output", "y.x"]"#),
        (
            r#""m": {"type": "Mean"}, "y": {"type": "Mul"}"#,
            r#"["r.output", "m.input"], ["x.output", "y.x"], ["m.output", "y.y"]"#,
        ),
    ] {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder"}}, "r": {{"type": "GivesReadOnly"}}, {reader}}},
            "wires": [["x.output", "r.x"], {wires}]}}"#
        );
        let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(50_000, 1)]).collect();
        let checked = check(&Arc::new(page(&text)), &registry, &feeds);
        let plan = plan(&checked, &Request::fetch(&ports(&["y.output"])));
        let expected = plainly(&plan)[plan.output("y", 0).unwrap()].clone().unwrap();
        let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan));
        for _ in 0..2 {
            run(&mut session, &mut engine);
            assert_eq!(session.results().problems().next(), None, "{reader}");
            assert!(session.tensor("y", 0).unwrap().same_bits(&expected), "{reader}");
        }
    }
}

/// What is handed on is not in memory as a whole, and takes no other's place.
#[test]
fn the_peak_of_a_run_that_hands_on() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "y": {"type": "Square"}, "mean": {"type": "Mean"}, "z": {"type": "Sub"},
        "w": {"type": "Mul"}
    }, "wires": [["x.output", "y.x"], ["y.output", "mean.input"], ["y.output", "z.x"], ["mean.output", "z.y"],
        ["y.output", "w.x"], ["mean.output", "w.y"]]}"#;
    let (_, mut plan) = fed(text, 40_000, &["w.output", "z.output"]);
    assert!(plan.stream(&ports(&["w.output"])[0]));
    let mut session = Session::new(plan);
    assert!(session.prepare(&mut Engine::new(1, 0), LIMIT));
    assert_eq!(session.peak().0, 4 * 40_000 + 4 + 8 * 9, "y and its mean; z takes over y, w is handed on");
}

#[test]
fn what_is_said_of_a_block_is_said_in_every_run() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "low": {"type": "Min"}, "high": {"type": "Max"},
        "fq": {"type": "FakeQuantWithMinMaxVars"}, "s": {"type": "Sum"}
    }, "wires": [["x.output", "low.input"], ["x.output", "high.input"], ["x.output", "fq.inputs"],
        ["low.output", "fq.min"], ["high.output", "fq.max"], ["fq.output", "s.input"]]}"#;
    let (_, plan) = fed(text, 1000, &["s.output"]);
    let (mut engine, mut session) = (Engine::new(1, 0).with_cache(LIMIT), Session::new(plan));
    for turn in 0..3 {
        run(&mut session, &mut engine);
        let results = session.results();
        assert_eq!(results.warnings().count(), 1, "turn {turn}");
        assert!(results.blocks["fq"].quantization.is_some(), "turn {turn}");
    }
}
