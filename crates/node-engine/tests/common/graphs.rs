//! Random graphs of every block there is.

use std::sync::Arc;

use node_core::check::Feeds;
use node_core::{BlockId, BlockNode, CheckedPage, Edit, Page, PortRef, Registry, Role, TensorType, Value, Wire, check};
use proptest::prelude::*;

/// Shapes that broadcast in many ways; the long ones need several stretches, blocks and threads.
const SHAPES: [&[usize]; 9] = [&[], &[1], &[5], &[3, 1], &[3, 5], &[0], &[700], &[4097], &[3, 7001]];

/// A source: a Const of `shape`, of numbers that look random with some that are special.
fn constant(shape: &[usize], dtype: &str, seed: u32) -> Value {
    let len: usize = shape.iter().product();
    let number = |i: usize| {
        let noise = ((i as u32).wrapping_add(seed)).wrapping_mul(2_654_435_761) >> 8;
        // Only some have NaN and infinities: in these, sums tell nothing.
        let special = if seed.is_multiple_of(3) { noise % 97 } else { 97 };
        match (special, dtype) {
            (_, "bool") => Value::Bool(noise.is_multiple_of(2)),
            (0, "float32" | "float64") => Value::String("NaN".into()),
            (1, "float32" | "float64") => Value::String("Infinity".into()),
            (2, "float32" | "float64") => Value::Float(-0.0),
            _ if dtype != "int32" => Value::Float(f64::from(noise) / 1e6 - 8.0),
            _ => Value::Int(i64::from(noise % 2001) - 1000),
        }
    };
    let list = |items: Vec<Value>| Value::list(items);
    Value::Object(vec![
        ("dtype".into(), Value::String(dtype.into())),
        ("shape".into(), list(shape.iter().map(|d| Value::Int(*d as i64)).collect())),
        ("data".into(), list((0..len).map(number).collect())),
    ])
}

/// How a page is made.
#[derive(Clone, Debug)]
pub struct Recipe {
    sources: Vec<(usize, &'static str, u32)>,
    /// Which block, and which outputs its inputs take.
    blocks: Vec<(prop::sample::Index, Vec<prop::sample::Index>)>,
    /// Which outputs are fetched, …
    pub fetch: Vec<bool>,
    /// … and which are watched.
    pub watch: Vec<bool>,
    /// On how many threads.
    pub threads: usize,
}

/// Any recipe.
pub fn recipe() -> impl Strategy<Value = Recipe> {
    // Sums of float64 show in their last bits in which order they were taken.
    let dtype = prop_oneof![6 => Just("float32"), 3 => Just("float64"), 1 => Just("int32"), 1 => Just("bool")];
    let source = (0..SHAPES.len(), dtype, any::<u32>());
    let index = any::<prop::sample::Index>;
    let block = (index(), prop::collection::vec(index(), 5));
    (
        prop::collection::vec(source, 2..6),
        prop::collection::vec(block, 1..14),
        prop::collection::vec(prop::bool::weighted(0.4), 80),
        prop::collection::vec(prop::bool::weighted(0.2), 80),
        1usize..4,
    )
        .prop_map(|(sources, blocks, fetch, watch, threads)| Recipe { sources, blocks, fetch, watch, threads })
}

fn add(page: &mut Page, id: &str, block: BlockNode) -> BlockId {
    let id = BlockId::new(id).unwrap();
    Edit::AddBlock { id: id.clone(), block: Arc::new(block), place: None }.apply(page).unwrap();
    id
}

/// A block of a type, with what it does nothing without: attributes, and inputs that no computed value would fit.
fn ready(type_name: &str, pick: usize) -> BlockNode {
    let list = |items: &[i64]| Value::list(items.iter().map(|i| Value::Int(*i)).collect());
    let dtypes = ["float32", "int32", "bool", "float16", "uint8", "float64"];
    let dtype = Value::String(dtypes[pick % dtypes.len()].into());
    let (attrs, inputs) = match type_name {
        "Cast" => (vec![("DstT", dtype)], vec![]),
        "MatMul" => (vec![("transpose_b", Value::Bool(true))], vec![]),
        "Unpack" => (vec![("num", Value::Int(3))], vec![]),
        "Split" => (vec![("num_split", Value::Int(3))], vec![("axis", Value::Int(0))]),
        "SplitV" => {
            (vec![("num_split", Value::Int(2))], vec![("size_splits", list(&[2, -1])), ("axis", Value::Int(0))])
        }
        "ConcatV2" => (vec![], vec![("axis", Value::Int(0))]),
        "Fill" => (vec![], vec![("dims", list(&[3, 5]))]),
        "Reshape" => (vec![], vec![("shape", list(&[-1]))]),
        _ => (vec![], vec![]),
    };
    let (attrs, inputs) = (attrs.into_iter().collect(), inputs.into_iter().collect());
    BlockNode { attrs, inputs, ..BlockNode::new(type_name) }
}

/// Whether a tensor is of a size that blocks which repeat their inputs may be given.
fn is_small(ty: &TensorType) -> bool {
    ty.shape.known().is_none_or(|shape| shape.elements() <= 50_000)
}

/// The page of a recipe: blocks that would not fit are left out.
pub fn cook(recipe: &Recipe, registry: &Registry) -> CheckedPage {
    let types: Vec<_> = registry.iter().map(|ty| &ty.spec).filter(|spec| spec.role == Role::Operation).collect();
    let mut page = Page::default();
    let mut outputs = Vec::new();
    for (n, (shape, dtype, seed)) in recipe.sources.iter().enumerate() {
        let attrs = [("value", constant(SHAPES[*shape], dtype, *seed))].into_iter().collect();
        let id = add(&mut page, &format!("s{n}"), BlockNode { attrs, ..BlockNode::new("Const") });
        outputs.push(PortRef::new(&id, "output"));
    }
    for (n, (which, inputs)) in recipe.blocks.iter().enumerate() {
        let spec = which.get(&types);
        let mut with = page.clone();
        let block = ready(&spec.name, inputs[0].index(100));
        let open = spec.inputs().filter(|p| !p.optional && block.inputs.get(&p.name).is_none()).collect::<Vec<_>>();
        let id = add(&mut with, &format!("b{n}"), block);
        // A list takes the wires that the other inputs leave.
        let wires = open.iter().copied().chain(open.iter().copied().filter(|p| p.is_list()).cycle().take(2));
        for (port, from) in wires.zip(inputs) {
            let wire = Wire { from: from.get(&outputs).clone(), to: PortRef::new(&id, &port.name) };
            Edit::Connect { wire }.apply(&mut with).unwrap();
        }
        let checked = check(&Arc::new(with.clone()), registry, &Feeds::new());
        if checked.problems.is_empty() && checked.blocks[&id].outputs.iter().all(is_small) {
            page = with;
            let setup = checked.blocks[&id].setup.as_ref().unwrap();
            outputs.extend(setup.ports.outputs().iter().map(|port| PortRef::new(&id, &port.name)));
        }
    }
    check(&Arc::new(page), registry, &Feeds::new())
}
