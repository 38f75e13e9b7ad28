//! Why an element has its value: every step is worked out again from its own words, every chain against what a run gives,
//! on random graphs of every block.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeSet;

use common::formula::worked_out;
use common::graphs::{MAY_REFUSE, cook, recipe};
use common::{Random, checked, example, page, plainly, ports, registry};
use node_core::check::{CheckedPage, Feeds};
use node_core::number::f32_text;
use node_core::{BlockId, BlockSpec, PortRef, Role, Scalar, Tensor};
use node_engine::analysis::why::{Answer, Element, Explainer, Node, Of, needed, parse};
use node_engine::{Engine, Request, Results, RunOptions, Session, plan};
use proptest::strategy::{Strategy, ValueTree};

/// What a run leaves that fetches no more than an explanation needs.
fn run(checked: &CheckedPage, port: &PortRef) -> Results {
    let (fetch, preview) = needed(checked, port);
    let mut session = Session::new(plan(checked, &Request { fetch, preview, ..Request::default() }));
    session.run(&mut Engine::new(1, 0), &RunOptions::with_memory_limit(1 << 30), &mut |_, _| {});
    session.results()
}

/// The chain of an element, in a page's own words.
fn chain(checked: &CheckedPage, text: &str, terms: usize) -> Vec<(String, Node)> {
    let (port, index) = parse(checked, text).unwrap();
    let results = run(checked, &port);
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(checked, &find);
    let element = explainer.element(&port, &index).unwrap();
    let nodes = explainer.chain(element, terms, 1_000);
    nodes.into_iter().map(|node| (explainer.name_of(&node.element), node)).collect()
}

fn because(nodes: &[(String, Node)], name: &str) -> String {
    let node = nodes.iter().find(|(other, node)| other == name && matches!(node.told, Answer::Explained(_)));
    match node.map(|(_, node)| &node.told) {
        Some(Answer::Explained(explained)) => explained.reason.because.clone(),
        _ => panic!("{name} is not explained"),
    }
}

#[test]
fn the_documented_example_says_why_a_gradient_is_stopped() {
    let page = checked(example("fake_quant_gradient"), &Feeds::new());
    let nodes = chain(&page, "grad.output[2]", 8);
    assert_eq!(
        because(&nodes, "grad.output[2]"),
        "gradients[2] × 0 = 3 × 0, because inputs[2] = -7 lies below the nudged min -6.0235295"
    );
    let names: Vec<&str> = nodes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grad.output[2]", "upstream.output[2]", "x.output[2]"]);
    assert_eq!(because(&nodes, "x.output[2]"), "as it is typed on the page");
    let Answer::Explained(explained) = &nodes[0].1.told else { panic!() };
    let tie = explained.reason.steps.iter().find(|step| step.name == "zero_point").unwrap();
    assert_eq!(tie.note.as_deref(), Some("a tie between 127 and 128: half goes away from 0"));
    assert_eq!(
        because(&chain(&page, "grad.output[-1]", 8), "grad.output[3]").split(',').next(),
        Some("gradients[3] × 1 = 4 × 1")
    );
}

#[test]
fn what_is_no_element_is_refused() {
    let page = checked(example("fake_quant_gradient"), &Feeds::new());
    let results = run(&page, &PortRef::parse("grad.output").unwrap());
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(&page, &find);
    for (text, why) in [
        ("grad.output[4]", "index 4 is out of bounds for axis 0 of grad.output, which is 4 long"),
        ("grad.output[-5]", "index -5 is out of bounds for axis 0"),
        ("grad.output", "it takes 1 index, not 0"),
        ("grad.output[0, 0]", "it takes 1 index, not 2"),
        ("grad.nothing[0]", "there is no output 'grad.nothing'"),
        ("nobody.output[0]", "there is no block 'nobody'"),
        ("grad.output[x]", "is no element"),
        ("grad.output[99999999999999999999]", "is no element"),
    ] {
        let found = parse(&page, text).and_then(|(port, index)| explainer.element(&port, &index));
        assert!(found.as_ref().is_err_and(|message| message.contains(why)), "{text}: {found:?}");
    }
}

