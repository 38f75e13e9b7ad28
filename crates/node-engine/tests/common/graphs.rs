//! Random graphs of every block there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use node_core::check::Feeds;
use node_core::{
    BlockId, BlockNode, BlockSpec, CheckedPage, DType, Edit, Page, PortRef, Registry, Role, TensorType, Value, Wire,
    check,
};
use proptest::prelude::*;

/// Shapes that broadcast in many ways; the long ones need several stretches, blocks and threads.
/// [2, 2, 2, 2] is pictures, filters for them, and what comes of both.
const SHAPES: [&[usize]; 11] =
    [&[], &[1], &[5], &[3, 1], &[3, 5], &[0], &[700], &[4097], &[3, 7001], &[2], &[2, 2, 2, 2]];

/// Blocks that can refuse what only a run computes: a NaN, a divisor of 0. They have tests of their own.
pub const MAY_REFUSE: [&str; 8] = [
    "BroadcastGradientArgs",
    "CheckNumerics",
    "FloorDiv",
    "FloorMod",
    "HistogramFixedWidth",
    "Pow",
    "TruncateDiv",
    "TruncateMod",
];

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
    let rows = |rows: &[&[i64]]| Value::list(rows.iter().map(|row| list(row)).collect());
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
        "Transpose" => (vec![], vec![("perm", list(&[1, 0]))]),
        "ReverseV2" => (vec![], vec![("axis", list(&[0]))]),
        "Slice" => (vec![], vec![("begin", list(&[1, 0])), ("size", list(&[-1, 2]))]),
        "StridedSlice" => (
            vec![("end_mask", Value::Int(1))],
            vec![("begin", list(&[1])), ("end", list(&[0])), ("strides", list(&[2]))],
        ),
        "Tile" => (vec![], vec![("multiples", list(&[2]))]),
        "Pad" | "PadV2" => (vec![], vec![("paddings", Value::list(vec![list(&[1, 2])]))]),
        "Roll" => (vec![], vec![("shift", list(&[2])), ("axis", list(&[0]))]),
        "ExpandDims" | "Cumsum" | "Cumprod" => (vec![], vec![("axis", Value::Int(0))]),
        "ArgMax" | "ArgMin" => (vec![], vec![("dimension", Value::Int(-1))]),
        "GatherV2" => (vec![], vec![("indices", list(&[0, 2, 0])), ("axis", Value::Int(0))]),
        "GatherNd" => (vec![], vec![("indices", Value::list(vec![list(&[2, 0]), list(&[0, 0])]))]),
        "TopKV2" => (vec![], vec![("k", Value::Int(1))]),
        "UnsortedSegmentSum" => (vec![], vec![("segment_ids", list(&[1, 0, 1])), ("num_segments", Value::Int(3))]),
        "AvgPoolGrad" => (vec![], vec![("orig_input_shape", list(&[2, 2, 2, 2]))]),
        "Conv2DBackpropInput" => (vec![], vec![("input_sizes", list(&[2, 2, 2, 2]))]),
        "Conv2DBackpropFilter" => (vec![], vec![("filter_sizes", list(&[2, 2, 2, 2]))]),
        "DepthwiseConv2dNativeBackpropInput" => {
            (vec![], vec![("input_sizes", list(&[2, 2, 2, 2])), ("filter", constant(&[2, 2, 2, 1], "float32", 1))])
        }
        "DepthwiseConv2dNativeBackpropFilter" => (vec![], vec![("filter_sizes", list(&[2, 2, 2, 1]))]),
        "DepthToSpace" => (vec![("block_size", Value::Int(2))], vec![("input", constant(&[1, 2, 1, 4], "float32", 1))]),
        "FusedBatchNormV3" => {
            (vec![], ["scale", "offset", "mean", "variance"].map(|port| (port, constant(&[2], "float32", 1))).into())
        }
        "FusedBatchNormGradV3" => (
            vec![],
            ["scale", "reserve_space_1", "reserve_space_2", "reserve_space_3"]
                .map(|port| (port, constant(&[2], "float32", 4)))
                .into(),
        ),
        "BatchToSpaceND" => (vec![], vec![("block_shape", list(&[2])), ("crops", rows(&[&[0, 1]]))]),
        "SpaceToBatchND" => (vec![], vec![("block_shape", list(&[2])), ("paddings", rows(&[&[0, 2]]))]),
        "SpaceToDepth" => (vec![("block_size", Value::Int(2))], vec![]),
        "Bitcast" => (vec![("type", Value::String("int32".into()))], vec![]),
        "BroadcastTo" => (vec![], vec![("shape", list(&[2, 3, 5]))]),
        "Bincount" => (vec![], vec![("arr", list(&[1, 0, 2, 1])), ("size", Value::Int(3))]),
        "InTopKV2" => (vec![], vec![("targets", list(&[0, 1, 0])), ("k", Value::Int(1))]),
        "InvertPermutation" => (vec![], vec![("x", list(&[2, 0, 1]))]),
        "OneHot" => (vec![], vec![("depth", Value::Int(3))]),
        "LinSpace" => (vec![], vec![("num", Value::Int(4))]),
        "MatrixBandPart" => (vec![], vec![("num_lower", Value::Int(0)), ("num_upper", Value::Int(1))]),
        "MirrorPad" | "MirrorPadGrad" => (vec![], vec![("paddings", rows(&[&[1, 1]]))]),
        "QuantizeAndDequantizeV3" => (
            vec![],
            vec![("num_bits", Value::Int(4)), ("input_min", Value::Float(-1.0)), ("input_max", Value::Float(1.5))],
        ),
        "QuantizeAndDequantizeV2" | "QuantizeAndDequantizeV4" => (
            vec![("range_given", Value::Bool(pick.is_multiple_of(2)))],
            vec![("input_min", Value::Float(-1.0)), ("input_max", Value::Float(1.5))],
        ),
        "QuantizeAndDequantizeV4Grad" => {
            (vec![], vec![("input_min", Value::Float(-1.0)), ("input_max", Value::Float(1.5))])
        }
        "Range" => (vec![], vec![("start", Value::Int(1)), ("limit", Value::Int(9)), ("delta", Value::Int(3))]),
        "ResizeBilinear" | "ResizeNearestNeighbor" => (vec![], vec![("size", list(&[3, 1]))]),
        "ScatterNd" => (vec![], vec![("indices", rows(&[&[1], &[0], &[1]])), ("shape", list(&[4, 5]))]),
        "SegmentSum" => (vec![], vec![("segment_ids", list(&[0, 0, 2]))]),
        "SparseSoftmaxCrossEntropyWithLogits" => (vec![], vec![("labels", list(&[0, 0, 0]))]),
        "StridedSliceGrad" => (
            vec![("end_mask", Value::Int(1))],
            vec![("shape", list(&[5])), ("begin", list(&[1])), ("end", list(&[0])), ("strides", list(&[2]))],
        ),
        "TensorScatterUpdate" => (vec![], vec![("indices", rows(&[&[0], &[2]]))]),
        "Einsum" => (vec![("equation", Value::String("ij,kj->ki".into()))], vec![]),
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
    let is_sure = |spec: &&BlockSpec| spec.role == Role::Operation && !MAY_REFUSE.contains(&&*spec.name);
    let types: Vec<_> = registry.iter().map(|ty| &ty.spec).filter(is_sure).collect();
    let mut page = Page::default();
    let mut outputs = Vec::new();
    for (n, (shape, dtype, seed)) in recipe.sources.iter().enumerate() {
        let attrs = [("value", constant(SHAPES[*shape], dtype, *seed))].into_iter().collect();
        let id = add(&mut page, &format!("s{n}"), BlockNode { attrs, ..BlockNode::new("Const") });
        outputs.push(PortRef::new(&id, "output"));
    }
    let sources = outputs.len();
    let mut dtypes: Vec<DType> = recipe.sources.iter().filter_map(|(_, dtype, _)| DType::from_name(dtype)).collect();
    for (n, (which, inputs)) in recipe.blocks.iter().enumerate() {
        let spec = which.get(&types);
        // Some turns, until shapes fit.
        for turn in 0..4 {
            let mut with = page.clone();
            let block = ready(&spec.name, inputs[0].index(100));
            let open = spec.inputs().filter(|p| !p.optional && block.inputs.get(&p.name).is_none()).collect::<Vec<_>>();
            let id = add(&mut with, &format!("b{n}"), block);
            // A list takes the wires that the other inputs leave.
            let more = if spec.name == "Einsum" { 1 } else { 2 };
            let wires = open.iter().copied().chain(open.iter().copied().filter(|p| p.is_list()).cycle().take(more));
            let mut bound: BTreeMap<String, DType> = BTreeMap::new();
            for (nth, (port, from)) in wires.zip(inputs.iter().cycle()).enumerate() {
                // What is computed may be refused where it decides what a block does.
                let most = if port.parameter { sources } else { outputs.len() };
                let variable = port.types.variable().map(|variable| variable.name.to_string());
                let is_bound = |dtype: DType| {
                    let known = variable.as_ref().and_then(|variable| bound.get(variable));
                    port.types.allows(dtype) && known.is_none_or(|known| *known == dtype)
                };
                let fit: Vec<usize> = (0..most).filter(|at| is_bound(dtypes[*at])).collect();
                if fit.is_empty() {
                    continue;
                }
                let at = fit[(from.index(fit.len()) + turn * (nth + 1)) % fit.len()];
                bound.extend(variable.map(|variable| (variable, dtypes[at])));
                let wire = Wire { from: outputs[at].clone(), to: PortRef::new(&id, &port.name) };
                Edit::Connect { wire }.apply(&mut with).unwrap();
            }
            let checked = check(&Arc::new(with.clone()), registry, &Feeds::new());
            if checked.problems.is_empty() && checked.blocks[&id].outputs.iter().all(is_small) {
                page = with;
                let block = &checked.blocks[&id];
                dtypes.extend(block.outputs.iter().map(|ty| ty.dtype));
                let ports = block.setup.as_ref().unwrap().ports.clone();
                outputs.extend(ports.outputs().iter().map(|port| PortRef::new(&id, &port.name)));
                break;
            }
        }
    }
    check(&Arc::new(page), registry, &Feeds::new())
}
