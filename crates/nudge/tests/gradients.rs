//! The backward pass against TensorFlow's: every case of `assets/golden/gradients.json`, with sources whose shapes are
//! known before the run, and with such whose are not.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use node_core::gradient::{Added, Asked, Gradient, add_gradient};
use node_core::{
    BlockId, BlockNode, CheckedPage, Feeds, Page, PortRef, Problem, Registry, Tensor, Value, check, literal,
};
use node_engine::{Request, RunOptions, plan, run_once};
use node_io::page_file;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    page: Value,
    of: String,
    #[serde(rename = "for")]
    wanted: Vec<String>,
    given: Option<String>,
    within: f64,
    gradients: Vec<Value>,
}

impl Case {
    fn page(&self) -> Page {
        page_file::parse(self.page.to_string().as_bytes())
            .unwrap_or_else(|problems| panic!("{}: {problems:?}", self.name))
    }

    fn asked(&self) -> Asked {
        let port = |text: &String| PortRef::parse(text).unwrap();
        Asked {
            of: port(&self.of),
            wanted: self.wanted.iter().map(port).collect(),
            given: self.given.as_ref().map(port),
        }
    }
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/golden/gradients.json");
    serde_json::from_str::<File>(&std::fs::read_to_string(path).unwrap()).unwrap().cases
}

fn registry() -> Registry {
    node_blocks::link();
    Registry::linked().unwrap()
}

/// The page with the blocks of the backward pass.
fn with_gradient(
    page: Page,
    registry: &Registry,
    asked: &Asked,
    feeds: &Feeds,
) -> Result<(CheckedPage, Added), Vec<Problem>> {
    let mut page = Arc::new(page);
    let checked = check(&page, registry, feeds);
    assert_eq!(checked.problems, []);
    let added = add_gradient(&checked, registry, asked)?;
    added.edit.clone().apply(Arc::make_mut(&mut page)).unwrap();
    assert_eq!(page.violations(), Vec::<String>::new());
    Ok((check(&page, registry, feeds), added))
}

fn run(checked: &CheckedPage, ports: &[PortRef]) -> Result<Vec<Tensor>, String> {
    if let Some(problem) = checked.problems.first() {
        return Err(format!("check: {problem}"));
    }
    let results = run_once(&plan(checked, &Request::fetch(ports)), &RunOptions::with_memory_limit(1 << 30));
    if let Some(problem) = results.problems().next() {
        return Err(format!("run: {problem}"));
    }
    Ok(ports
        .iter()
        .map(|port| {
            results
                .tensor(port.block.as_str(), checked.blocks[&port.block].output_index(&port.port).unwrap())
                .unwrap()
                .clone()
        })
        .collect())
}

/// What is wrong with what a case gives.
fn difference(case: &Case, got: &[Tensor]) -> Option<String> {
    case.wanted.iter().zip(&case.gradients).zip(got).find_map(|((port, wanted), got)| {
        let wanted = literal::tensor(wanted, None).unwrap();
        if wanted.dtype() != got.dtype() || wanted.shape() != got.shape() {
            return Some(format!(
                "{port}: {} {}, TensorFlow {} {}",
                got.dtype(),
                got.shape(),
                wanted.dtype(),
                wanted.shape()
            ));
        }
        let numbers = |tensor: &Tensor| -> Vec<f64> {
            (0..tensor.len()).map(|at| tensor.element(at).unwrap().as_f64().unwrap()).collect()
        };
        let (wanted, got) = (numbers(&wanted), numbers(got));
        let largest = wanted.iter().filter(|v| v.is_finite()).fold(0.0, |most: f64, v| most.max(v.abs()));
        let near = |a: f64, b: f64| {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= case.within * b.abs().max(largest * 0.1)
        };
        let at = (0..wanted.len()).find(|at| !near(got[*at], wanted[*at]))?;
        Some(format!("{port}[{at}] is {}, TensorFlow's {}", got[at], wanted[at]))
    })
}

