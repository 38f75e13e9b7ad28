//! Every golden case of every block there is, run through page, check, plan and run.
//!
//! `assets/golden` holds results computed by TensorFlow itself; `assets/golden/generate.py` made them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use node_core::check::Feeds;
use node_core::name::{of_item, split_item};
use node_core::page::Entries;
use node_core::{BlockId, BlockNode, DType, Edit, Page, PortRef, Registry, Role, Tensor, Value, Wire, check, literal};
use node_engine::{Request, RunOptions, plan, run_once};
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
    inputs: Value,
    #[serde(default)]
    outputs: Option<Value>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    compare: Option<Value>,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str::<File>(&text).unwrap().cases
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

/// Where a case's inputs come from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    /// Constants, which the check knows.
    Constants,
    /// Feeds, whose values only a run sees.
    Feeds,
}

/// The page of a case: the block, and a source for each input; and what feeds them.
fn page(case: &Case, from: From) -> (Page, Feeds) {
    let (mut page, mut feeds) = (Page::default(), Feeds::new());
    let op = BlockId::new("op").unwrap();
    let mut add = |id: &BlockId, type_name: &str, attrs: Entries| {
        let block = BlockNode { attrs, ..BlockNode::new(type_name) };
        Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(&mut page).unwrap();
    };
    add(&op, &case.op, entries(&case.attrs).into_iter().collect());
    // A list's parts are wired in order.
    let source = |name: &str| BlockId::new(&name.replace(['[', ']'], "_")).unwrap();
    let inputs = entries(&case.inputs);
    for (name, value) in &inputs {
        match from {
            From::Constants => add(&source(name), "Const", [("value", value.clone())].into_iter().collect()),
            From::Feeds => {
                let tensor = literal::tensor(value, None).unwrap();
                let dtype = Value::String(tensor.dtype().name().to_owned());
                add(&source(name), "Placeholder", [("dtype", dtype)].into_iter().collect());
                feeds.insert(PortRef::new(&source(name), "output"), tensor);
            }
        }
    }
    for (name, _) in &inputs {
        let from = PortRef::new(&source(name), "output");
        Edit::Connect { wire: Wire { from, to: PortRef::new(&op, split_item(name).0) } }.apply(&mut page).unwrap();
    }
    (page, feeds)
}

