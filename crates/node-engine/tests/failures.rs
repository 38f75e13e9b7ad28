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
        let (mut engine, mut session) = (Engine::new(2, LIMIT), Session::new(plan(&checked, &Request::fetch(&fetch))));
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

/// So many zeros that no check computes with them: what comes of them is known in a run alone.
fn zeros() -> String {
    format!("{:?}", [0; 300])
}

/// `p = a·3` is asked for; `q = a·sum(a)` comes in a later phase, because the axes of the sum are computed.
const TWO_PHASES: &str = r#"{"nudge": 1, "blocks": {
    "x": {"type": "Placeholder"}, "p": {"type": "Square"}, "q": {"type": "Mul"},
    "axis": {"type": "Max", "inputs": {"input": {"dtype": "int32", "data": ZEROS}}},
    "s": {"type": "Sum", "attrs": {"keep_dims": true}}
}, "wires": [["x.output", "p.x"], ["x.output", "s.input"], ["axis.output", "s.axis"], ["s.output", "q.x"],
    ["x.output", "q.y"]]}"#;

#[test]
fn memory_is_counted_over_all_phases() {
    let len = 40_000;
    let each = 4 * len as u64;
    let (_, plan) = fed(&TWO_PHASES.replace("ZEROS", &zeros()), len, &["p.output", "q.output"]);
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
    plan(&checked, &Request::fetch(&fetch))
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
        "axis": {"type": "Max", "inputs": {"input": {"dtype": "int32", "data": ZEROS}}},
        "s": {"type": "Sum"}, "m": {"type": "Mean"}
    }, "wires": [["x.output", "s.input"], ["axis.output", "s.axis"], ["s.output", "m.input"]]}"#;
    let checked = checked(page(&text.replace("ZEROS", &zeros())), &Feeds::new());
    let mut session = Session::new(plan(&checked, &Request::fetch(&ports(&["m.output"]))));
    run(&mut session, &mut Engine::new(2, LIMIT));
    let problems: Vec<String> = session.results().problems().map(ToString::to_string).collect();
    assert_eq!(problems, ["m.input: has no elements; the mean of no int32 is not defined"]);
}

/// What a run of a page with blocks that fail leaves, by block: `done`, or what is wrong.
fn outcomes(text: &str, len: usize, fetch: &[&str], limit: u64) -> Vec<String> {
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(len, 3)]).collect();
    let checked = check(&Arc::new(page(text)), &with_wrong_blocks(), &feeds);
    assert_eq!(checked.problems, vec![]);
    let mut session = Session::new(plan(&checked, &Request::fetch(&ports(fetch))));
    session.run(&mut Engine::new(1, 0), &RunOptions::with_memory_limit(limit), &mut |_, _| {});
    let word = |outcome: &Outcome| match outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Failed(problem) => problem.message.split([';', ',', '(']).next().unwrap_or_default().to_owned(),
        Outcome::Waiting(on) => format!("waits for {on}"),
    };
    session.results().blocks.iter().map(|(id, result)| format!("{id} {}", word(&result.outcome))).collect()
}

#[test]
fn a_block_that_computes_reads_through_blocks_that_pass_on() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "sq": {"type": "Square"}, "same": {"type": "Identity"}, "c": {"type": "Copies"}
    }, "wires": [["x.output", "sq.x"], ["sq.output", "same.input"], ["same.output", "c.x"]]}"#;
    assert_eq!(outcomes(text, 10, &["c.output"], LIMIT), ["c done", "same done", "sq done", "x done"]);
}

#[test]
fn a_kernel_that_is_summed_at_once_is_to_blame_itself() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "bad": {"type": "Panics"}, "sum": {"type": "Sum"}
    }, "wires": [["x.output", "bad.x"], ["bad.output", "sum.input"]]}"#;
    let expected = ["bad the block's own code panicked ", "sum waits for bad", "x done"];
    assert_eq!(outcomes(text, 100_000, &["sum.output"], LIMIT), expected);
}