/// The number that an explanation ends with, if all of it is a formula of numbers.
fn formula_of(because: &str) -> &str {
    let formula = because.split(", because ").next().unwrap_or_default();
    formula.rsplit(" = ").next().unwrap_or_default()
}

fn is_same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

#[test]
fn every_step_of_a_quantizer_is_worked_out_again_from_its_words() {
    let (mut steps, mut elements, mut ties) = (0, 0, 0);
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let bits = 2 + random.below(15);
        let narrow = random.once_in(3);
        let ends = |random: &mut Random| {
            let low = random.one_of(&[-6.0f32, -1.0, 0.0, -0.5, -3.7, 0.25, -100.0, -1e-3]);
            let high = low + random.one_of(&[0.5f32, 1.0, 12.0, 255.0, 7.3, 1e-2]);
            (low, high)
        };
        let ((low, high), (low2, high2)) = (ends(&mut random), ends(&mut random));
        let step = (high - low) / ((1u32 << bits) - 1) as f32;
        let value = |random: &mut Random| match random.below(8) {
            0 => "\"NaN\"".to_owned(),
            1 => "\"Infinity\"".to_owned(),
            2 => "-1e30".to_owned(),
            3 => f32_text(low),
            4 => f32_text(high),
            5 => f32_text(low + step * (random.below(20) as f32 + 0.5)),
            _ => f32_text(low + (high - low) * (random.below(1200) as f32 / 1000.0 - 0.1)),
        };
        let values = (0..6).map(|_| value(&mut random)).collect::<Vec<_>>();
        let [a, b, c, d, e, f] = values.as_slice() else { panic!() };
        let attrs = format!(r#""num_bits": {bits}, "narrow_range": {narrow}"#);
        let fixed = format!(r#""attrs": {{{attrs}, "min": {}, "max": {}}}"#, f32_text(low), f32_text(high));
        let scalars = format!(r#""inputs": {{"min": {}, "max": {}}}"#, f32_text(low), f32_text(high));
        let channels = format!(
            r#""inputs": {{"min": [{}, {}], "max": [{}, {}]}}"#,
            f32_text(low),
            f32_text(low2),
            f32_text(high),
            f32_text(high2)
        );
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{
            "x": {{"type": "Const", "attrs": {{"value": [[{a}, {b}], [{c}, {d}], [{e}, {f}]]}}}},
            "g": {{"type": "Const", "attrs": {{"value": [[1.5, -2], [3, -0.25], [1, 7]]}}}},
            "q1": {{"type": "FakeQuantWithMinMaxArgs", {fixed}}},
            "g1": {{"type": "FakeQuantWithMinMaxArgsGradient", {fixed}}},
            "q2": {{"type": "FakeQuantWithMinMaxVars", "attrs": {{{attrs}}}, {scalars}}},
            "g2": {{"type": "FakeQuantWithMinMaxVarsGradient", "attrs": {{{attrs}}}, {scalars}}},
            "q3": {{"type": "FakeQuantWithMinMaxVarsPerChannel", "attrs": {{{attrs}}}, {channels}}},
            "g3": {{"type": "FakeQuantWithMinMaxVarsPerChannelGradient", "attrs": {{{attrs}}}, {channels}}}
            }}, "wires": [["x.output", "q1.inputs"], ["x.output", "q2.inputs"], ["x.output", "q3.inputs"],
            ["x.output", "g1.inputs"], ["x.output", "g2.inputs"], ["x.output", "g3.inputs"],
            ["g.output", "g1.gradients"], ["g.output", "g2.gradients"], ["g.output", "g3.gradients"]]}}"#
        );
        let checked = checked(page(&text), &Feeds::new());
        let outputs = ports(&[
            "q1.output",
            "g1.output",
            "q2.output",
            "g2.backprops_wrt_input",
            "q3.output",
            "g3.backprops_wrt_input",
        ]);
        let all = plan(&checked, &Request::fetch(&outputs));
        let expected = plainly(&all);
        for port in outputs {
            let results = run(&checked, &port);
            let find = |id: &BlockId| results.blocks.get(id);
            let explainer = Explainer::new(&checked, &find);
            let tensor = expected[all.output(port.block.as_str(), 0).unwrap()].clone().unwrap();
            for flat in 0..6 {
                let element = Element { block: port.block.clone(), of: Of::Output(0), flat };
                let explained = explainer.explain(&element, 8).unwrap();
                let place = format!("seed {seed}, {port} {flat}: {:#?}", explained.reason);
                let value = tensor.slice::<f32>().unwrap()[flat];
                assert_eq!(explained.value.to_string(), f32_text(value), "{place}");
                let because = &explained.reason.because;
                assert!(is_same(worked_out(formula_of(because)).expect(&place), value), "{value}, {place}");
                for step in &explained.reason.steps {
                    let worked = worked_out(&step.numbers).unwrap_or_else(|| panic!("{}: {place}", step.numbers));
                    let told: f32 = step.value.parse().unwrap();
                    assert!(is_same(worked, told), "{} gives {worked}, not {told}: {place}", step.name);
                    steps += 1;
                    ties += usize::from(step.note.as_ref().is_some_and(|note| note.contains("a tie")));
                }
                elements += 1;
            }
        }
    }
    assert!(steps > 80_000 && elements > 14_000 && ties > 200, "{steps} {elements} {ties}");
}

