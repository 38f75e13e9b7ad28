//! State and steps: updates and random numbers against TensorFlow's, and whole runs of several steps.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::Path;
use std::sync::Arc;

use node_core::check::Surroundings;
use node_core::{BlockId, BlockNode, CheckedPage, Feeds, Page, PortRef, Registry, Tensor, Value, Wire, check, literal};
use node_engine::steps::{Progress, Steps, scalars};
use node_engine::{Engine, RunOptions, default_fetch};
use node_io::page_file;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    op: String,
    #[serde(default)]
    note: String,
    attrs: Value,
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    inputs: Option<Value>,
    #[serde(default)]
    outputs: Option<Value>,
    #[serde(default)]
    shape: Option<Value>,
    #[serde(default)]
    within: f64,
    #[serde(default)]
    steps: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden/training.json");
    serde_json::from_str::<File>(&std::fs::read_to_string(path).unwrap()).unwrap().cases
}

fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

fn entries(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(entries) => entries.clone(),
        other => panic!("{other} is no object"),
    }
}

fn id(text: &str) -> BlockId {
    BlockId::new(text).unwrap()
}

fn put(page: &mut Page, name: &str, type_name: &str, attrs: Vec<(String, Value)>, inputs: Vec<(String, Value)>) {
    let node = BlockNode {
        attrs: attrs.into_iter().collect(),
        inputs: inputs.into_iter().collect(),
        ..BlockNode::new(type_name)
    };
    page.blocks.insert(id(name), Arc::new(node));
}

fn connect(page: &mut Page, from: &str, to: &str) {
    let wire = Wire { from: PortRef::parse(from).unwrap(), to: PortRef::parse(to).unwrap() };
    Arc::make_mut(&mut page.wires).push(wire);
}

/// What a page's steps leave: each step's values of these ports, and the state at the end.
struct Run {
    registry: Registry,
    checked: CheckedPage,
    engine: Engine,
}

impl Run {
    fn of(page: Page, threads: usize) -> Run {
        let registry = registry();
        let checked = check(&Arc::new(page), &registry, &Feeds::new());
        assert_eq!(checked.problems, []);
        Run { registry, checked, engine: Engine::new(threads, 0) }
    }

    fn steps(&mut self, progress: Progress, count: usize) -> (Progress, Vec<(PortRef, Vec<f64>)>) {
        let (feeds, options) = (Feeds::new(), RunOptions::with_memory_limit(1 << 30));
        let around = Surroundings::new(&self.registry, &feeds);
        let (fetch, followed) = (default_fetch(&self.checked), scalars(&self.checked));
        let with = (&mut self.engine, &around, &options);
        let mut steps = Steps::new(&self.checked, (&fetch, &followed), progress, with).unwrap();
        for _ in 0..count {
            assert_eq!(steps.advance(&mut self.engine, &options), Ok(true));
        }
        let history = steps
            .history()
            .map(|(port, values)| (port.clone(), values.iter().map(|value| value.as_f64().unwrap()).collect()))
            .collect();
        (steps.progress().clone(), history)
    }

    /// What a port gives at this state, by a run of its own.
    fn value(&self, progress: &Progress, port: &str) -> Tensor {
        let feeds = progress.feeds(&self.checked.page, &self.registry, &Feeds::new());
        let checked = check(&self.checked.page, &self.registry, &feeds);
        assert_eq!(checked.problems, []);
        let port = PortRef::parse(port).unwrap();
        let plan = node_engine::plan(&checked, &node_engine::Request::fetch(std::slice::from_ref(&port)));
        let results = node_engine::run_once(&plan, &RunOptions::with_memory_limit(1 << 30));
        let index = checked.blocks[&port.block].output_index(&port.port).unwrap();
        results.tensor(port.block.as_str(), index).unwrap().clone()
    }
}

