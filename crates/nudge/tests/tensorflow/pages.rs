//! Whole pages, in TensorFlow and here: state, steps, feeds, muted blocks, literals, gradients.

use std::path::Path;
use std::sync::Arc;

use node_core::check::Surroundings;
use node_core::gradient::{Asked, add_gradient};
use node_core::{BlockId, CheckedPage, Feeds, Page, PortRef, Registry, Tensor, Value, check, literal};
use node_engine::steps::{Progress, Steps};
use node_engine::{Engine, Request, RunOptions, default_fetch, plan, run_once};
use node_io::page_file;
use node_tensorflow::cluster::page::PageRun;
use node_tensorflow::cluster::{Cluster, Target};
use node_tensorflow::file::Format;
use node_tensorflow::graph::Edge;
use node_tensorflow::lower::{Subject, lower};
use serde::Deserialize;

use crate::jobs::{Job, Jobs, python, registry};

/// A page that is run here and there.
struct Case {
    name: String,
    checked: CheckedPage,
    feeds: Feeds,
    steps: usize,
    /// How far apart numbers may be, for their largest; 0 for bits.
    within: f64,
}

impl Case {
    fn of(name: &str, page: Page, feeds: Feeds, registry: &Registry) -> Case {
        let checked = check(&Arc::new(page), registry, &feeds);
        assert_eq!(checked.problems, [], "{name}");
        Case { name: name.to_owned(), checked, feeds, steps: 1, within: 0.0 }
    }

    /// What comes of it here.
    fn here(&self, registry: &Registry) -> Vec<Tensor> {
        let options = RunOptions::with_memory_limit(1 << 30);
        let (mut engine, fetch) = (Engine::new(2, 0), default_fetch(&self.checked));
        let mut progress = Progress::default();
        if self.steps > 1 {
            let around = Surroundings::new(registry, &self.feeds);
            let with = (&mut engine, &around, &options);
            let mut steps = Steps::new(&self.checked, (&fetch, &[]), progress, with).unwrap();
            for _ in 1..self.steps {
                assert_eq!(steps.advance(&mut engine, &options), Ok(true));
            }
            progress = steps.progress().clone();
        }
        let checked = check(&self.checked.page, registry, &progress.feeds(&self.checked.page, registry, &self.feeds));
        let results = run_once(&plan(&checked, &Request::fetch(&fetch)), &options);
        assert_eq!(results.problems().next(), None, "{}", self.name);
        let tensor = |port: &PortRef| {
            let index = checked.blocks[&port.block].output_index(&port.port).unwrap();
            results.tensor(port.block.as_str(), index).unwrap().clone()
        };
        fetch.iter().map(tensor).collect()
    }

    fn agrees(&self, here: &Tensor, there: &Tensor) -> bool {
        if self.within == 0.0 || here.dtype() != there.dtype() || here.shape() != there.shape() {
            return here.same_bits(there);
        }
        let number = |tensor: &Tensor, at| tensor.element(at).unwrap().as_f64().unwrap();
        let largest = (0..there.len()).map(|at| number(there, at).abs()).fold(0.0, f64::max);
        let near = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= self.within * largest;
        (0..here.len()).all(|at| near(number(here, at), number(there, at)))
    }
}

