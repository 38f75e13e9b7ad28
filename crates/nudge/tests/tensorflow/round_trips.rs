//! Graphs become pages and graphs again: node by node what they were. These need no TensorFlow.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use node_core::check::{CheckedPage, State, Surroundings};
use node_core::{Feeds, Page, Problem, Registry, Tensor};
use node_io::page_file;
use node_tensorflow::definitions::op;
use node_tensorflow::described;
use node_tensorflow::import::{Import, Imported, import, read};
use node_tensorflow::lower::{Subject, lower};
use node_tensorflow::proto::{AttrValue, GraphDef, NodeDef};

use crate::exports::{FILES, cases, is_refused};
use crate::jobs::registry;

fn imported(def: &GraphDef, registry: &Registry) -> Result<Imported, Vec<Problem>> {
    let imported = import(def, &Import { registry, constants: "constants.safetensors", go_on: &|_| true })?;
    Ok(imported.expect("nobody stops it"))
}

/// What files hold that are not written.
struct Constants<'a>(&'a [(node_core::BlockId, Tensor)]);

impl node_core::access::Files for Constants<'_> {
    fn describe(&self, _: &str, part: &str) -> Result<node_core::access::Described, String> {
        let (_, tensor) = self.0.iter().find(|(id, _)| id.as_str() == part).ok_or("is not there")?;
        let stamp = node_core::access::Stamp(1);
        Ok(node_core::access::Described { ty: tensor.tensor_type(), stamp, stays: false })
    }

    fn open(&self, _: &str, part: &str, _: &dyn node_core::access::Host) -> Result<Tensor, String> {
        Ok(self.0.iter().find(|(id, _)| id.as_str() == part).ok_or("is not there")?.1.clone())
    }
}

/// The page as its file says it, checked.
fn checked(imported: &Imported, registry: &Registry) -> CheckedPage {
    let page = page_file::parse(page_file::to_text(&imported.page, registry).as_bytes()).unwrap();
    assert_eq!(page.violations(), Vec::<String>::new());
    let files = Constants(&imported.constants);
    CheckedPage::default().recheck(&Arc::new(page), &Surroundings { registry, feeds: &Feeds::new(), files: &files })
}

fn lowered(checked: &CheckedPage, constants: &[(node_core::BlockId, Tensor)], scope: &str) -> GraphDef {
    let needed = checked.blocks.keys().cloned().collect();
    let file = |id: &node_core::BlockId| {
        constants.iter().find(|(other, _)| other == id).map(|(_, tensor)| tensor.clone()).ok_or("none".to_owned())
    };
    let lowered = lower(&Subject { checked, scope, needed: &needed, file: &file });
    lowered.unwrap_or_else(|problems| panic!("{problems:?}")).graph.to_def()
}

fn attr<'n>(node: &'n NodeDef, name: &str) -> Option<&'n AttrValue> {
    let default = || op(&node.op)?.attr.iter().find(|attr| attr.name == name)?.default_value.as_ref();
    node.attr.get(name).or_else(default)
}

/// Whether an attribute is the same, however it is written: tensors as bytes or as numbers, floats by their bits.
fn is_same(a: Option<&AttrValue>, b: Option<&AttrValue>) -> bool {
    use node_tensorflow::proto::attr_value::Value::Tensor;
    use node_tensorflow::tensor::{content, from_proto};
    match (a.and_then(|a| a.value.as_ref()), b.and_then(|b| b.value.as_ref())) {
        (Some(Tensor(a)), Some(Tensor(b))) => match (from_proto(a), from_proto(b)) {
            (Ok(a), Ok(b)) => a.same_bits(&b) && content(&a) == content(&b),
            _ => a == b,
        },
        _ => a == b || format!("{a:?}") == format!("{b:?}"),
    }
}

fn by_name(graph: &GraphDef) -> HashMap<&str, &NodeDef> {
    graph.node.iter().map(|node| (node.name.as_str(), node)).collect()
}

