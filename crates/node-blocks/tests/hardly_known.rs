//! Blocks whose inputs are hardly known, or whose attributes are missing or wrong: no block panics while a page is
//! checked, and none finds a mistake of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use node_core::attr::{AttrSpec, AttrType};
use node_core::check::{Feeds, State};
use node_core::{BlockId, BlockNode, Edit, Page, PortRef, Registry, Role, Value, Wire, check};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// What the inputs of a block are wired to: a type, and the attributes of a block of it.
const SOURCES: [(&str, &str); 12] = [
    ("Placeholder", r#"{"dtype": "float32"}"#),
    ("Placeholder", r#"{"dtype": "float32", "shape": [-1, 3]}"#),
    ("Placeholder", r#"{"dtype": "int32", "shape": [-1]}"#),
    ("Placeholder", r#"{"dtype": "int32", "shape": []}"#),
    ("Placeholder", r#"{"dtype": "bool", "shape": [2, -1]}"#),
    ("Placeholder", r#"{"dtype": "int64"}"#),
    ("Const", r#"{"value": [[1, 2, 3], [4, 5, 6]]}"#),
    ("Const", r#"{"value": [], "dtype": "float32"}"#),
    ("Const", r#"{"value": 0, "dtype": "int32"}"#),
    ("Const", r#"{"value": -7, "dtype": "int32"}"#),
    ("Const", r#"{"value": [1, -1, 4611686018427387904], "dtype": "int64"}"#),
    ("Const", r#"{"value": [true, false], "dtype": "bool"}"#),
];

fn block(type_name: &str, attrs: &str) -> BlockNode {
    let Value::Object(attrs) = Value::parse(attrs).unwrap() else { panic!("{attrs}") };
    BlockNode { attrs: attrs.into_iter().collect(), ..BlockNode::new(type_name) }
}

fn add(page: &mut Page, id: &str, block: BlockNode) -> BlockId {
    let id = BlockId::new(id).unwrap();
    Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(page).unwrap();
    id
}

/// A page where the inputs of a block are wired in turn to the sources from `first` on, `step` apart.
fn page(spec: &node_core::BlockSpec, first: usize, step: usize, number: Option<i64>) -> Page {
    let mut page = Page::default();
    let sources: Vec<BlockId> = SOURCES
        .iter()
        .enumerate()
        .map(|(n, (type_name, attrs))| add(&mut page, &format!("s{n}"), block(type_name, attrs)))
        .collect();
    let set = |attr: &AttrSpec| {
        let value = match (&attr.ty, number?) {
            (AttrType::Int, number) => Value::Int(number),
            (AttrType::DType(_), _) => Value::String("int32".into()),
            _ => return None,
        };
        Some((attr.name.to_string(), value))
    };
    let attrs = spec.attrs.iter().filter_map(|attr| set(attr)).collect();
    let node = BlockNode { attrs, ..BlockNode::new(&spec.name) };
    let id = add(&mut page, "b", node);
    for (n, port) in spec.inputs().enumerate() {
        for more in 0..if port.is_list() { 2 } else { 1 } {
            let from = PortRef::new(&sources[(first + (n + more) * step) % sources.len()], "output");
            Edit::Connect { wire: Wire { from, to: PortRef::new(&id, &port.name) } }.apply(&mut page).unwrap();
        }
    }
    page
}

#[test]
fn no_block_panics_while_a_page_is_checked_or_finds_a_mistake_of_its_own() {
    node_blocks::link();
    let registry = Registry::linked().unwrap();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    let mut wrong = Vec::new();
    let mut ready = 0;
    for spec in registry.iter().map(|ty| &ty.spec).filter(|spec| spec.role == Role::Operation) {
        for (first, step) in (0..SOURCES.len()).flat_map(|first| [0, 1, 2, 5].map(|step| (first, step))) {
            for number in [None, Some(-1), Some(0), Some(1), Some(2), Some(i64::MAX)] {
                let page = Arc::new(page(spec, first, step, number));
                let panics = PANICS.load(Ordering::Relaxed);
                let checked = check(&page, &registry, &Feeds::new());
                let blamed = checked.problems.iter().find(|problem| problem.message.contains("a bug"));
                if blamed.is_some() || PANICS.load(Ordering::Relaxed) > panics {
                    wrong.push(format!("{} {first} {step} {number:?}: {blamed:?}", spec.name));
                }
                ready += usize::from(checked.blocks["b"].state == State::Ready);
            }
        }
    }
    std::panic::set_hook(before);
    assert!(
        wrong.is_empty(),
        "{} of them, {ready} are ready\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(ready > 1000, "{ready}");
}
