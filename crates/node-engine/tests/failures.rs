//! What fails or is refused, and what that leaves alone.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::wrong::{CENTRED, LIMIT, fed, run, with_wrong_blocks};
use common::{checked, noise, page, ports, registry};
use node_core::check::Feeds;
use node_core::{Registry, Tensor, check};
use node_engine::{Engine, Outcome, Plan, Request, RunOptions, Session, plan};

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