#[test]
fn a_sum_names_its_largest_terms_and_what_the_others_come_to() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let most = 6000 / (1 + random.below(50));
        let (rows, columns) = (1 + random.below(5), 1 + random.below(most));
        let numbers: Vec<f32> = (0..rows * columns)
            .map(|_| (random.below(2001) as f32 - 1000.0) / 7.0 * if random.once_in(9) { 100.0 } else { 1.0 })
            .collect();
        let x = Tensor::new(node_core::Shape::new([rows, columns]).unwrap(), numbers.clone()).unwrap();
        let kind = random.one_of(&["Sum", "Mean", "Min", "Max"]);
        let axes = random.one_of(&["[0, 1]", "0", "1"]);
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Placeholder"}},
            "f": {{"type": "{kind}", "inputs": {{"axis": {{"dtype": "int32", "data": {axes}}}}}}}}},
            "wires": [["x.output", "f.input"]]}}"#
        );
        let checked = checked(page(&text), &[(PortRef::parse("x.output").unwrap(), x)].into_iter().collect());
        let results = run(&checked, &PortRef::parse("f.output").unwrap());
        let find = |id: &BlockId| results.blocks.get(id);
        let explainer = Explainer::new(&checked, &find);
        let count = match axes {
            "0" => columns,
            "1" => rows,
            _ => 1,
        };
        let flat = random.below(count);
        let terms = 1 + random.below(5);
        let block = BlockId::new("f").unwrap();
        let explained = explainer.explain(&Element { block, of: Of::Output(0), flat }, terms).unwrap();
        let place = format!("seed {seed}, {kind} over {axes} of [{rows}, {columns}]: {explained:#?}");
        let group: Vec<usize> = (0..rows * columns)
            .filter(|i| match axes {
                "0" => i % columns == flat,
                "1" => i / columns == flat,
                _ => true,
            })
            .collect();
        let named: Vec<usize> = explained.from.iter().map(|element| element.flat).collect();
        assert_eq!(explained.reason.omitted, group.len() - named.len(), "{place}");
        if matches!(kind, "Min" | "Max") {
            let best = |a: usize, b: usize| match kind {
                "Min" => numbers[b] < numbers[a],
                _ => numbers[b] > numbers[a],
            };
            let first = group.iter().copied().reduce(|a, b| if best(a, b) { b } else { a }).unwrap();
            assert_eq!(named, [first], "{place}");
            let equal = group.iter().filter(|i| numbers[**i] == numbers[first]).count();
            assert_eq!(explained.reason.because.contains("that are equal"), equal > 1, "{place}");
            continue;
        }
        let mut sorted = group.clone();
        sorted.sort_by(|a, b| numbers[*b].abs().total_cmp(&numbers[*a].abs()));
        assert_eq!(named, sorted[..terms.min(group.len())], "{place}");
        let told = worked_out(formula_of(&explained.reason.because)).expect(&place);
        let scale: f32 = group.iter().map(|i| numbers[*i].abs()).sum();
        let value = explained.value.as_f64().unwrap() as f32;
        assert!((told - value).abs() <= scale * 1e-5, "{told} is not {value}: {place}");
    }
}