/// What an input comes of: what is put in between casts the same bits.
fn behind_casts(input: &str, nodes: &HashMap<&str, &NodeDef>) -> String {
    match nodes.get(input) {
        Some(node) if node.op == "Bitcast" && node.name.ends_with("_bits") => behind_casts(&node.input[0], nodes),
        _ => input.to_owned(),
    }
}

/// What a graph has that another has not, seen from the first: nodes that are added under a node's name do not count.
fn difference(first: &GraphDef, second: &GraphDef) -> Option<String> {
    let found = by_name(second);
    let own = by_name(first);
    for node in &first.node {
        let Some(back) = found.get(node.name.as_str()) else { return Some(format!("{} is gone", node.name)) };
        if (&node.op, &node.device) != (&back.op, &back.device) {
            return Some(format!("{} {} {}, not {} {}", node.name, back.op, back.device, node.op, node.device));
        }
        let named = |node: &NodeDef, nodes: &HashMap<&str, &NodeDef>| {
            let mut inputs: Vec<String> = node.input.iter().map(|input| behind_casts(input, nodes)).collect();
            inputs.iter_mut().for_each(|input| *input = input.trim_end_matches(":0").to_owned());
            inputs.sort_by_key(|input| input.starts_with('^'));
            let data = inputs.iter().position(|input| input.starts_with('^')).unwrap_or(inputs.len());
            inputs[data..].sort();
            inputs
        };
        let is_default = node.op == "PlaceholderWithDefault";
        if named(node, &own) != named(back, &found) && !is_default {
            return Some(format!("{} reads {:?}, not {:?}", node.name, back.input, node.input));
        }
        for name in node.attr.keys().chain(back.attr.keys()).filter(|name| *name != "_output_shapes") {
            if !is_same(attr(node, name), attr(back, name)) {
                return Some(format!("{} {name}: {:?}, not {:?}", node.name, attr(back, name), attr(node, name)));
            }
        }
    }
    (first.library.clone().unwrap_or_default() != second.library.clone().unwrap_or_default())
        .then(|| "other functions".to_owned())
}

fn assets() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/graphs");
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Those that `graphs.py` makes.
#[test]
fn graphs_that_tensorflow_made() {
    let registry = registry();
    let mut seen = 0;
    for path in assets() {
        let def = read(&path, std::fs::read(&path).unwrap()).unwrap_or_else(|p| panic!("{}: {p:?}", path.display()));
        let imported = imported(&def, &registry).unwrap();
        let checked = checked(&imported, &registry);
        let back = lowered(&checked, &imported.constants, "page");
        assert_eq!(difference(&def, &back), None, "{}", path.display());
        assert_eq!(def.versions, back.versions);
        seen += 1;
    }
    assert!(seen >= 3);
}

/// Every case of every block: a page, its graph, the page of that, and its graph.
#[test]
fn every_case_of_the_library_comes_back() {
    let registry = registry();
    let (mut count, mut opaque) = (0, BTreeMap::new());
    for (name, case, _) in FILES.into_iter().flat_map(cases).filter(|(name, checked, _)| !is_refused(name, checked)) {
        let def = lowered(&case, &[], "page");
        let imported = imported(&def, &registry).unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        let checked = checked(&imported, &registry);
        let back = lowered(&checked, &imported.constants, "page");
        assert_eq!(difference(&def, &back), None, "{name}");
        count += 1;
        if checked.blocks.values().any(|block| block.state != State::Ready) {
            opaque.entry(name.split(' ').next().unwrap_or_default().to_owned()).or_insert(imported.left_out);
        }
    }
    assert!(count > 4000, "{count}");
    // Updates are resources there, which no block is.
    println!("{opaque:#?}");
    assert!(opaque.len() <= 8, "{opaque:#?}");
}

fn of_text(text: &str) -> Result<GraphDef, Vec<Problem>> {
    read(Path::new("a.pbtxt"), text.as_bytes().to_vec())
}

