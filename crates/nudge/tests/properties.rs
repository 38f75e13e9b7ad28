//! What holds for any page: random graphs and random edits.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::check::{Feeds, Source, State, recheck};
use node_core::decor::{Decor, Frame, Note, View};
use node_core::page::{Entries, Unknown, Written};
use node_core::{BlockId, BlockNode, Edit, History, Page, Placement, PortRef, Value, Wire, check};
use node_engine::{Request, RunOptions, plan, run_once};
use node_io::page_file;
use proptest::prelude::*;

const TYPES: [&str; 8] = ["Const", "AddV2", "Mul", "Sub", "Square", "Relu6", "FakeQuantWithMinMaxArgs", "Unknown"];
const INPUTS: [&[&str]; 8] = [&[], &["x", "y"], &["x", "y"], &["x", "y"], &["x"], &["features"], &["inputs"], &["in"]];

fn id(n: usize) -> BlockId {
    BlockId::new(&format!("b{n}")).unwrap()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(Value::number),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Bool),
        ".{0,6}".prop_map(Value::String),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..3).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn entries() -> impl Strategy<Value = Entries> {
    prop::collection::btree_map("[a-z_]{1,5}", value(), 0..3).prop_map(|map| map.into_iter().collect())
}

/// Notes, frames, bends and places, of blocks that are there or not.
fn decor() -> impl Strategy<Value = Decor> {
    let point = || (-1e4..1e4, -1e4..1e4);
    let note = (point(), point(), ".{0,20}");
    let frame = (
        ".{0,8}",
        prop::option::of("[a-z]{1,5}"),
        prop::array::uniform4(-1e4..1e4),
        prop::collection::btree_set(0..9usize, 0..4),
    );
    let route = ((0..8usize, 0..8usize, "[a-z]{1,4}"), prop::collection::vec(point(), 0..4));
    let view = (point(), 0.01..3.0);
    let notes = prop::collection::btree_map("n[0-9]", note, 0..3);
    let frames = prop::collection::btree_map("f[0-9]", frame, 0..3);
    let (routes, views) = (prop::collection::vec(route, 0..3), prop::collection::btree_map("[1-9]", view, 0..3));
    (notes, frames, routes, views).prop_map(|(notes, frames, routes, views)| Decor {
        notes: notes.into_iter().map(|(k, (at, size, text))| (k, Note { at, size, text, ..Note::default() })).collect(),
        frames: frames
            .into_iter()
            .map(|(k, (title, color, rect, blocks))| {
                (k, Frame { title, color, rect, blocks: blocks.into_iter().map(id).collect(), ..Frame::default() })
            })
            .collect(),
        routes: routes
            .into_iter()
            .map(|((a, b, port), by)| {
                (Wire { from: PortRef::new(&id(a), "output"), to: PortRef::new(&id(b), &port) }, by)
            })
            .collect(),
        views: views.into_iter().map(|(k, (center, zoom))| (k, View { center, zoom })).collect(),
    })
}

/// Any page whatever, with blocks of types that there are and of one that there is not.
fn pages() -> impl Strategy<Value = Page> {
    let block = (0..TYPES.len(), entries(), entries(), any::<bool>(), prop::option::of(value()));
    let blocks = prop::collection::vec(block, 1..8);
    let wires = prop::collection::vec((0..8usize, 0..8usize, "[a-z]{1,6}"), 0..10);
    let layout = prop::collection::vec((0..8usize, -1e4..1e4, -1e4..1e4), 0..8);
    (blocks, wires, layout, decor(), prop::option::of("[^\u{0}-\u{1f}]{1,8}")).prop_map(
        |(blocks, wires, layout, decor, name)| {
            let mut page = Page { name, ..Page::default() };
            for (n, (kind, attrs, inputs, mute, more)) in blocks.into_iter().enumerate() {
                let control = if mute { vec![id(0)] } else { Vec::new() };
                let unknown = more.map(|v| Unknown { key: "note".into(), json: v.to_string().into() });
                let node = BlockNode {
                    attrs,
                    inputs,
                    mute,
                    tf_name: (!control.is_empty()).then(|| format!("a/{n}").into()),
                    control,
                    unknown: unknown.into_iter().collect(),
                    ..BlockNode::new(TYPES[kind])
                };
                page.blocks.insert(id(n), Arc::new(node));
            }
            let port = |n: usize, name: &str| PortRef::new(&id(n), name);
            let wires = wires.into_iter().map(|(a, b, name)| Wire { from: port(a, "output"), to: port(b, &name) });
            page.wires = Arc::new(wires.collect());
            page.decor = Arc::new(decor);
            page.layout = layout.into_iter().map(|(n, x, y)| (id(n), Placement::at(x, y))).collect();
            page
        },
    )
}

