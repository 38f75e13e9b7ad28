//! What Nudge writes gives the same in TensorFlow, to the bit: every golden case of every block, and whole pages.

use std::path::Path;
use std::sync::Arc;

use node_core::name::split_item;
use node_core::{
    BlockId, BlockNode, CheckedPage, DType, Edit, Feeds, Page, PortRef, Tensor, Value, Wire, check, literal,
};
use node_tensorflow::file::Format;
use serde::Deserialize;

use crate::jobs::{Job, Jobs, python, registry};

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    op: String,
    attrs: Value,
    inputs: Value,
    #[serde(default)]
    outputs: Option<Value>,
}

fn golden(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn entries(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(entries) => entries.clone(),
        other => panic!("{other} is no object"),
    }
}

/// The page of a case: the block, and a constant for each input.
fn page(case: &Case) -> Page {
    let mut page = Page::default();
    let mut add = |id: &BlockId, type_name: &str, attrs: Vec<(String, Value)>| {
        let block = BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new(type_name) };
        Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(&mut page).unwrap();
    };
    let op = BlockId::new("op").unwrap();
    let source = |name: &str| BlockId::new(&name.replace(['[', ']'], "_")).unwrap();
    add(&op, &case.op, entries(&case.attrs));
    let inputs = entries(&case.inputs);
    for (name, value) in &inputs {
        add(&source(name), "Const", vec![("value".to_owned(), value.clone())]);
    }
    for (name, _) in &inputs {
        let from = PortRef::new(&source(name), "output");
        Edit::Connect { wire: Wire { from, to: PortRef::new(&op, split_item(name).0) } }.apply(&mut page).unwrap();
    }
    page
}

/// A case of a block: what it is, its page, and by port what TensorFlow has given for it.
pub type Checked = (String, CheckedPage, Vec<(PortRef, Tensor)>);

pub fn cases(file: &str) -> Vec<Checked> {
    let registry = registry();
    let cases = serde_json::from_str::<File>(&golden(file)).unwrap().cases.into_iter().enumerate();
    let case = |(number, case): (usize, Case)| {
        let outputs = entries(case.outputs.as_ref()?);
        let checked = check(&Arc::new(page(&case)), &registry, &Feeds::new());
        let op = BlockId::new("op").unwrap();
        let port = |(name, value): &(String, Value)| (PortRef::new(&op, name), literal::tensor(value, None).unwrap());
        let expected = outputs.iter().map(port).collect();
        Some((format!("{file} {number}: {} {}", case.op, case.attrs), checked, expected))
    };
    cases.filter_map(case).collect()
}

/// What TensorFlow's graphs cannot hold: it refuses to infer the shape of a Range of float16.
pub fn is_refused(name: &str, checked: &CheckedPage) -> bool {
    let is_half = |id: &str| checked.blocks[id].outputs[0].dtype == DType::Float16;
    name.contains(": Range ") && is_half("op")
}

/// Sums of products, whose order TensorFlow takes from the processor.
fn is_summed(name: &str) -> bool {
    [" MatMul ", " BatchMatMulV2 ", "Conv2D", "Conv2d"].iter().any(|op| name.contains(op))
}

fn is_near(a: &Tensor, b: &Tensor) -> bool {
    let numbers =
        |t: &Tensor| -> Vec<f64> { (0..t.len()).map(|at| t.element(at).unwrap().as_f64().unwrap()).collect() };
    let (a, b) = (numbers(a), numbers(b));
    let largest = b.iter().map(|v| v.abs()).fold(0.0, f64::max);
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-6 * largest)
}

/// Runs all, as files of this format, and says which differ.
fn agree(cases: &[Checked], format: Format, python: &Path) {
    let (mut jobs, feeds) = (Jobs::new(), Feeds::new());
    for (name, checked, expected) in cases {
        let fetch = expected.iter().map(|(port, _)| port.clone()).collect();
        jobs.add(&Job { fetch, ..Job::of(name, checked, &feeds) }, format);
    }
    let mut wrong = Vec::new();
    for ((name, _, expected), found) in cases.iter().zip(jobs.run(python)) {
        match found {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(found) => {
                for ((port, expected), found) in expected.iter().zip(found) {
                    let agrees = found.same_bits(expected) || is_summed(name) && is_near(&found, expected);
                    if !agrees {
                        wrong.push(format!("{name}: {port} is {found:?}, not {expected:?}"));
                    }
                }
            }
        }
    }
    let shown: Vec<String> = wrong.iter().map(|line| line.chars().take(400).collect()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), shown[..shown.len().min(60)].join("\n"));
}

pub const FILES: [&str; 9] = [
    "library.json",
    "ops.json",
    "ops_more.json",
    "dtypes.json",
    "shapes.json",
    "dequantize.json",
    "fake_quant.json",
    "fake_quant_division.json",
    "narrow_ranges.json",
];

#[test]
fn every_case_of_the_library_as_a_graph() {
    let Some(python) = python("the library's cases as graphs") else { return };
    for file in FILES {
        let (refused, cases) =
            cases(file).into_iter().partition::<Vec<_>, _>(|(name, checked, _)| is_refused(name, checked));
        assert!(refused.len() <= 4, "{}", refused.len());
        println!("{file}: {} cases", cases.len());
        agree(&cases, Format::Pb, &python);
    }
}

#[test]
fn every_case_of_the_library_as_a_program() {
    let Some(python) = python("the library's cases as programs") else { return };
    agree(&cases("library.json"), Format::Python, &python);
}