#[test]
fn names_are_kept_and_ids_are_unique() {
    let registry = registry();
    let node = |name: &str| {
        format!("node {{ name: '{name}' op: 'Placeholder' attr {{ key: 'dtype' value {{ type: DT_FLOAT }} }} }}")
    };
    let text = ["a/b", "a_b", "a.b", "a_b_1", "é"].map(node).join("\n");
    let imported = imported(&of_text(&text).unwrap(), &registry).unwrap();
    let page: &Page = &imported.page;
    let names: Vec<(&str, &str)> =
        page.blocks.iter().map(|(id, block)| (id.as_str(), block.tf_name.as_deref().unwrap())).collect();
    assert_eq!(names, [("_", "é"), ("a_b", "a/b"), ("a_b_1", "a_b"), ("a_b_1_1", "a_b_1"), ("a_b_2", "a.b")]);
}

#[test]
fn operations_that_nobody_knows_are_kept() {
    let registry = registry();
    let text = "node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }
        node { name: 'own' op: 'MyOwnOp' input: 'x' input: 'x' attr { key: 'T' value { type: DT_FLOAT } }
          attr { key: 'far' value { list { i: 1 i: 2 } } } }
        node { name: 'y' op: 'AddV2' input: 'own:1' input: 'x' attr { key: 'T' value { type: DT_FLOAT } } }
        node { name: 'n' op: 'AddN' input: 'own:1' input: 'x' input: '^y' attr { key: 'N' value { i: 2 } }
          attr { key: 'T' value { type: DT_FLOAT } } }
        versions { producer: 21 min_consumer: 3 }";
    let def = of_text(text).unwrap();
    let imported = imported(&def, &registry).unwrap();
    assert!(imported.left_out[0].starts_with("MyOwnOp: own is kept as written"), "{:?}", imported.left_out);
    let back = lowered(&checked(&imported, &registry), &[], "page");
    assert_eq!(difference(&def, &back), None);
    assert_eq!(back.versions, def.versions);
}

#[test]
fn what_is_broken_is_told() {
    let registry = registry();
    let told =
        |text: &str| imported(&of_text(text).unwrap(), &registry).err().map(|p| p[0].to_string()).unwrap_or_default();
    let same = told("node { name: 'a' op: 'NoOp' } node { name: 'a' op: 'NoOp' }");
    assert!(same.contains("two nodes called 'a'"), "{same}");
    let gone = told("node { name: 'a' op: 'Relu' input: 'b:1' }");
    assert!(gone.contains("the node 'a' reads 'b:1', which is not there"), "{gone}");
    let far = told("node { name: 'a' op: 'Own' } node { name: 'b' op: 'Relu' input: 'a:4000000000' }");
    assert!(far.contains("'a:4000000000', a number that no output has"), "{far}");
    let told = |name: &str, bytes: &[u8]| read(Path::new(name), bytes.to_vec()).unwrap_err()[0].to_string();
    assert!(told("a.pbtxt", b"node { name: 3 }").contains("no GraphDef as text"));
    assert!(told("a.pbtxt", b"node { \xff }").contains("a graph as bytes is a .pb file"));
    assert!(told("a.pb", b"").contains("without nodes"));
    assert!(told("a.pb", b"\x08\x01\x12\x03abc").contains("SavedModel"), "{}", told("a.pb", b"\x08\x01\x12\x03abc"));
    assert!(told("a.pb", b"{\"nudge\": 1}").contains("no GraphDef"));
}

/// Descriptions of all of TensorFlow's operations: names are told apart, and defaults are what they were.
#[test]
fn every_operation_is_described() {
    let mut count = 0;
    for op in node_tensorflow::definitions::all() {
        let ty = described::block_type(&op.name).unwrap();
        for direction in [node_core::Direction::In, node_core::Direction::Out] {
            let mut names: Vec<&str> =
                ty.spec.ports.iter().filter(|port| port.direction == direction).map(|port| &*port.name).collect();
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{}", op.name);
        }
        for attr in &ty.spec.attrs {
            if let Some(default) = attr.default.value() {
                assert!(attr.resolve(&default, None).is_ok(), "{} {}: {default}", op.name, attr.name);
            }
        }
        count += 1;
    }
    assert!(count > 1500, "{count}");
}