#[test]
fn products_of_matrices_are_told_row_by_column() {
    for (transpose_a, transpose_b) in [(false, false), (true, false), (false, true), (true, true)] {
        let a = |i: usize, k: usize| (i * 10 + k) as f32 - 7.0;
        let b = |k: usize, j: usize| (k * 3 + j) as f32 - 4.0;
        let matrix = |rows: usize, columns: usize, value: &dyn Fn(usize, usize) -> f32, exchanged: bool| {
            let (high, wide) = if exchanged { (columns, rows) } else { (rows, columns) };
            let at = |i, j| if exchanged { value(j, i) } else { value(i, j) };
            let row = |i| (0..wide).map(|j| f32_text(at(i, j))).collect::<Vec<_>>().join(", ");
            format!("[{}]", (0..high).map(|i| format!("[{}]", row(i))).collect::<Vec<_>>().join(", "))
        };
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"a": {{"type": "Const", "attrs": {{"value": {}}}}},
            "b": {{"type": "Const", "attrs": {{"value": {}}}}},
            "m": {{"type": "MatMul", "attrs": {{"transpose_a": {transpose_a}, "transpose_b": {transpose_b}}}}}}},
            "wires": [["a.output", "m.a"], ["b.output", "m.b"]]}}"#,
            matrix(2, 5, &a, transpose_a),
            matrix(5, 3, &b, transpose_b)
        );
        let checked = checked(page(&text), &Feeds::new());
        for (i, j) in [(0, 0), (1, 2), (0, 1)] {
            let nodes = chain(&checked, &format!("m.output[{i}, {j}]"), 3);
            let Answer::Explained(explained) = &nodes[0].1.told else { panic!() };
            let because = &explained.reason.because;
            let sum: f32 = (0..5).map(|k| a(i, k) * b(k, j)).sum();
            assert_eq!(worked_out(formula_of(because)), Some(sum), "{because}");
            assert_eq!(explained.value.as_f64(), Some(f64::from(sum)));
            let mut largest: Vec<usize> = (0..5).collect();
            largest.sort_by(|k, l| (a(i, *l) * b(*l, j)).abs().total_cmp(&(a(i, *k) * b(*k, j)).abs()));
            let k = largest[0];
            let name = |port: &str, row: usize, column: usize, exchanged: bool| match exchanged {
                true => format!("{port}[{column}, {row}]"),
                false => format!("{port}[{row}, {column}]"),
            };
            let first = format!("{} × {}", name("a", i, k, transpose_a), name("b", k, j, transpose_b));
            assert!(because.starts_with(&first), "{because} should begin with {first}");
            assert!(because.contains("2 others"), "{because}");
        }
    }
}