#[test]
fn what_is_refused_or_fails_holds_no_memory_of_others() {
    // `b` is read by nobody who can run once `big` is refused; `c`, which comes later, has room then.
    let refused = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "b": {"type": "Copies"}, "big": {"type": "Mul", "inputs": {
        "y": [[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]]}}, "u": {"type": "AddV2"}, "m": {"type": "Mean"},
        "m2": {"type": "Square"}, "m3": {"type": "Mul"}, "m4": {"type": "Mean"}, "c": {"type": "Mul"}
    }, "wires": [["x.output", "b.x"], ["x.output", "big.x"], ["big.output", "u.x"], ["b.output", "u.y"],
        ["x.output", "m.input"], ["m.output", "m2.x"], ["x.output", "m3.x"], ["m2.output", "m3.y"],
        ["m3.output", "m4.input"], ["m4.output", "c.y"], ["x.output", "c.x"]]}"#;
    let found = outcomes(refused, 10_000, &["u.output", "c.output"], 60_000);
    assert!(found.contains(&"c done".to_owned()) && found.contains(&"u waits for big".to_owned()), "{found:?}");
    // `a` is read by a block that fails alone.
    let fails = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "a": {"type": "Square"}, "bad": {"type": "FailsInComputing"}, "f": {"type": "Mean"},
        "m": {"type": "Mean"}, "m2": {"type": "Mul", "inputs": {"y": [[1], [2], [3]]}}, "m3": {"type": "Copies"},
        "m4": {"type": "Square"}, "c": {"type": "Mul"}
    }, "wires": [["x.output", "a.x"], ["a.output", "bad.x"], ["bad.output", "f.input"], ["x.output", "m.input"],
        ["m.output", "m2.x"], ["m2.output", "m3.x"], ["m3.output", "m4.x"], ["m4.output", "c.y"], ["x.output", "c.x"]]}"#;
    let found = outcomes(fails, 10_000, &["f.output", "c.output"], 130_000);
    assert!(found.contains(&"c done".to_owned()) && found.contains(&"f waits for bad".to_owned()), "{found:?}");
}

#[test]
fn what_cannot_be_held_is_refused_before_it_is_prepared() {
    let long = |axis: usize| {
        let shape: Vec<String> = (0..5).map(|i| if i == axis { "1000" } else { "1" }.to_owned()).collect();
        let data = vec!["1"; 1000].join(", ");
        format!(
            r#""c{axis}": {{"type": "Const", "attrs": {{"value": {{"shape": [{}], "data": [{data}]}}}}}}"#,
            shape.join(", ")
        )
    };
    let consts: Vec<String> = (0..5).map(long).collect();
    for (sum, message) in [
        (r#""s": {"type": "Sum", "inputs": {"axis": {"dtype": "int32", "data": [0, 1]}}}"#, "memory limit"),
        (r#""s": {"type": "Sum"}"#, "memory limit"),
        (r#""s": {"type": "Identity"}"#, "memory limit"),
    ] {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{{}, "x": {{"type": "Placeholder"}}, "m1": {{"type": "Mul"}}, "m2": {{"type": "Mul"}},
            "m3": {{"type": "Mul"}}, "m4": {{"type": "Mul"}}, {sum}}}, "wires": [["c0.output", "m1.x"],
            ["c1.output", "m1.y"], ["m1.output", "m2.x"], ["c2.output", "m2.y"], ["m2.output", "m3.x"],
            ["c3.output", "m3.y"], ["m3.output", "m4.x"], ["c4.output", "m4.y"], ["m4.output", "s.input"]]}}"#,
            consts.join(", ")
        );
        let checked = checked(page(&text), &Feeds::new());
        let request = Request { shares: true, ..Request::fetch(&ports(&["s.output"])) };
        let mut session = Session::new(plan(&checked, &request));
        run(&mut session, &mut Engine::new(1, 0));
        let problems: Vec<String> = session.results().problems().map(ToString::to_string).collect();
        assert!(!problems.is_empty() && problems.iter().all(|problem| problem.contains(message)), "{problems:?}");
    }
}