/// A graph without loops, of blocks that can run: block n reads only earlier ones.
fn graphs() -> impl Strategy<Value = Page> {
    let block = (0..7usize, prop::collection::vec(any::<prop::sample::Index>(), 2), -8.0..8.0f64);
    prop::collection::vec(block, 1..24).prop_map(|blocks| {
        let mut page = Page::default();
        for (n, (kind, sources, number)) in blocks.into_iter().enumerate() {
            let kind = if n == 0 { 0 } else { kind };
            let attrs = [("value", Value::list(vec![Value::number(number), Value::Int(n as i64)]))];
            let attrs: Entries = if kind == 0 { attrs.into_iter().collect() } else { Entries::default() };
            page.blocks.insert(id(n), Arc::new(BlockNode { attrs, ..BlockNode::new(TYPES[kind]) }));
            for (input, source) in INPUTS[kind].iter().zip(sources) {
                let from = PortRef::new(&id(source.index(n)), "output");
                Arc::make_mut(&mut page.wires).push(Wire { from, to: PortRef::new(&id(n), input) });
            }
        }
        page
    })
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let block = || (0..6usize).prop_map(id);
    let written = || prop::option::of(value().prop_map(Written::from));
    let place = || prop::option::of((-500.0..500.0f64, -500.0..500.0f64).prop_map(|(x, y)| Placement::at(x, y)));
    let wire = || {
        (0..6usize, 0..6usize, "[ab]")
            .prop_map(|(a, b, port)| Wire { from: PortRef::new(&id(a), "output"), to: PortRef::new(&id(b), &port) })
    };
    let one = prop_oneof![
        (block(), 0..TYPES.len(), place()).prop_map(|(id, kind, place)| {
            Edit::AddBlock { id, block: Arc::new(BlockNode::new(TYPES[kind])), place }
        }),
        block().prop_map(Edit::RemoveBlock),
        (block(), block()).prop_map(|(from, to)| Edit::Rename { from, to }),
        wire().prop_map(|wire| Edit::Connect { wire }),
        wire().prop_map(Edit::Disconnect),
        (block(), "[ab]", written()).prop_map(|(b, name, value)| Edit::set_attr(&b, &name, value)),
        (block(), "[ab]", written()).prop_map(|(b, name, value)| Edit::set_input(&b, &name, value)),
        (block(), place()).prop_map(|(block, to)| Edit::Place { block, to }),
        decor().prop_map(|decor| {
            // What edits make names nothing that is not there.
            let Decor { notes, views, .. } = decor;
            Edit::Decorate(Arc::new(Decor { notes, views, ..Decor::default() }))
        }),
        (block(), any::<bool>()).prop_map(|(block, mute)| Edit::Mute { block, mute }),
        (block(), any::<bool>())
            .prop_map(|(block, there)| Edit::Device { block, device: there.then(|| "/task:1".into()) }),
        // What edits make comes after nothing that is not there.
        block().prop_map(|block| Edit::Control { control: vec![block.clone()], block }),
        prop::option::of("[a-z]{0,3}").prop_map(Edit::SetName),
    ];
    let step = prop_oneof![4 => one.clone(), 1 => prop::collection::vec(one, 1..4).prop_map(Edit::Batch)];
    prop::collection::vec(step, 1..40)
}