/// On graphs of every block: each element of each chain has the value that a run gives, and says why.
#[test]
fn every_chain_goes_down_to_the_sources_with_the_values_of_a_run() {
    let registry = registry();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut told, mut met) = (0, BTreeSet::new());
    for _ in 0..4000 {
        let recipe = recipe().new_tree(&mut runner).unwrap().current();
        let checked = cook(&recipe, &registry);
        let ids: Vec<&BlockId> = checked.blocks.keys().collect();
        let all = plan(&checked, &Request::fetch(&ids.iter().map(|id| PortRef::new(id, "")).collect::<Vec<_>>()));
        let expected = plainly(&all);
        let value = |element: &Element| {
            let Of::Output(index) = element.of else { return None };
            expected[all.output(element.block.as_str(), index)?].as_ref()?.element(element.flat)
        };
        for id in ids {
            let setup = checked.blocks[id].setup.clone().unwrap();
            let spec = setup.spec();
            for (index, output) in setup.ports.outputs().iter().enumerate() {
                let port = PortRef::new(id, &output.name);
                let tensor = expected[all.output(id.as_str(), index).unwrap()].clone().unwrap();
                let results = run(&checked, &port);
                let find = |id: &BlockId| results.blocks.get(id);
                let explainer = Explainer::new(&checked, &find);
                let flats: BTreeSet<usize> = [0, tensor.len() / 2, tensor.len().saturating_sub(1)].into();
                for flat in flats.into_iter().filter(|flat| *flat < tensor.len()) {
                    let element = Element { block: id.clone(), of: Of::Output(index), flat };
                    let nodes = explainer.chain(element, 3, 200);
                    for node in &nodes {
                        let place = format!("{port}, {}", explainer.name_of(&node.element));
                        match &node.told {
                            Answer::Explained(explained) => {
                                if let Some(expected) = value(&node.element) {
                                    assert!(
                                        same(&explained.value, &expected),
                                        "{place} is {expected}, not {}",
                                        explained.value
                                    );
                                }
                                assert!(
                                    !explained.reason.because.contains("cannot tell"),
                                    "{place}: {}",
                                    explained.reason.because
                                );
                                let empty = spec.role == Role::Operation && explained.reason.because.is_empty();
                                assert!(!empty, "{place}");
                                told += 1;
                            }
                            Answer::Wrong(problem) => panic!("{place}: {problem}"),
                            Answer::Before(_) | Answer::TooMany => {}
                        }
                    }
                    if spec.role == Role::Operation {
                        met.insert(spec.name.clone());
                    }
                }
            }
        }
    }
    assert!(told > 10_000, "{told}");
    let operations = registry.iter().map(|ty| &ty.spec).filter(|spec| spec.role == Role::Operation);
    let is_missing = |spec: &&BlockSpec| !met.contains(&spec.name) && !MAY_REFUSE.contains(&&*spec.name);
    let missing: Vec<&str> = operations.filter(is_missing).map(|spec| &*spec.name).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

fn same(a: &Scalar, b: &Scalar) -> bool {
    a.to_string() == b.to_string()
}