fn agree(cases: &[Case], formats: &[Format]) {
    let Some(python) = python("whole pages") else { return };
    let registry = registry();
    for format in formats {
        let mut jobs = Jobs::new();
        for case in cases {
            let job = Job { steps: case.steps, ..Job::of(&case.name, &case.checked, &case.feeds) };
            jobs.add(&job, *format);
        }
        let mut wrong = Vec::new();
        for (case, there) in cases.iter().zip(jobs.run(&python)) {
            let (here, fetch) = (case.here(&registry), default_fetch(&case.checked));
            match there {
                Err(error) => wrong.push(format!("{}: {error}", case.name)),
                Ok(there) => {
                    let is_left = |port: &PortRef| port.port.starts_with("reserve_space");
                    // In use TensorFlow leaves what batch norm reserves as the memory was.
                    for ((port, here), there) in fetch.iter().zip(&here).zip(&there).filter(|((p, _), _)| !is_left(p)) {
                        if !case.agrees(here, there) {
                            let (here, there) = (here.preview(8), there.preview(8));
                            wrong.push(format!("{} {port} as {format:?}: {here} here, {there} there", case.name));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
}

/// All of them run on a cluster too, and give the same.
pub fn agree_on_cluster(target: &str) {
    let registry = registry();
    let never = |_: std::time::Duration| false;
    let cluster = Arc::new(Cluster::connect(&Target::parse(target).unwrap(), &never).unwrap());
    let mut wrong = Vec::new();
    for case in more_than_operations(&registry) {
        let needed = case.checked.blocks.keys().cloned().collect();
        let file = |_: &BlockId| Err("no file is read".to_owned());
        let subject = Subject { checked: &case.checked, scope: "page", needed: &needed, file: &file };
        let lowered = lower(&subject).unwrap();
        let fetch = default_fetch(&case.checked);
        let edges: Vec<Edge> = fetch.iter().map(|port| lowered.edge(&case.checked, port).unwrap()).collect();
        let run = PageRun::begin(&cluster, &case.checked, lowered, &never).unwrap();
        for _ in 1..case.steps {
            run.step(&[], &edges, &never).unwrap();
        }
        let there = run.step(&edges, &[], &never).unwrap();
        for ((port, here), there) in fetch.iter().zip(case.here(&registry)).zip(&there) {
            if !case.agrees(&here, there) {
                let (here, there) = (here.preview(8), there.preview(8));
                wrong.push(format!("{} {port}: {here} here, {there} there", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Gradient>,
}

#[derive(Deserialize)]
struct Gradient {
    name: String,
    page: Value,
    of: String,
    #[serde(rename = "for")]
    wanted: Vec<String>,
    given: Option<String>,
    within: f64,
}

#[test]
fn pages_with_their_gradients() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden/gradients.json");
    let file: File = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let registry = registry();
    let case = |case: Gradient| {
        let mut page = Arc::new(page_file::parse(case.page.to_string().as_bytes()).unwrap());
        let port = |text: &String| PortRef::parse(text).unwrap();
        let wanted = case.wanted.iter().map(port).collect();
        let asked = Asked { of: port(&case.of), wanted, given: case.given.as_ref().map(port) };
        let added = add_gradient(&check(&page, &registry, &Feeds::new()), &registry, &asked).unwrap();
        added.edit.apply(Arc::make_mut(&mut page)).unwrap();
        let within = case.within.max(1e-6);
        Case { within, ..Case::of(&case.name, Arc::unwrap_or_clone(page), Feeds::new(), &registry) }
    };
    let cases: Vec<Case> = file.cases.into_iter().map(case).collect();
    agree(&cases, &[Format::Pbtxt, Format::Python]);
}

#[test]
fn pages_that_ship() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pages");
    let registry = registry();
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // What reads files is tried by the command line's tests.
        if path.extension().is_none_or(|ending| ending != "json") || path.ends_with("trained_model.json") {
            continue;
        }
        let page = page_file::load(&path).unwrap().page;
        cases.push(Case { within: 1e-6, ..Case::of(&path.display().to_string(), page, Feeds::new(), &registry) });
    }
    assert!(cases.len() >= 8, "{}", cases.len());
    agree(&cases, &[Format::Pb, Format::Pbtxt, Format::Python]);
}

/// A name, a page, what feeds it, how many steps.
type Written = (&'static str, &'static str, &'static [(&'static str, &'static str)], usize);

/// What pages can be otherwise than operations one after the other.
const PAGES: [Written; 14] = [
    (
        "wired attributes win",
        r#"{"nudge": 1, "blocks": {
            "range": {"type": "Attrs", "attrs": {"min": -1, "max": 2, "num_bits": 4}},
            "x": {"type": "Const", "attrs": {"value": [-3, -0.5, 0.3, 1.9, 7]}},
            "fq": {"type": "FakeQuantWithMinMaxArgs", "attrs": {"max": 99}, "inputs": {}}},
          "wires": [["range.attrs", "fq.attrs"], ["x.output", "fq.inputs"]]}"#,
        &[],
        1,
    ),
    (
        "a muted block",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Const", "attrs": {"value": [-3, 4]}},
            "fq": {"type": "FakeQuantWithMinMaxArgs", "mute": true},
            "y": {"type": "Neg"}},
          "wires": [["x.output", "fq.inputs"], ["fq.output", "y.x"]]}"#,
        &[],
        1,
    ),
    (
        "what is fed, and a default",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Placeholder", "attrs": {"shape": [-1, 2]}},
            "by": {"type": "Placeholder", "attrs": {"default": {"dtype": "float32", "shape": [], "data": 3}}},
            "y": {"type": "Mul"},
            "all": {"type": "Sum"}},
          "wires": [["x.output", "y.x"], ["by.output", "y.y"], ["y.output", "all.input"]]}"#,
        &[("x.output", "[[1, 2], [3, 4], [5, 6]]")],
        1,
    ),
    (
        "a fold over all axes of a rank that is not known",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Placeholder"},
            "mean": {"type": "Mean", "attrs": {"keep_dims": true}},
            "max": {"type": "Max"}},
          "wires": [["x.output", "mean.input"], ["x.output", "max.input"]]}"#,
        &[("x.output", "[[[1, 2], [3, 4]]]")],
        1,
    ),
    (
        "literals, lists and several outputs",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Const", "attrs": {"value": [[1, 2, 3, 4], [5, 6, 7, 8]]}},
            "parts": {"type": "Split", "attrs": {"num_split": 2}, "inputs": {"axis": 1}},
            "joined": {"type": "ConcatV2", "inputs": {"axis": 0}},
            "best": {"type": "TopKV2", "inputs": {"k": 1}},
            "both": {"type": "IdentityN"}},
          "wires": [["x.output", "parts.value"], ["parts.output[1]", "joined.values"], ["parts.output[0]", "joined.values"],
            ["x.output", "best.input"], ["best.values", "both.input"], ["best.indices", "both.input"]]}"#,
        &[],
        1,
    ),
    (
        "texts",
        r#"{"nudge": 1, "blocks": {
            "a": {"type": "Const", "attrs": {"value": ["é\"\\", "b\n\u0001", ""]}},
            "kept": {"type": "Identity"}},
          "wires": [["a.output", "kept.input"]]}"#,
        &[],
        1,
    ),
    (
        "numbers that are hard to spell",
        r#"{"nudge": 1, "blocks": {
            "x": {"type": "Const", "attrs": {"value": ["NaN", "Infinity", "-Infinity", -0, 1e-45, 3.4028235e38, 0.1, 16777217]}},
            "y": {"type": "Neg"},
            "none": {"type": "Const", "attrs": {"value": {"dtype": "int64", "shape": [0, 3], "data": []}}},
            "large": {"type": "Const", "attrs": {"value": {"dtype": "uint64", "shape": [2], "data": [18446744073709551615, 0]}}},
            "half": {"type": "Const", "attrs": {"value": {"dtype": "bfloat16", "shape": [3], "data": [0.1, -0, 3e38]}}}},
          "wires": [["x.output", "y.x"]]}"#,
        &[],
        1,
    ),
    (
        "zeros with a sign and without",
        r#"{"nudge": 1, "blocks": {
            "a": {"type": "Const", "attrs": {"value": 0}},
            "b": {"type": "Const", "attrs": {"value": -0}},
            "c": {"type": "RealDiv", "inputs": {"x": 1}},
            "d": {"type": "RealDiv", "inputs": {"x": 1, "y": -0}},
            "half": {"type": "Const", "attrs": {"value": {"dtype": "bfloat16", "shape": [], "data": -0}}},
            "p": {"type": "Placeholder", "attrs": {"default": {"dtype": "float64", "shape": [], "data": -0}}},
            "whole": {"type": "Const", "attrs": {"value": {"dtype": "int32", "shape": [], "data": 0}}}},
          "wires": [["b.output", "c.y"]]}"#,
        &[],
        1,
    ),
    (
        "gradient descent",
        r#"{"nudge": 1, "blocks": {
            "w": {"type": "Variable", "inputs": {"initial": [1, -2, 3]}},
            "g": {"type": "Mul", "inputs": {"y": 0.5}},
            "step": {"type": "ApplyGradientDescent", "inputs": {"alpha": 0.1}},
            "twice": {"type": "AddV2"},
            "before": {"type": "Identity"}},
          "wires": [["w.output", "g.x"], ["w.output", "step.var"], ["g.output", "step.delta"], ["step.output", "twice.x"],
            ["w.output", "twice.y"], ["w.output", "before.input"]]}"#,
        &[],
        7,
    ),
    (
        "momentum",
        r#"{"nudge": 1, "blocks": {
            "w": {"type": "Variable", "inputs": {"initial": [1, -2]}},
            "a": {"type": "Variable", "inputs": {"initial": [0, 0]}},
            "m": {"type": "ApplyMomentum", "attrs": {"use_nesterov": true}, "inputs": {"lr": 0.1, "momentum": 0.9}}},
          "wires": [["w.output", "m.var"], ["a.output", "m.accum"], ["w.output", "m.grad"]]}"#,
        &[],
        5,
    ),
    (
        "Adam, with powers that count on",
        r#"{"nudge": 1, "blocks": {
            "w": {"type": "Variable", "inputs": {"initial": [1, -2]}},
            "m": {"type": "Variable", "inputs": {"initial": [0, 0]}},
            "v": {"type": "Variable", "inputs": {"initial": [0, 0]}},
            "n": {"type": "Step"},
            "t": {"type": "Cast", "attrs": {"DstT": "float32"}},
            "next": {"type": "AddV2", "inputs": {"y": 1}},
            "p1": {"type": "Pow", "inputs": {"x": 0.5}},
            "p2": {"type": "Pow", "inputs": {"x": 0.25}},
            "adam": {"type": "ApplyAdam", "inputs": {"lr": 0.1, "beta1": 0.5, "beta2": 0.25, "epsilon": 1e-8}}},
          "wires": [["n.output", "t.x"], ["t.output", "next.x"], ["next.output", "p1.y"], ["next.output", "p2.y"],
            ["w.output", "adam.var"], ["m.output", "adam.m"], ["v.output", "adam.v"], ["p1.output", "adam.beta1_power"],
            ["p2.output", "adam.beta2_power"], ["w.output", "adam.grad"]]}"#,
        &[],
        4,
    ),
    (
        "what is set, and counted",
        r#"{"nudge": 1, "blocks": {
            "n": {"type": "Step"},
            "w": {"type": "Variable", "attrs": {"dtype": "int64"}, "inputs": {"initial": {"dtype": "int64", "shape": [], "data": 5}}},
            "v": {"type": "Variable", "attrs": {"dtype": "int64"}, "inputs": {"initial": {"dtype": "int64", "shape": [], "data": 0}}},
            "up": {"type": "AssignAdd"},
            "set": {"type": "Assign"}},
          "wires": [["w.output", "up.ref"], ["n.output", "up.value"], ["v.output", "set.ref"], ["w.output", "set.value"]]}"#,
        &[],
        6,
    ),
    (
        "random numbers, with seeds and without",
        r#"{"nudge": 1, "name": "page", "blocks": {
            "a": {"type": "RandomUniform", "attrs": {"seed": 3, "seed2": 4}, "inputs": {"shape": [4]}},
            "b": {"type": "RandomUniform", "inputs": {"shape": [4]}},
            "c": {"type": "RandomUniform", "attrs": {"seed": 3, "seed2": 4}, "inputs": {"shape": [4]}},
            "w": {"type": "Variable"},
            "first": {"type": "RandomUniform", "attrs": {"seed": 5}, "inputs": {"shape": [2]}},
            "w2": {"type": "AssignAdd", "inputs": {"value": [1, 1]}}},
          "wires": [["first.output", "w.initial"], ["w.output", "w2.ref"]]}"#,
        &[],
        3,
    ),
    (
        "names that Python has taken",
        r#"{"nudge": 1, "blocks": {
            "tf": {"type": "Const", "attrs": {"value": [1, 2]}},
            "class": {"type": "Neg"},
            "0": {"type": "Neg"},
            "page": {"type": "Neg"},
            "x": {"type": "Neg"}},
          "wires": [["tf.output", "class.x"], ["class.output", "0.x"], ["0.output", "page.x"], ["page.output", "x.x"]]}"#,
        &[],
        1,
    ),
];