#[test]
fn gradients_are_tensorflows() {
    let (registry, mut wrong, mut types) = (registry(), Vec::new(), BTreeSet::new());
    for case in cases() {
        let page = case.page();
        types.extend(page.blocks.values().map(|block| block.type_name.clone()));
        let found = with_gradient(page, &registry, &case.asked(), &Feeds::new());
        let found = found.map_err(|problems| problems[0].to_string());
        let found = found.and_then(|(checked, added)| run(&checked, &added.gradients));
        wrong.extend(match found {
            Ok(tensors) => difference(&case, &tensors).map(|what| format!("{}: {what}", case.name)),
            Err(message) => Some(format!("{}: {message}", case.name)),
        });
    }
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
    let has_rule = |name: &&str| matches!(registry.gradient(name), Some(Gradient::By(_)));
    let names = registry.iter().map(|ty| &*ty.spec.name);
    let untried: Vec<&str> = names.filter(|name| !types.contains(*name)).filter(has_rule).collect();
    assert_eq!(untried, UNTRIED, "rules that no case tries");
}

/// PreventGradient refuses, and of Snapshot TensorFlow has no gradient.
const UNTRIED: [&str; 2] = ["PreventGradient", "Snapshot"];

/// The same page with Placeholders of unknown shape in place of constants, and what feeds them.
fn unknown(page: &Page) -> (Page, Feeds) {
    let (mut page, mut feeds) = (page.clone(), Feeds::new());
    let constants: Vec<BlockId> =
        page.blocks.iter().filter(|(_, block)| block.type_name == "Const").map(|(id, _)| id.clone()).collect();
    for id in constants {
        let tensor = literal::tensor(page.blocks[&id].attrs.get("value").unwrap(), None).unwrap();
        let dtype = Value::from(tensor.dtype().name());
        let node = BlockNode { attrs: [("dtype", dtype)].into_iter().collect(), ..BlockNode::new("Placeholder") };
        page.blocks.insert(id.clone(), Arc::new(node));
        feeds.insert(PortRef::new(&id, "output"), tensor);
    }
    (page, feeds)
}

/// Gradients that cannot be made before shapes are known; all say so.
const NEED_SHAPES: [&str; 6] = ["Einsum", "GatherV2", "MatrixDiagPart", "Prod", "TopKV2", "UnsortedSegmentSum"];