/// An attribute of a block of a graph, set to something that may or may not be right.
fn set() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![
        (-9i64..9).prop_map(Value::Int),
        (2i64..18).prop_map(Value::Int),
        prop::collection::vec(-3i64..3, 0..4).prop_map(|v| Value::list(v.into_iter().map(Value::Int).collect())),
        any::<bool>().prop_map(Value::Bool),
    ];
    let name = prop::sample::select(vec!["value", "min", "max", "num_bits", "keep_dims"]);
    let id = prop_oneof!["b[0-9]{1,2}", Just("range".to_owned()), Just("axis".to_owned()), Just("fq".to_owned())];
    (id, name, value).prop_map(|(id, name, value)| {
        let id = BlockId::new(&id).unwrap();
        Edit::set_attr(&id, name, Some(Written::from(value)))
    })
}

/// The page with a set of attributes that feeds a block, and a constant that decides a shape.
fn with_set_and_axis(mut page: Page) -> Page {
    let number = |v: i64| Value::Int(v);
    let block = |type_name: &str, attrs: &[(&str, Value)]| {
        let attrs = attrs.iter().map(|(n, v)| (*n, v.clone())).collect();
        Arc::new(BlockNode { attrs, ..BlockNode::new(type_name) })
    };
    let id = |text: &str| BlockId::new(text).unwrap();
    let axis = Value::Object(vec![("dtype".into(), Value::String("int32".into())), ("data".into(), number(0))]);
    page.blocks.insert(id("range"), block("Attrs", &[("min", number(-1)), ("max", number(1))]));
    page.blocks.insert(id("axis"), block("Const", &[("value", axis), ("dtype", Value::String("int32".into()))]));
    page.blocks.insert(id("fq"), block("FakeQuantWithMinMaxArgs", &[]));
    page.blocks.insert(id("mean"), block("Mean", &[]));
    for (from, to) in [
        ("range.attrs", "fq.attrs"),
        ("b0.output", "fq.inputs"),
        ("fq.output", "mean.input"),
        ("axis.output", "mean.axis"),
    ] {
        Arc::make_mut(&mut page.wires)
            .push(Wire { from: PortRef::parse(from).unwrap(), to: PortRef::parse(to).unwrap() });
    }
    page
}