fn more_than_operations(registry: &Registry) -> Vec<Case> {
    let case = |(name, page, fed, steps): &Written| {
        let page = page_file::parse(page.as_bytes()).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        let feed = |(port, value): &(&str, &str)| {
            (PortRef::parse(port).unwrap(), literal::tensor(&Value::parse(value).unwrap(), None).unwrap())
        };
        let within = if name.contains("Adam") { 1e-6 } else { 0.0 };
        Case { steps: *steps, within, ..Case::of(name, page, fed.iter().map(feed).collect(), registry) }
    };
    PAGES.iter().map(case).collect()
}

/// A program runs by itself, and says what it is not given.
#[test]
fn programs_run_by_themselves() {
    let Some(python) = python("programs") else { return };
    let registry = registry();
    let page = r#"{"nudge": 1, "blocks": {
        "tf": {"type": "Placeholder", "attrs": {"dtype": "float32", "shape": [2]}},
        "range": {"type": "Const", "attrs": {"value": [0, 0]}},
        "_": {"type": "Const", "attrs": {"value": [1, 1]}},
        "w": {"type": "Variable"},
        "add": {"type": "AddV2"},
        "up": {"type": "AssignAdd"}},
      "wires": [["range.output", "w.initial"], ["tf.output", "add.x"], ["_.output", "add.y"], ["w.output", "up.ref"],
        ["add.output", "up.value"]]}"#;
    let case = Case::of("program", page_file::parse(page.as_bytes()).unwrap(), Feeds::new(), &registry);
    let needed = case.checked.blocks.keys().cloned().collect();
    let file = |_: &BlockId| Err(String::new());
    let subject = Subject { checked: &case.checked, scope: "page", needed: &needed, file: &file };
    let lowered = lower(&subject).unwrap();
    let fetched: Vec<(PortRef, Edge)> = default_fetch(&case.checked)
        .into_iter()
        .map(|port| (port.clone(), lowered.edge(&case.checked, &port).unwrap()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program.py");
    std::fs::write(&program, node_tensorflow::file::bytes(&lowered, Format::Python, "page", &fetched).unwrap())
        .unwrap();
    for (name, tensor) in [
        ("x.npy", Tensor::vector(vec![1.0_f32, 2.0])),
        ("long.npy", Tensor::vector(vec![1.0_f32, 2.0, 3.0])),
        ("whole.npy", Tensor::vector(vec![1_i64, 2])),
    ] {
        let sink = node_io::npy::NpySink::create(&folder.path().join(name)).unwrap();
        let elements = node_core::kernel::Chunk::of(&tensor).unwrap();
        node_core::access::Sink::write(&sink, 0, &elements, tensor.shape()).unwrap();
        sink.finish().unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(&python);
        let command = command.arg(&program).args(arguments).current_dir(folder.path()).env("TF_CPP_MIN_LOG_LEVEL", "3");
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (is_good, out, err) = run(&["tf=x.npy", "steps=3"]);
    assert!(is_good && out.contains("up.output: [6. 9.]"), "{out}{err}");
    for (arguments, words) in [
        (&["steps=3"][..], "tf is not fed: tf=FILE.npy"),
        (&["tf=x.npy", "steps=0"], "steps is less than 1"),
        (&["tf=x.npy", "y=x.npy"], "nothing to be given that is called y"),
        (&["tf=long.npy"], "tf is float32 [3], not float32 [2]"),
        (&["tf=whole.npy"], "tf is int64 [2], not float32 [2]"),
    ] {
        let (is_good, _, err) = run(arguments);
        assert!(!is_good && err.contains(words), "{arguments:?}: {err}");
    }
}

/// What cannot be written, with the block that stands in the way.
#[test]
fn what_cannot_be_written_is_refused_by_name() {
    let registry = registry();
    for (page, block, words) in [
        (
            r#"{"nudge": 1, "blocks": {"w": {"type": "Variable", "inputs": {"initial": 1}}, "v": {"type": "Variable"}},
              "wires": [["w.output", "v.initial"]]}"#,
            "v",
            "another variable",
        ),
        (
            r#"{"nudge": 1, "blocks": {"r": {"type": "RandomUniform", "inputs": {"shape": [2]}}, "v": {"type": "Variable"},
              "n": {"type": "Neg"}}, "wires": [["r.output", "v.initial"], ["r.output", "n.x"]]}"#,
            "r",
            "use two blocks",
        ),
        (
            r#"{"nudge": 1, "blocks": {"c": {"type": "Const", "attrs": {"value": 1}, "device": "worker"}}}"#,
            "c",
            "no device",
        ),
    ] {
        let checked = check(&Arc::new(page_file::parse(page.as_bytes()).unwrap()), &registry, &Feeds::new());
        assert_eq!(checked.problems, []);
        let needed = checked.blocks.keys().cloned().collect();
        let file = |_: &BlockId| Err(String::new());
        let subject = Subject { checked: &checked, scope: "page", needed: &needed, file: &file };
        let problems = lower(&subject).map(|_| ()).unwrap_err();
        assert_eq!(problems[0].block.as_ref().unwrap().as_str(), block, "{problems:?}");
        assert!(problems[0].message.contains(words), "{problems:?}");
    }
}

#[test]
fn pages_that_are_more_than_operations() {
    agree(&more_than_operations(&registry()), &[Format::Pb, Format::Pbtxt, Format::Python]);
}