#[test]
fn shapes_may_be_known_in_the_run_alone() {
    let (registry, mut wrong, mut need) = (registry(), Vec::new(), BTreeSet::new());
    for case in cases() {
        let (mut page, feeds) = unknown(&case.page());
        let mut asked = case.asked();
        // Whether the loss is a scalar is not known either.
        let one = BlockId::new("one").unwrap();
        let node = BlockNode { attrs: [("value", Value::Int(1))].into_iter().collect(), ..BlockNode::new("Const") };
        page.blocks.insert(one.clone(), Arc::new(node));
        asked.given.get_or_insert(PortRef::new(&one, "output"));
        // Made without feeds, run with them.
        let found = match with_gradient(page, &registry, &asked, &Feeds::new()) {
            Ok((checked, added)) => {
                let checked = check(&checked.page, &registry, &feeds);
                run(&checked, &added.gradients)
            }
            Err(problems) => {
                let message = problems[0].to_string();
                if message.contains("before the run") {
                    need.insert(case.name.trim_start_matches("page: ").split(' ').next().unwrap().to_owned());
                    continue;
                }
                Err(message)
            }
        };
        wrong.extend(match found {
            Ok(tensors) => difference(&case, &tensors).map(|what| format!("{}: {what}", case.name)),
            Err(message) => Some(format!("{}: {message}", case.name)),
        });
    }
    assert!(wrong.is_empty(), "{} cases fail:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(need.into_iter().collect::<Vec<_>>(), NEED_SHAPES);
}

/// What is said of a page with these blocks and wires, when the gradient of `of` for `wanted` is asked.
fn refused(blocks: &str, wires: &str, of: &str, wanted: &str, given: Option<&str>) -> String {
    let text = format!(r#"{{"nudge": 1, "blocks": {{{blocks}}}, "wires": [{wires}]}}"#);
    let page = page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let port = |text: &str| PortRef::parse(text).unwrap();
    let asked = Asked { of: port(of), wanted: vec![port(wanted)], given: given.map(port) };
    match with_gradient(page, &registry(), &asked, &Feeds::new()) {
        Ok((_, added)) => panic!("{:?} is no refusal", added.gradients),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

#[test]
fn what_has_no_gradient_is_told_by_block() {
    let x = r#""x": {"type": "Const", "attrs": {"value": [1.5, 2]}}"#;
    let sum = r#""loss": {"type": "Sum", "inputs": {"axis": 0}}"#;
    for (between, port, why) in [
        (r#"{"type": "Floor"}"#, "x", "f: gradients stop here: it gives steps"),
        (r#"{"type": "OnesLike"}"#, "x", "f: gradients stop here: what it gives depends on shapes alone"),
        (r#"{"type": "StopGradient"}"#, "input", "f: gradients stop here: that is what the block is for"),
        (
            r#"{"type": "PreventGradient", "attrs": {"message": "frozen"}}"#,
            "input",
            "f: refuses that a gradient be made through it: frozen",
        ),
        (r#"{"type": "Digamma"}"#, "x", "f: Digamma has no gradient, as far as is known here"),
    ] {
        let blocks = format!(r#"{x}, {sum}, "f": {between}"#);
        let wires = format!(r#"["x.output", "f.{port}"], ["f.output", "loss.input"]"#);
        let said = refused(&blocks, &wires, "loss.output", "x.output", None);
        assert!(said.starts_with(why), "{said}");
    }
    // Whole numbers on the way.
    let blocks = format!(
        r#"{x}, {sum}, "i": {{"type": "Cast", "attrs": {{"DstT": "int32"}}}}, "f": {{"type": "Cast", "attrs": {{"DstT": "float32"}}}}"#
    );
    let wires = r#"["x.output", "i.x"], ["i.output", "f.x"], ["f.output", "loss.input"]"#;
    assert_eq!(
        refused(&blocks, wires, "loss.output", "x.output", None),
        "i: gradients stop here: it gives int32, which has none"
    );
    // No path at all; no scalar; no such port; whole numbers; a gradient of another shape.
    let blocks = format!(
        r#"{x}, {sum}, "y": {{"type": "Const", "attrs": {{"value": [1, 2, 3]}}}}, "n": {{"type": "Const", "attrs": {{"value": {{"dtype": "int32", "data": [1]}}}}}}"#
    );
    let wires = r#"["x.output", "loss.input"]"#;
    let ask = |of, wanted, given| refused(&blocks, wires, of, wanted, given);
    assert_eq!(ask("loss.output", "y.output", None), "y.output: has no gradient: loss.output does not depend on it");
    assert!(
        ask("x.output", "x.output", None)
            .starts_with("x.output: is of shape [2]; only a scalar has a gradient by itself")
    );
    assert!(ask("loss.sum", "x.output", None).contains("loss"));
    assert!(ask("nobody.output", "x.output", None).starts_with("nobody: there is no such block"));
    assert_eq!(
        ask("loss.output", "n.output", None),
        "n.output: is of int32; only floating-point tensors have gradients"
    );
    let faulty =
        r#""x": {"type": "Const", "attrs": {"value": [1, 2]}}, "y": {"type": "AddV2"}, "s": {"type": "L2Loss"}"#;
    let page = page_file::parse(
        format!(r#"{{"nudge": 1, "blocks": {{{faulty}}}, "wires": [["x.output", "y.x"], ["y.output", "s.t"]]}}"#)
            .as_bytes(),
    )
    .unwrap();
    let asked = Asked {
        of: PortRef::parse("s.output").unwrap(),
        wanted: vec![PortRef::parse("x.output").unwrap()],
        given: None,
    };
    let checked = check(&Arc::new(page), &registry(), &Feeds::new());
    let problems = add_gradient(&checked, &registry(), &asked).unwrap_err();
    assert!(problems[0].to_string().starts_with("y.y: is not connected"), "{}", problems[0]);
    let said = ask("x.output", "x.output", Some("y.output"));
    assert_eq!(said, "y.output: is float32 [3], but the gradient of x.output must be float32 [2]");
}

#[test]
fn reductions_over_all_axes_need_none_wired() {
    for reduction in ["Sum", "Mean", "Max", "Min", "Prod"] {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"w": {{"type": "Const", "attrs": {{"value": [[1, 2], [3, 4]]}}}}, "s": {{"type": "{reduction}"}}}}, "wires": [["w.output", "s.input"]]}}"#
        );
        let page = page_file::parse(text.as_bytes()).unwrap();
        let (w, s) = (PortRef::parse("w.output").unwrap(), PortRef::parse("s.output").unwrap());
        let asked = Asked { of: s.clone(), wanted: vec![w.clone()], given: None };
        let (checked, added) = with_gradient(page.clone(), &registry(), &asked, &Feeds::new()).unwrap();
        let wanted: [f32; 4] = match reduction {
            "Sum" => [1.0; 4],
            "Mean" => [0.25; 4],
            "Max" => [0.0, 0.0, 0.0, 1.0],
            "Min" => [1.0, 0.0, 0.0, 0.0],
            _ => [24.0, 12.0, 8.0, 6.0],
        };
        assert_eq!(run(&checked, &added.gradients).unwrap()[0].slice::<f32>().unwrap(), wanted, "{reduction}");
        // And where the shape is not known before the run.
        if reduction != "Prod" {
            let (mut page, feeds) = unknown(&page);
            let node = BlockNode { attrs: [("value", Value::Int(1))].into_iter().collect(), ..BlockNode::new("Const") };
            page.blocks.insert(BlockId::new("one").unwrap(), Arc::new(node));
            let asked = Asked { given: PortRef::parse("one.output").ok(), ..asked };
            let (checked, added) = with_gradient(page, &registry(), &asked, &Feeds::new()).unwrap();
            let checked = check(&checked.page, &registry(), &feeds);
            assert_eq!(run(&checked, &added.gradients).unwrap()[0].slice::<f32>().unwrap(), wanted, "{reduction}");
        }
    }
}

#[test]
fn the_gradient_has_the_name_of_what_it_is_for() {
    let page = |blocks: &str, wires: &str| {
        let text = format!(r#"{{"nudge": 1, "blocks": {{{blocks}}}, "wires": [{wires}]}}"#);
        page_file::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}"))
    };
    let port = |text: &str| PortRef::parse(text).unwrap();
    let gradients = |page: Page, wanted: &[&str]| {
        let asked =
            Asked { of: port("loss.output"), wanted: wanted.iter().map(|text| port(text)).collect(), given: None };
        let (checked, added) = with_gradient(page, &registry(), &asked, &Feeds::new()).unwrap();
        assert_eq!(run(&checked, &added.gradients).map(|tensors| tensors.len()), Ok(wanted.len()));
        added.gradients.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let w = r#""w": {"type": "Const", "attrs": {"value": [1.5, 2]}}, "loss": {"type": "Sum", "inputs": {"axis": 0}}"#;
    let direct = page(w, r#"["w.output", "loss.input"]"#);
    assert_eq!(gradients(direct.clone(), &["w.output"]), ["w_grad.output"]);
    assert_eq!(gradients(direct.clone(), &["w.output", "w.output"]), ["w_grad.output", "w_grad.output"]);
    // What is differentiated may be what it is differentiated for.
    assert_eq!(gradients(direct.clone(), &["loss.output", "w.output"]), ["loss_grad.output", "w_grad.output"]);
    // A name that is taken.
    let taken = page(
        &format!(r#"{w}, "w_grad": {{"type": "Const"}}"#)
            .replace(r#"{"type": "Const"}"#, r#"{"type": "Const", "attrs": {"value": 1}}"#),
        r#"["w.output", "loss.input"]"#,
    );
    assert_eq!(gradients(taken, &["w.output"]), ["w_grad_1.output"]);
    // One gradient for two.
    let both = page(
        &format!(r#"{w}, "v": {{"type": "Const", "attrs": {{"value": [3, 4]}}}}, "s": {{"type": "AddV2"}}"#),
        r#"["w.output", "s.x"], ["v.output", "s.y"], ["s.output", "loss.input"]"#,
    );
    assert_eq!(gradients(both, &["w.output", "v.output"]), ["w_grad.output", "v_grad.output"]);
    // A part of a list.
    let parts = page(
        &format!(r#"{w}, "p": {{"type": "Split", "attrs": {{"num_split": 2}}, "inputs": {{"axis": 0}}}}"#),
        r#"["w.output", "p.value"], ["p.output[1]", "loss.input"]"#,
    );
    assert_eq!(gradients(parts, &["p.output[1]", "w.output"]), ["p_output_1_grad.output", "w_grad.output"]);
}