/// Elements that are only moved have the value of where they come from, whatever block moves them.
#[test]
fn what_is_moved_comes_from_where_it_was() {
    let text = r#"{"nudge": 1, "blocks": {
        "x": {"type": "Const", "attrs": {"value": {"dtype": "float32", "shape": [3, 4, 2], "data": [0, 1, 2, 3, 4, 5, 6, 7,
            8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]}}},
        "split": {"type": "Split", "attrs": {"num_split": 2}, "inputs": {"axis": 1}},
        "splitv": {"type": "SplitV", "attrs": {"num_split": 3}, "inputs": {"size_splits": [1, 2, 1], "axis": 1}},
        "unpack": {"type": "Unpack", "attrs": {"num": 4, "axis": 1}},
        "concat": {"type": "ConcatV2", "inputs": {"axis": 1}},
        "pack": {"type": "Pack", "attrs": {"axis": 2}},
        "reshape": {"type": "Reshape", "inputs": {"shape": [2, -1]}}},
        "wires": [["x.output", "split.value"], ["x.output", "splitv.value"], ["x.output", "unpack.value"],
            ["splitv.output[1]", "concat.values"], ["x.output", "concat.values"], ["splitv.output[0]", "concat.values"],
            ["split.output[1]", "pack.values"], ["split.output[0]", "pack.values"], ["x.output", "reshape.tensor"]]}"#;
    let checked = checked(page(text), &Feeds::new());
    let mut moved = 0;
    for id in ["split", "splitv", "unpack", "concat", "pack", "reshape"] {
        let setup = checked.blocks[&BlockId::new(id).unwrap()].setup.clone().unwrap();
        for (index, output) in setup.ports.outputs().iter().enumerate() {
            let block = BlockId::new(id).unwrap();
            let port = PortRef::new(&block, &output.name);
            let results = run(&checked, &port);
            let find = |id: &BlockId| results.blocks.get(id);
            let explainer = Explainer::new(&checked, &find);
            let len = results.tensor(id, index).unwrap().len();
            for flat in 0..len {
                let nodes = explainer.chain(Element { block: block.clone(), of: Of::Output(index), flat }, 8, 100);
                let values: BTreeSet<String> = nodes
                    .iter()
                    .map(|node| match &node.told {
                        Answer::Explained(explained) => explained.value.to_string(),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                assert_eq!(values.len(), 1, "{port} {flat}: {nodes:?}");
                let source = &nodes.last().unwrap().element;
                assert_eq!((source.block.as_str(), Some(source.flat.to_string())), ("x", values.first().cloned()));
                moved += 1;
            }
        }
    }
    assert_eq!(moved, 24 + 24 + 24 + 42 + 24 + 24);
}

/// What is looked at may be far from its sources.
#[test]
fn a_long_chain_is_told_to_its_end() {
    let count = 20_000;
    let blocks: Vec<String> = (0..count).map(|n| format!(r#""b{n}": {{"type": "Square"}}"#)).collect();
    let wires: Vec<String> = (1..count).map(|n| format!(r#"["b{}.output", "b{n}.x"]"#, n - 1)).collect();
    let text = format!(
        r#"{{"nudge": 1, "blocks": {{"x": {{"type": "Const", "attrs": {{"value": [1]}}}}, {}}}, "wires": [["x.output", "b0.x"], {}]}}"#,
        blocks.join(", "),
        wires.join(", ")
    );
    let checked = checked(page(&text), &Feeds::new());
    let results = run(&checked, &PortRef::parse(&format!("b{}.output", count - 1)).unwrap());
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(&checked, &find);
    let block = BlockId::new(&format!("b{}", count - 1)).unwrap();
    let nodes = explainer.chain(Element { block, of: Of::Output(0), flat: 0 }, 8, 100_000);
    assert_eq!(nodes.len(), count + 1);
    assert!(nodes.iter().all(|node| matches!(node.told, Answer::Explained(_))));
}

/// What looks alike and is not.
#[test]
fn origins_are_those_that_count() {
    let text = r#"{"nudge": 1, "blocks": {
        "c": {"type": "Const", "attrs": {"value": [true, false]}}, "t": {"type": "Const", "attrs": {"value": [5, 6]}},
        "s": {"type": "SelectV2", "inputs": {"e": 0.0}}, "s2": {"type": "SelectV2", "inputs": {"t": 0.0}},
        "big": {"type": "Const", "attrs": {"value": {"dtype": "int64", "data": [9007199254740992, 9007199254740993]}}},
        "max": {"type": "Max"}},
        "wires": [["c.output", "s.condition"], ["t.output", "s.t"], ["c.output", "s2.condition"], ["t.output", "s2.e"],
            ["big.output", "max.input"]]}"#;
    let checked = checked(page(text), &Feeds::new());
    let names =
        |text: &str| -> Vec<String> { chain(&checked, text, 8).into_iter().skip(1).map(|(name, _)| name).collect() };
    assert_eq!(names("s.output[0]"), ["c.output[0]", "t.output[0]"], "a scalar whose name is a letter of 'because'");
    assert_eq!(names("s.output[1]"), ["c.output[1]", "s.e"]);
    assert_eq!(names("s2.output[1]"), ["c.output[1]", "t.output[1]"]);
    assert_eq!(names("max.output"), ["big.output[1]"], "beyond what float64 tells apart");
    // Of what was left out none is said to have been told.
    let (port, index) = parse(&checked, "s.output[0]").unwrap();
    let results = run(&checked, &port);
    let find = |id: &BlockId| results.blocks.get(id);
    let explainer = Explainer::new(&checked, &find);
    let nodes = explainer.chain(explainer.element(&port, &index).unwrap(), 8, 1);
    assert!(nodes[1..].iter().all(|node| matches!(node.told, Answer::TooMany)), "{nodes:?}");
}