/// The results by port, or all problems as text.
fn results(case: &Case, from: From, registry: &Registry) -> Result<BTreeMap<String, Tensor>, String> {
    let (page, feeds) = page(case, from);
    let checked = check(&Arc::new(page), registry, &feeds);
    if !checked.problems.is_empty() {
        return Err(checked.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
    let op = BlockId::new("op").unwrap();
    let plan = plan(&checked, &Request::fetch(&[PortRef::new(&op, "")]));
    let results = run_once(&plan, &RunOptions::with_memory_limit(1 << 30));
    if let Some(problem) = results.problems().next() {
        return Err(problem.to_string());
    }
    let setup = checked.blocks[&op].setup.clone().unwrap();
    let ports = setup.ports.outputs().iter().map(|p| p.name.to_string());
    Ok(ports.zip(results.blocks[&op].tensors().unwrap().iter().flatten().cloned()).collect())
}

/// How a case's output is to be compared: bits, or a relative tolerance with an absolute one.
enum Compare {
    Bits,
    Within { relative: f64, absolute: f64 },
}

/// As the case itself says.
fn by_case(case: &Case, _: &str) -> Compare {
    match case.compare.as_ref().and_then(Value::as_number) {
        Some(relative) => Compare::Within { relative, absolute: 1e-6 },
        None => Compare::Bits,
    }
}

fn agrees(got: &Tensor, expected: &Tensor, compare: &Compare) -> bool {
    match compare {
        Compare::Bits => got.same_bits(expected),
        Compare::Within { relative, absolute } => {
            got.shape() == expected.shape()
                && got.dtype() == expected.dtype()
                && (0..got.len()).all(|i| {
                    let value = |t: &Tensor| t.element(i).unwrap().as_f64().unwrap();
                    let (a, b) = (value(got), value(expected));
                    got.element(i) == expected.element(i) || (a - b).abs() <= absolute + relative * b.abs()
                })
        }
    }
}

/// The first element that differs.
fn first(got: &Tensor, expected: &Tensor, compare: &Compare) -> String {
    let one =
        |t: &Tensor, i: usize| literal::tensor(&Value::parse(&t.element(i).unwrap().json()).unwrap(), Some(t.dtype()));
    let differs = |i: &usize| !agrees(&one(got, *i).unwrap(), &one(expected, *i).unwrap(), compare);
    match (0..got.len().min(expected.len())).find(differs) {
        Some(i) => format!("[{i}] = {:?}, not {:?};", got.element(i), expected.element(i)),
        None => format!(" has type {} {}, not {} {}", got.dtype(), got.shape(), expected.dtype(), expected.shape()),
    }
}

fn verdict(case: &Case, from: From, registry: &Registry, compare: &dyn Fn(&str) -> Compare) -> Result<(), String> {
    match (&case.error, results(case, from, registry)) {
        (Some(_), Err(_)) => Ok(()),
        (Some(error), Ok(_)) => Err(format!("should be refused ({error})")),
        (None, Err(problems)) => Err(format!("is refused: {problems}")),
        (None, Ok(results)) => {
            let outputs = entries(case.outputs.as_ref().ok_or("the case has no outputs")?);
            let spec = &registry.get(&case.op).unwrap().spec;
            for (name, value) in outputs {
                let (list, item) = split_item(&name);
                let port = spec.outputs().find(|p| p.answers_to(list)).ok_or(format!("no output {name}"))?;
                let expected = literal::tensor(&value, None)?;
                let got = &results[&item.map_or(port.name.to_string(), |item| of_item(&port.name, item))];
                if !agrees(got, &expected, &compare(&name)) {
                    return Err(format!(
                        "{name}{} is {}, expected {}",
                        first(got, &expected, &compare(&name)),
                        got.preview(40),
                        expected.preview(40)
                    ));
                }
            }
            Ok(())
        }
    }
}

/// Runs all cases whose block there is, of which there are at least `expected`; returns those whose block there is not.
fn pass(file: &str, expected: usize, compare: impl Fn(&Case, &str) -> Compare) -> Vec<Case> {
    let registry = registry();
    let (known, left): (Vec<Case>, Vec<Case>) = cases(file).into_iter().partition(|c| registry.get(&c.op).is_some());
    let fails = |(case, from): (&Case, From)| match verdict(case, from, &registry, &|port| compare(case, port)) {
        Ok(()) => None,
        Err(what) => Some(format!("{} ({}) {} {from:?}: {what}", case.op, case.note, case.attrs)),
    };
    let both = known.iter().flat_map(|case| [(case, From::Constants), (case, From::Feeds)]);
    let (count, failures) = (known.len(), both.filter_map(fails).collect::<Vec<_>>());
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= expected, "only {count} cases of {file} have a block");
    left
}

#[test]
fn fake_quantization() {
    pass("fake_quant.json", 225, |case, port| {
        let is_sum = port.starts_with("backprop_wrt_m");
        // The file: "only backprop_wrt_min and backprop_wrt_max are sums: relative error 1e-5".
        if is_sum && case.error.is_none() { Compare::Within { relative: 1e-5, absolute: 0.0 } } else { Compare::Bits }
    });
}

/// Halfway between two steps the last bit decides: there Vars divides by the scale, and the others multiply.
#[test]
fn fake_quantization_where_dividing_and_multiplying_differ() {
    pass("fake_quant_division.json", 18, |_, _| Compare::Bits);
}

#[test]
fn documented_examples() {
    pass("documented_examples.json", 6, |case, _| match case.compare.as_ref().and_then(Value::as_number) {
        Some(tolerance) => Compare::Within { relative: 0.0, absolute: tolerance },
        None => Compare::Bits,
    });
}

#[test]
fn operations() {
    pass("ops.json", 78, |case, port| match &*case.op {
        // TensorFlow begins from what the processor takes for the reciprocal (`rcpps`), which is each processor's own.
        "Reciprocal" => Compare::Within { relative: 2e-7, absolute: 0.0 },
        _ => by_case(case, port),
    });
}

#[test]
fn more_operations() {
    pass("ops_more.json", 4, by_case);
}

/// Every data type that there is, for every operation whose kernel TensorFlow has for it.
#[test]
fn data_types() {
    pass("dtypes.json", 300, by_case);
}

/// Every data type, and what is refused, for the operations of the library.
#[test]
fn library() {
    pass("library.json", 1800, by_case);
}

/// Steps of every type and mode over random ranges: the order of a product and two sums tells.
#[test]
fn dequantizing() {
    pass("dequantize.json", 90, by_case);
}

/// ONNX's node tests of its quantization, and every type and shape of scales, by its reference.
#[test]
fn onnx_quantization() {
    pass("onnx_quantization.json", 380, by_case);
}

/// Where TensorFlow's answer is not the obvious one: NaN, infinities, signed zeros, empty tensors, limits of types.
#[test]
fn edges() {
    let left = pass("edges.json", 80, by_case);
    let operations: BTreeSet<&str> = left.iter().map(|case| case.op.as_str()).collect();
    eprintln!("{} cases of edges.json wait for their {} blocks: {operations:?}", left.len(), operations.len());
}

/// Which elements go where: axes of length 1 and 0, every kind of set of axes, broadcasts, channels.
#[test]
fn shapes() {
    pass("shapes.json", 330, by_case);
}

/// Ranges at the edge of float32, where TensorFlow takes subnormal numbers for 0.
#[test]
fn narrow_ranges() {
    pass("narrow_ranges.json", 240, by_case);
}

#[test]
fn every_block_that_computes_has_a_case_or_says_why_not() {
    let cases: BTreeSet<String> = [
        "fake_quant.json",
        "documented_examples.json",
        "ops.json",
        "ops_more.json",
        "edges.json",
        "library.json",
        "onnx_quantization.json",
    ]
    .iter()
    .flat_map(|file| cases(file))
    .map(|case| case.op)
    .collect();
    // Const is the source of every case's inputs; files have cases of their own; the others compute nothing.
    let without = ["Attrs", "ClientSession", "Const", "File", "Identity", "Placeholder", "Step", "Variable"];
    // What goes from step to step is held against TensorFlow's sessions, by the program's tests.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden");
    let in_steps = std::fs::read_to_string(golden.join("training.json")).unwrap();
    let is_in_steps = |name: &String| in_steps.contains(&format!(r#"{{"op": "{name}", "#));
    let missing: Vec<_> = registry()
        .iter()
        .map(|ty| ty.spec.name.to_string())
        .filter(|name| !cases.contains(name) && !is_in_steps(name) && !without.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no golden case for {missing:?}");
}

/// The source of the block called `name`.
fn source(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_dir(folder).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return source(&path, name);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        (text.contains("register_block!(") && text.contains(&format!("\"{name}\","))).then_some(text)
    })
}

/// NaN, infinities, signed zeros, empty tensors and the limits of types: what a block makes of them is measured, or its
/// file says in a line `//! No edge cases: …` why there is nothing to measure.
#[test]
fn every_block_over_numbers_has_edge_cases_or_says_why_not() {
    let with: BTreeSet<String> =
        ["edges.json", "narrow_ranges.json"].iter().flat_map(|file| cases(file)).map(|case| case.op).collect();
    // Limits, NaN and signed zeros of every type.
    let with_types: BTreeSet<String> = ["dtypes.json", "library.json", "onnx_quantization.json"]
        .iter()
        .flat_map(|file| cases(file))
        .map(|case| case.op)
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for block in registry().iter().map(|ty| &ty.spec) {
        let takes_numbers = block.inputs().any(|port| port.types.dtypes().iter().any(|dtype| *dtype != DType::String));
        if block.role != Role::Operation || !takes_numbers {
            continue;
        }
        let source = source(&folder, &block.name).unwrap_or_else(|| panic!("{} has a file", block.name));
        let says_why = source.lines().any(|line| line.starts_with("//! No edge cases: ") && line.len() > 40);
        assert!(
            with.contains(&*block.name) != says_why || with_types.contains(&*block.name),
            "{}: edge cases in assets/golden, or a line '//! No edge cases: …' that says why it needs none",
            block.name
        );
    }
}