/// What an attribute restates is left out where it is so, and kept as a problem where it is not.
#[test]
fn only_what_is_restated_rightly_is_left_out() {
    let registry = common::registry();
    for (attr, is_kept) in [(r#""SrcT": "DT_BFLOAT16""#, false), (r#""SrcT": "float32""#, true), (r#""SrcT": 3"#, true)]
    {
        let text = format!(
            r#"{{"nudge": 1, "blocks": {{"u": {{"type": "Cast", "attrs": {{"DstT": "int8", {attr}}},
                "inputs": {{"x": {{"dtype": "bfloat16", "data": [1]}}}}}}}}}}"#
        );
        let page = Arc::new(page_file::parse(text.as_bytes()).unwrap());
        let written = page_file::to_text(&page, &registry);
        assert_eq!(written.contains("SrcT"), is_kept, "{written}");
        let again = Arc::new(page_file::parse(written.as_bytes()).unwrap());
        let problems = |page| check(page, &registry, &Feeds::new()).problems.len();
        assert_eq!((problems(&page), problems(&again)), (usize::from(is_kept), usize::from(is_kept)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_page_that_is_written_reads_back_and_writes_the_same(page in pages()) {
        let registry = common::registry();
        let text = page_file::to_text(&page, &registry);
        let mut back = page_file::parse(text.as_bytes()).map_err(|p| TestCaseError::fail(format!("{p:?}\n{text}")))?;
        prop_assert_eq!(page_file::to_text(&back, &registry), text, "a canonical file is not changed");
        // The file sorts wires by where they end; all else is as it was.
        let mut page = page;
        Arc::make_mut(&mut page.wires).sort_by(|a, b| (&a.to.block, &a.to.port).cmp(&(&b.to.block, &b.to.port)));
        Arc::make_mut(&mut back.wires).sort_by(|a, b| (&a.to.block, &a.to.port).cmp(&(&b.to.block, &b.to.port)));
        prop_assert_eq!(back, page);
    }

    #[test]
    fn any_page_is_checked_and_run_without_a_panic(page in pages()) {
        let registry = common::registry();
        let checked = check(&Arc::new(page), &registry, &Feeds::new());
        let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
        let results = run_once(&plan(&checked, &Request::fetch(&all)), &RunOptions::with_memory_limit(1 << 20));
        for (id, block) in &checked.blocks {
            prop_assert_eq!(block.state == State::Ready, results.blocks.get(id).is_some_and(|r| r.tensors().is_some()));
        }
    }

    #[test]
    fn a_plan_runs_every_block_after_what_it_reads(page in graphs()) {
        let registry = common::registry();
        let checked = check(&Arc::new(page), &registry, &Feeds::new());
        prop_assert_eq!(&checked.problems, &vec![]);
        let all: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "")).collect();
        let plan = plan(&checked, &Request::fetch(&all));
        prop_assert_eq!(plan.steps.len(), checked.blocks.len());
        let at: BTreeMap<_, _> = plan.steps.iter().enumerate().map(|(n, step)| (step.id.clone(), n)).collect();
        for (id, block) in &checked.blocks {
            for source in block.inputs.iter().flatten() {
                if let Source::Output { block: source, .. } = source {
                    prop_assert!(at[source] < at[id], "{} before {}", source, id);
                }
            }
        }
    }

    #[test]
    fn a_part_of_a_graph_gives_the_bits_of_the_whole(page in graphs(), pick in any::<prop::sample::Index>()) {
        let registry = common::registry();
        let checked = check(&Arc::new(page), &registry, &Feeds::new());
        let options = RunOptions::with_memory_limit(1 << 20);
        let outputs: Vec<PortRef> = checked.blocks.keys().map(|id| PortRef::new(id, "output")).collect();
        let whole = run_once(&plan(&checked, &Request::fetch(&outputs)), &options);
        let one = &outputs[pick.index(outputs.len())];
        let part = run_once(&plan(&checked, &Request::fetch(std::slice::from_ref(one))), &options);
        let tensor = |results: &node_engine::Results| results.tensor(one.block.as_str(), 0).cloned().unwrap();
        prop_assert!(tensor(&whole).same_bits(&tensor(&part)));
    }

    #[test]
    fn checking_again_finds_what_checking_finds(edits in edits(), graph in graphs(), sets in prop::collection::vec(set(), 1..8)) {
        let registry = common::registry();
        for (mut page, edits) in [(Page::default(), edits), (with_set_and_axis(graph), sets)] {
            let mut before = check(&Arc::new(page.clone()), &registry, &Feeds::new());
            for edit in edits {
                if edit.apply(&mut page).is_err() {
                    continue;
                }
                let page = Arc::new(page.clone());
                let again = recheck(&before, &page, &registry, &Feeds::new());
                prop_assert_eq!(common::described(&again), common::described(&check(&page, &registry, &Feeds::new())));
                before = again;
            }
        }
    }

    #[test]
    fn undoing_everything_gives_the_page_back_and_redoing_it_the_result(edits in edits()) {
        let mut page = Page::default();
        let mut history = History::default();
        for (n, edit) in edits.into_iter().enumerate() {
            let before = page.clone();
            if history.apply(&mut page, "edit", edit).is_err() {
                prop_assert_eq!(&page, &before, "a refused edit changes nothing");
            }
            if n % 7 == 3 {
                history.begin("gesture");
            } else if n % 7 == 5 {
                history.commit();
            }
            prop_assert_eq!(page.violations(), Vec::<String>::new());
        }
        let end = page.clone();
        while history.undo(&mut page).unwrap() {
            prop_assert_eq!(page.violations(), Vec::<String>::new());
        }
        prop_assert_eq!(&page, &Page::default());
        while history.redo(&mut page).unwrap() {}
        prop_assert_eq!(page, end);
    }
}