#[test]
fn updates_are_tensorflows() {
    let mut wrong = Vec::new();
    for case in cases().into_iter().filter(|case| case.inputs.is_some()) {
        let mut page = Page::default();
        put(&mut page, "op", &case.op, entries(&case.attrs), Vec::new());
        for (name, value) in entries(case.inputs.as_ref().unwrap()) {
            match case.states.contains(&name) {
                true => put(&mut page, &name, "Variable", Vec::new(), vec![("initial".to_owned(), value)]),
                false => put(&mut page, &name, "Const", vec![("value".to_owned(), value)], Vec::new()),
            }
            connect(&mut page, &format!("{name}.output"), &format!("op.{name}"));
        }
        let mut run = Run::of(page, 1);
        let (after, _) = run.steps(Progress::default(), 1);
        for (state, (output, wanted)) in case.states.iter().zip(entries(case.outputs.as_ref().unwrap())) {
            let wanted = literal::tensor(&wanted, None).unwrap();
            let landed = run.value(&after, &format!("{state}.output"));
            let told = run.value(&Progress::default(), &format!("op.{output}"));
            if !landed.same_bits(&wanted) || !told.same_bits(&wanted) {
                wrong.push(format!("{} {}: {state} is {landed:?}, TensorFlow's {wanted:?}", case.op, case.note));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn random_numbers_are_tensorflows_step_by_step() {
    let mut wrong = Vec::new();
    for case in cases().into_iter().filter(|case| case.shape.is_some()) {
        let mut page = Page::default();
        let literal_shape = Value::Object(vec![
            ("dtype".to_owned(), Value::from("int32")),
            (
                "shape".to_owned(),
                Value::from(vec![match case.shape.as_ref().unwrap() {
                    Value::List(dims) => dims.len() as i64,
                    _ => 0,
                }]),
            ),
            ("data".to_owned(), case.shape.clone().unwrap()),
        ]);
        put(&mut page, "op", &case.op, entries(&case.attrs), vec![("shape".to_owned(), literal_shape)]);
        let mut run = Run::of(page, 2);
        let mut progress = Progress::default();
        for (step, wanted) in case.steps.iter().enumerate() {
            let wanted = literal::tensor(wanted, None).unwrap();
            let got = run.value(&progress, "op.output");
            assert_eq!((got.dtype(), got.shape()), (wanted.dtype(), wanted.shape()));
            let number = |tensor: &Tensor, at| tensor.element(at).unwrap().as_f64().unwrap();
            let far = (0..wanted.len()).find(|at| (number(&got, *at) - number(&wanted, *at)).abs() > case.within);
            if let Some(at) = far {
                let (got, wanted) = (number(&got, at), number(&wanted, at));
                wrong.push(format!("{} {} step {step} [{at}]: {got}, TensorFlow's {wanted}", case.op, case.attrs));
            }
            progress = run.steps(progress, 1).0;
        }
    }
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
}

fn page(blocks: &str, wires: &str) -> Page {
    let text = format!(r#"{{"nudge": 1, "name": "test", "blocks": {{{blocks}}}, "wires": [{wires}]}}"#);
    page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Two variables that each become what the other was, a counter, and noise.
const SWAPPED: (&str, &str) = (
    r#""a": {"type": "Variable", "inputs": {"initial": [1, 2]}}, "b": {"type": "Variable", "inputs": {"initial": [30, 40]}},
       "to_a": {"type": "Assign"}, "to_b": {"type": "Assign"}, "n": {"type": "Step"},
       "noise": {"type": "RandomUniform", "inputs": {"shape": [2]}}, "w": {"type": "Variable"}, "grow": {"type": "AssignAdd"},
       "sum": {"type": "Sum", "inputs": {"axis": 0}}"#,
    r#"["a.output", "to_a.ref"], ["b.output", "to_a.value"], ["b.output", "to_b.ref"], ["a.output", "to_b.value"],
       ["noise.output", "w.initial"], ["w.output", "grow.ref"], ["noise.output", "grow.value"], ["w.output", "sum.input"]"#,
);

#[test]
fn a_step_reads_the_state_as_it_was_before() {
    let mut run = Run::of(page(SWAPPED.0, SWAPPED.1), 1);
    let (after, _) = run.steps(Progress::default(), 3);
    let vector = |tensor: Tensor| tensor.slice::<f32>().unwrap().to_vec();
    assert_eq!(vector(run.value(&after, "a.output")), [30.0, 40.0]);
    assert_eq!(vector(run.value(&after, "b.output")), [1.0, 2.0]);
    assert_eq!(run.value(&after, "n.output").slice::<i64>().unwrap(), [3]);
    // A run of the page leaves the state as it is, and its updates tell what a step would make of it.
    assert_eq!(vector(run.value(&after, "to_a.output")), [1.0, 2.0]);
    assert_eq!(vector(run.value(&after, "a.output")), [30.0, 40.0]);
}

#[test]
fn steps_are_the_same_at_once_or_one_by_one_on_any_number_of_threads() {
    let mut all = Vec::new();
    for threads in [1, 2] {
        let mut run = Run::of(page(SWAPPED.0, SWAPPED.1), threads);
        let (at_once, history) = run.steps(Progress::default(), 7);
        let mut one_by_one = Progress::default();
        for _ in 0..7 {
            // Another run between two steps changes nothing.
            run.value(&one_by_one, "noise.output");
            one_by_one = run.steps(one_by_one, 1).0;
        }
        assert_eq!(at_once.step, one_by_one.step);
        for (port, tensor) in &at_once.variables {
            assert!(tensor.same_bits(&one_by_one.variables[port]), "{port}");
        }
        let sum = history.iter().find(|(port, _)| port.to_string() == "sum.output").unwrap();
        assert_eq!(sum.1.len(), 7);
        assert!(sum.1.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", sum.1);
        all.push((at_once, history));
    }
    assert_eq!(all[0].1, all[1].1);
}

fn problems(blocks: &str, wires: &str) -> Vec<String> {
    check(&Arc::new(page(blocks, wires)), &registry(), &Feeds::new()).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_cannot_be_updated_is_told() {
    let w = r#""w": {"type": "Variable", "inputs": {"initial": [1, 2]}}, "c": {"type": "Const", "attrs": {"value": [1, 2]}}"#;
    let two = format!(r#"{w}, "p": {{"type": "AssignAdd"}}, "q": {{"type": "AssignSub"}}"#);
    let both = r#"["w.output", "p.ref"], ["c.output", "p.value"], ["w.output", "q.ref"], ["c.output", "q.value"]"#;
    assert_eq!(
        problems(&two, both),
        [
            "p.ref: updates w, which q updates too: a step has one update of a Variable; remove one of them",
            "q.ref: updates w, which p updates too: a step has one update of a Variable; remove one of them",
        ]
    );
    let constant = problems(
        &two,
        r#"["c.output", "p.ref"], ["c.output", "p.value"], ["w.output", "q.ref"], ["c.output", "q.value"]"#,
    );
    assert_eq!(constant, ["p.ref: c is no Variable: what is updated must come from one directly"]);
    let literal = format!(r#"{w}, "p": {{"type": "AssignAdd", "inputs": {{"ref": [1, 2]}}}}"#);
    assert_eq!(
        problems(&literal, r#"["c.output", "p.value"]"#),
        ["p.ref: is a literal: what is updated must come from a Variable"]
    );
    let twice = format!(r#"{w}, "p": {{"type": "ApplyMomentum", "inputs": {{"lr": 1, "momentum": 1}}}}"#);
    let twice = problems(&twice, r#"["w.output", "p.var"], ["w.output", "p.accum"], ["c.output", "p.grad"]"#);
    assert_eq!(twice, ["p.accum: updates w, which another input does too"]);
    let empty = problems(r#""w": {"type": "Variable", "attrs": {"shape": [2]}}"#, "");
    assert_eq!(empty, ["w.initial: is missing: a Variable must be something before the first step"]);
    let shape = problems(r#""w": {"type": "Variable", "attrs": {"shape": [3]}, "inputs": {"initial": [1, 2]}}"#, "");
    assert_eq!(shape, ["w.initial: has shape [2], but shape says [3]"]);
    let other = format!(r#"{w}, "p": {{"type": "AssignAdd", "inputs": {{"value": [1, 2, 3]}}}}"#);
    assert_eq!(problems(&other, r#"["w.output", "p.ref"]"#), ["p.value: has shape [3], but the variable has [2]"]);
}

#[test]
fn rivals_see_each_other_come_and_go() {
    use node_core::Edit;
    let w = r#""w": {"type": "Variable", "inputs": {"initial": [1, 2]}}, "c": {"type": "Const", "attrs": {"value": [1, 2]}},
        "p": {"type": "AssignAdd"}, "q": {"type": "AssignSub"}"#;
    let wires = r#"["w.output", "p.ref"], ["c.output", "p.value"], ["c.output", "q.value"]"#;
    let (registry, feeds) = (registry(), Feeds::new());
    let mut page = Arc::new(page(w, wires));
    let mut checked = check(&page, &registry, &feeds);
    let wire = Wire { from: PortRef::parse("w.output").unwrap(), to: PortRef::parse("q.ref").unwrap() };
    let edits = [
        Edit::Connect { wire: wire.clone() },
        Edit::Disconnect(wire.clone()),
        Edit::Connect { wire },
        Edit::RemoveBlock(id("p")),
    ];
    for edit in edits {
        edit.apply(Arc::make_mut(&mut page)).unwrap();
        let next = node_core::check::recheck(&checked, &page, &registry, &feeds);
        assert_eq!(next.problems, check(&page, &registry, &feeds).problems);
        checked = next;
    }
    assert_eq!(checked.problems, []);
}

#[test]
fn what_does_not_move_is_computed_once_and_a_step_that_fails_is_told() {
    // A side that never moves, random numbers of whole shapes, a division that comes to 0.
    let blocks = r#""n": {"type": "Variable", "inputs": {"initial": {"dtype": "int32", "shape": [], "data": [3]}}},
        "less": {"type": "AssignSub", "inputs": {"value": {"dtype": "int32", "shape": [], "data": [1]}}},
        "share": {"type": "FloorDiv", "inputs": {"x": {"dtype": "int32", "shape": [], "data": [12]}}},
        "c": {"type": "Const", "attrs": {"value": [1, 2, 3]}}, "sq": {"type": "Square"}, "sum": {"type": "Sum"},
        "w": {"type": "Variable", "inputs": {"initial": 0}}, "up": {"type": "AssignAdd"}"#;
    let wires = r#"["n.output", "less.ref"], ["n.output", "share.y"], ["c.output", "sq.x"], ["sq.output", "sum.input"],
        ["w.output", "up.ref"], ["sum.output", "up.value"]"#;
    let mut run = Run::of(page(blocks, wires), 2);
    let (after, history) = run.steps(Progress::default(), 3);
    assert_eq!(run.value(&after, "w.output").slice::<f32>().unwrap(), [42.0]);
    let share = history.iter().find(|(port, _)| port.to_string() == "share.output").unwrap();
    assert_eq!(share.1, [4.0, 6.0, 12.0]);
    let (feeds, options) = (Feeds::new(), RunOptions::with_memory_limit(1 << 30));
    let around = Surroundings::new(&run.registry, &feeds);
    let fetch = default_fetch(&run.checked);
    let with = (&mut run.engine, &around, &options);
    let mut steps = Steps::new(&run.checked, (&fetch, &[]), after.clone(), with).unwrap();
    let problems = steps.advance(&mut run.engine, &options).unwrap_err();
    assert!(problems[0].to_string().starts_with("share"), "{problems:?}");
    assert_eq!(steps.progress().step, 3);
    assert!(steps.progress().variables.iter().all(|(port, tensor)| tensor.same_bits(&after.variables[port])));
}