#[test]
fn after_a_failure_the_rest_is_kept_and_nothing_is_handed_on_twice() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "good": {"type": "Copies"}, "mean": {"type": "Mean"},
        "bad": {"type": "FailsInComputing"}, "session": {"type": "ClientSession"}
    }, "wires": [["x.output", "bad.x"], ["x.output", "good.x"], ["good.output", "mean.input"],
        ["mean.output", "session.fetch_outputs"]]}"#;
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(1000, 3)]).collect();
    let checked = check(&Arc::new(page(text)), &with_wrong_blocks(), &feeds);
    let mut fetch = ports(&["good.output", "mean.output", "bad.output"]);
    fetch.push(node_core::PortRef::new(&node_core::BlockId::new("session").unwrap(), ""));
    let mut session = Session::new(plan(&checked, &Request::fetch(&fetch)));
    let mut engine = Engine::new(1, 0).with_cache(LIMIT);
    let mut turns = || {
        let mut turns = Vec::new();
        session.run(&mut engine, &RunOptions::with_memory_limit(LIMIT), &mut |session, step| {
            turns.push(session.plan().steps[step].id.to_string());
        });
        turns.sort();
        turns
    };
    assert_eq!(turns(), ["bad", "good", "mean", "session"], "each has one turn");
    assert_eq!(turns(), ["bad", "session"], "the others' results are kept");

    let mut plan = plan(&checked, &Request::fetch(&ports(&["good.output", "bad.output"])));
    assert!(plan.stream(&ports(&["good.output"])[0]));
    let sink = Counts(AtomicUsize::new(0));
    let options = RunOptions { sink: Some(&sink), ..RunOptions::with_memory_limit(LIMIT) };
    Session::new(plan).run(&mut Engine::new(1, 0), &options, &mut |_, _| {});
    assert_eq!(sink.0.into_inner(), 1);
}

/// Counts how often it is handed something.
struct Counts(AtomicUsize);

impl node_core::access::Sink for Counts {
    fn write(&self, _: usize, _: &node_core::kernel::Chunk<'_>, _: &node_core::Shape) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn a_value_that_is_watched_alone_is_there_for_who_reads_it() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Placeholder"}, "sq": {"type": "Square"}, "fq": {"type": "FakeQuantWithMinMaxArgs"}
    }, "wires": [["x.output", "sq.x"], ["sq.output", "fq.inputs"]]}"#;
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([noise(1000, 3)]).collect();
    let mut engine = Engine::new(1, 0).with_cache(LIMIT);
    for max in [6, 5] {
        let mut page = page(text);
        let value = node_core::page::Written::from(node_core::Value::Int(max));
        let id = node_core::BlockId::new("fq").unwrap();
        node_core::Edit::set_attr(&id, "max", Some(value)).apply(&mut page).unwrap();
        let request = Request { watch: ports(&["sq.output"]), ..Request::fetch(&ports(&["fq.output"])) };
        let mut session = Session::new(plan(&checked(page, &feeds), &request));
        run(&mut session, &mut engine);
        assert_eq!(session.results().problems().next(), None, "max {max}");
        assert!(session.results().blocks["sq"].stats[0].is_some(), "max {max}");
    }
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

#[test]
fn small_folds_take_little_memory_however_many_they_are() {
    let registry = registry();
    let x = noise(6, 1).reshaped(&node_core::Shape::new([2, 3]).unwrap()).unwrap();
    let feeds: Feeds = ports(&["x.output"]).into_iter().zip([x]).collect();
    let (mut blocks, mut wires) = (vec![r#""x": {"type": "Placeholder"}"#.to_owned()], Vec::new());
    const MANY: usize = 2_000;
    for i in 0..MANY {
        let axis = r#""inputs": {"axis": {"dtype": "int32", "data": 1}}"#;
        blocks.push(format!(r#""b{i}": {{"type": "Sum", {axis}}}, "c{i}": {{"type": "Mean"}}"#));
        wires.push(format!(r#"["x.output", "b{i}.input"], ["b{i}.output", "c{i}.input"]"#));
    }
    let text = format!(r#"{{"nudge": 1, "blocks": {{{}}}, "wires": [{}]}}"#, blocks.join(", "), wires.join(", "));
    let checked = check(&Arc::new(page(&text)), &registry, &feeds);
    let fetch: Vec<_> = (0..MANY).map(|i| node_core::PortRef::parse(&format!("c{i}.output")).unwrap()).collect();
    let mut session = Session::new(plan(&checked, &Request::fetch(&fetch)));
    let mut engine = Engine::new(4, 0);
    let before = resident();
    run(&mut session, &mut engine);
    assert_eq!(session.results().problems().next(), None);
    let each = resident().saturating_sub(before) / (2 * MANY as u64);
    assert!(each < 16 << 10, "{each} bytes for each fold");
}
