//! Operations that move elements.

use node_core::{DType, Tensor, Value as Written, literal};

use super::{Outputs, axis_of};
use crate::operation::{From, Operation, Value, typed, typed_scalar};

fn ints(numbers: &[i64]) -> Written {
    Written::list(numbers.iter().map(|number| Written::Int(*number)).collect())
}

/// A whole number list that is an attribute of older versions and an input of newer ones.
fn parameter(op: &mut Operation<'_, '_>, name: &str, nth: usize) -> Result<Option<Vec<i64>>, String> {
    match (op.ints(name), op.given(nth)) {
        (Some(numbers), _) => Ok(Some(numbers)),
        (None, Some(value)) => value.ints().map(Some),
        (None, None) => Ok(None),
    }
}

/// Other dimensions for the same elements.
pub fn reshaped(op: &mut Operation<'_, '_>, x: &Value, dims: &[i64]) -> Result<Value, String> {
    op.one("Reshape", Vec::new(), vec![("tensor", x.into()), ("shape", typed(dims))])
}

/// The same with axes in another order.
pub fn transposed(op: &mut Operation<'_, '_>, x: &Value, perm: &[i64]) -> Result<Value, String> {
    op.one("Transpose", Vec::new(), vec![("x", x.into()), ("perm", typed(perm))])
}

pub fn constant(op: &mut Operation<'_, '_>) -> Outputs {
    let name = op.node.output.first().cloned().unwrap_or_default();
    let tensor = match op.node.attribute.first().map(|attribute| attribute.name.as_str()) {
        Some("value") => op.tensor("value").ok_or("has no value")??,
        Some("value_int") => Tensor::scalar(op.int("value_int", 0)),
        Some("value_float") => Tensor::scalar(op.float("value_float", 0.0)),
        Some("value_ints") => Tensor::vector(op.ints("value_ints").unwrap_or_default()),
        _ => return Err("has a value of another kind".to_owned()),
    };
    Ok(vec![Value::constant(&name, tensor)])
}

pub fn constant_of_shape(op: &mut Operation<'_, '_>) -> Outputs {
    let value = op.tensor("value").transpose()?.unwrap_or(Tensor::scalar(0.0_f32));
    let scalar = literal::of_tensor(&value);
    let element = match value.len() {
        1 => literal::tensor(&flat(&scalar), Some(value.dtype()))?,
        _ => return Err("has a value that is no single number".to_owned()),
    };
    let shape = op.input(0)?;
    op.block("Fill", Vec::new(), vec![("dims", shape.into()), ("value", From::Typed(element))])
}

/// The only element of a literal.
fn flat(value: &Written) -> Written {
    match value {
        Written::List(items) if items.len() == 1 => flat(&items[0]),
        Written::Object(entries) => {
            entries.iter().find(|(key, _)| key == "data").map_or(Written::Null, |(_, data)| flat(data))
        }
        other => other.clone(),
    }
}

pub fn reshape(op: &mut Operation<'_, '_>) -> Outputs {
    let keeps_zeros = op.int("allowzero", 0) != 0;
    let x = op.input(0)?;
    let Ok(mut dims) = op.input(1)?.ints() else { return reshape_in_a_run(op, keeps_zeros) };
    if !keeps_zeros && dims.contains(&0) {
        let own = x.dims()?;
        for (nth, dim) in dims.iter_mut().enumerate().filter(|(_, dim)| **dim == 0) {
            let known = own.get(nth).ok_or("takes over a dimension that is not there")?;
            *dim = known.map(|dim| dim as i64).ok_or("has an input of unknown shape")?;
        }
    }
    Ok(vec![reshaped(op, x, &dims)?])
}

/// To dimensions that a run tells: where one is 0 the input's own is taken over.
fn reshape_in_a_run(op: &mut Operation<'_, '_>, keeps_zeros: bool) -> Outputs {
    let (x, wanted) = (op.input(0)?, op.input(1)?);
    let reshape = |op: &mut Operation<'_, '_>, shape: &Value| {
        op.block("Reshape", Vec::new(), vec![("tensor", x.into()), ("shape", shape.into())])
    };
    if keeps_zeros {
        return reshape(op, wanted);
    }
    let [Some(count)] = wanted.dims()? else { return Err("has a parameter that is known in a run alone".to_owned()) };
    let (count, rank) = (*count as i64, x.dims()?.len() as i64);
    let int64 = || vec![("out_type", Written::String("int64".to_owned()))];
    let mut own = op.one("Shape", int64(), vec![("input", x.into())])?;
    if count > rank {
        let ones = From::Typed(Tensor::vector(vec![1_i64; (count - rank) as usize]));
        let rest = op.one("Identity", Vec::new(), vec![("input", ones)])?;
        let inputs = vec![("values", (&own).into()), ("values", (&rest).into()), ("axis", typed_scalar(0))];
        own = op.one("ConcatV2", Vec::new(), inputs)?;
    }
    let inputs = vec![("input", (&own).into()), ("begin", typed(&[0])), ("size", typed(&[count]))];
    let own = op.one("Slice", Vec::new(), inputs)?;
    let zero = From::Typed(Tensor::scalar(0_i64));
    let is_zero = op.one("Equal", Vec::new(), vec![("x", wanted.into()), ("y", zero)])?;
    let inputs = vec![("condition", (&is_zero).into()), ("t", (&own).into()), ("e", wanted.into())];
    let shape = op.one("SelectV2", Vec::new(), inputs)?;
    reshape(op, &shape)
}

pub fn flatten(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let (dims, axis) = (x.whole()?, op.int("axis", 1));
    let axis = if axis == dims.len() as i64 { dims.len() } else { axis_of(axis, dims.len())? };
    let product = |dims: &[i64]| dims.iter().product::<i64>();
    Ok(vec![reshaped(op, x, &[product(&dims[..axis]), product(&dims[axis..])])?])
}

pub fn transpose(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let perm = match op.ints("perm") {
        Some(perm) => perm,
        None => (0..x.dims()?.len() as i64).rev().collect(),
    };
    Ok(vec![transposed(op, x, &perm)?])
}

pub fn squeeze(op: &mut Operation<'_, '_>) -> Outputs {
    let axes = parameter(op, "axes", 1)?.unwrap_or_default();
    let x = op.input(0)?;
    op.block("Squeeze", vec![("axis", ints(&axes))], vec![("input", x.into())])
}

pub fn unsqueeze(op: &mut Operation<'_, '_>) -> Outputs {
    let axes = parameter(op, "axes", 1)?.ok_or("lacks its axes")?;
    let mut x = op.input(0)?.clone();
    let rank = x.dims()?.len() + axes.len();
    let mut places = axes.iter().map(|axis| axis_of(*axis, rank)).collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    for place in places {
        x = op.one("ExpandDims", Vec::new(), vec![("input", (&x).into()), ("axis", typed_scalar(place as i64))])?;
    }
    Ok(vec![op.one("Identity", Vec::new(), vec![("input", (&x).into())])?])
}

pub fn concat(op: &mut Operation<'_, '_>) -> Outputs {
    let axis = op.int("axis", 0);
    let mut inputs = Vec::new();
    for nth in 0..op.inputs.len() {
        inputs.push(("values", op.input(nth)?.into()));
    }
    inputs.push(("axis", typed_scalar(axis)));
    op.block("ConcatV2", Vec::new(), inputs)
}

pub fn split(op: &mut Operation<'_, '_>) -> Outputs {
    let sizes = parameter(op, "split", 1)?;
    let x = op.input(0)?;
    let dims = x.dims()?;
    let axis = axis_of(op.int("axis", 0), dims.len())?;
    let (count, given) = (op.node.output.len().max(1) as i64, op.int("num_outputs", 0));
    let sizes = match sizes {
        Some(sizes) => sizes,
        None if given == 0 || given == count => {
            let len = dims[axis].ok_or("has an input of unknown shape")? as i64;
            let each = len.div_euclid(count) + i64::from(len.rem_euclid(count) > 0);
            (0..count).map(|nth| (len - nth * each).clamp(0, each)).collect()
        }
        None => return Err("says another number of outputs than it has".to_owned()),
    };
    let attrs = vec![("num_split", Written::Int(sizes.len() as i64))];
    let inputs = vec![("value", x.into()), ("size_splits", typed(&sizes)), ("axis", typed_scalar(axis as i64))];
    op.block("SplitV", attrs, inputs)
}

pub fn slice(op: &mut Operation<'_, '_>) -> Outputs {
    let starts = parameter(op, "starts", 1)?.ok_or("lacks its starts")?;
    let ends = parameter(op, "ends", 2)?.ok_or("lacks its ends")?;
    let axes = parameter(op, "axes", 3)?;
    let steps = op.given(4).map(Value::ints).transpose()?.unwrap_or_else(|| vec![1; starts.len()]);
    let x = op.input(0)?;
    let rank = x.dims()?.len();
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    if [ends.len(), axes.len(), steps.len()].iter().any(|len| *len != starts.len()) {
        return Err("has lists of different lengths".to_owned());
    }
    let (mut begin, mut end, mut strides) = (vec![0; rank], vec![0; rank], vec![1; rank]);
    // What is not named is whole. Beyond an end is at the end, here and there; from the end on negative numbers count.
    let mut whole = (1_i64 << rank.min(62)) - 1;
    let within = |at: i64| at.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    for (((start, stop), axis), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let place = axis_of(*axis, rank)?;
        (begin[place], end[place], strides[place]) = (within(*start), within(*stop), within(*step));
        whole &= !(1 << place);
    }
    if strides.contains(&0) {
        return Err("has a step of 0".to_owned());
    }
    let attrs = vec![("begin_mask", Written::Int(whole)), ("end_mask", Written::Int(whole))];
    let inputs =
        vec![("input", x.into()), ("begin", typed(&begin)), ("end", typed(&end)), ("strides", typed(&strides))];
    op.block("StridedSlice", attrs, inputs)
}

pub fn gather(op: &mut Operation<'_, '_>) -> Outputs {
    let axis = op.int("axis", 0);
    let (params, indices) = (op.input(0)?, op.input(1)?);
    let dims = params.dims()?;
    let gathered = |op: &mut Operation<'_, '_>, indices: &Value| {
        let inputs = vec![("params", params.into()), ("indices", indices.into()), ("axis", typed_scalar(axis))];
        op.block("GatherV2", Vec::new(), inputs)
    };
    if indices.ints().is_ok_and(|indices| indices.iter().all(|index| *index >= 0)) {
        return gathered(op, indices);
    }
    let len = dims[axis_of(axis, dims.len())?].ok_or("has an input of unknown shape")?;
    let whole = |number: i64| literal::tensor(&Written::Int(number), Some(indices.dtype()?)).map(From::Typed);
    // Indices below 0 are counted from the end.
    let below = op.one("Less", Vec::new(), vec![("x", indices.into()), ("y", whole(0)?)])?;
    let moved = op.one("AddV2", Vec::new(), vec![("x", indices.into()), ("y", whole(len as i64)?)])?;
    let inputs = vec![("condition", (&below).into()), ("t", (&moved).into()), ("e", indices.into())];
    let indices = op.one("SelectV2", Vec::new(), inputs)?;
    gathered(op, &indices)
}

pub fn shape(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let wanted = op.node.attribute.iter().any(|attribute| ["start", "end"].contains(&&*attribute.name));
    let whole = op.one("Shape", vec![("out_type", Written::String("int64".to_owned()))], vec![("input", x.into())])?;
    if !wanted {
        return Ok(vec![whole]);
    }
    let rank = x.dims()?.len() as i64;
    let clamped = |at: i64| (if at < 0 { at + rank } else { at }).clamp(0, rank);
    let (start, end) = (clamped(op.int("start", 0)), clamped(op.int("end", rank)));
    let inputs = vec![
        ("input", (&whole).into()),
        ("begin", typed(&[start])),
        ("end", typed(&[end.max(start)])),
        ("strides", typed(&[1])),
    ];
    op.block("StridedSlice", Vec::new(), inputs)
}

pub fn size(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    op.block("Size", vec![("out_type", Written::String("int64".to_owned()))], vec![("input", x.into())])
}

pub fn tile(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, repeats) = (op.input(0)?, op.input(1)?);
    op.block("Tile", Vec::new(), vec![("input", x.into()), ("multiples", repeats.into())])
}

pub fn expand(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, wanted) = (op.input(0)?, op.input(1)?);
    if let (Ok(own), Ok(wanted)) = (x.whole(), wanted.ints()) {
        let rank = own.len().max(wanted.len());
        let at = |dims: &[i64], nth: usize| (nth + dims.len()).checked_sub(rank).map_or(1, |at| dims[at]);
        let both = |nth| match (at(&own, nth), at(&wanted, nth)) {
            (1, other) => other,
            (own, _) => own,
        };
        let dims: Vec<i64> = (0..rank).map(both).collect();
        return op.block("BroadcastTo", Vec::new(), vec![("input", x.into()), ("shape", typed(&dims))]);
    }
    // Each is spread over the other: times 1, or and true.
    let is_bool = x.dtype()? == DType::Bool;
    let one = literal::tensor(&if is_bool { Written::Bool(true) } else { Written::Int(1) }, Some(x.dtype()?))?;
    let ones = op.one("Fill", Vec::new(), vec![("dims", wanted.into()), ("value", From::Typed(one))])?;
    let block = if is_bool { "LogicalAnd" } else { "Mul" };
    op.block(block, Vec::new(), vec![("x", x.into()), ("y", (&ones).into())])
}

pub fn pad(op: &mut Operation<'_, '_>) -> Outputs {
    let pads = parameter(op, "pads", 1)?.ok_or("lacks its pads")?;
    let mode = op.text("mode", "constant");
    let x = op.input(0)?;
    let rank = x.dims()?.len();
    let axes = op.given(3).map(Value::ints).transpose()?.unwrap_or_else(|| (0..rank as i64).collect());
    if pads.len() != 2 * axes.len() || pads.iter().any(|pad| !(0..=i64::from(i32::MAX)).contains(pad)) {
        return Err("has pads that are not covered".to_owned());
    }
    let mut paddings = vec![0_i32; 2 * rank];
    for (nth, axis) in axes.iter().enumerate() {
        let place = axis_of(*axis, rank)?;
        paddings[2 * place] = pads[nth] as i32;
        paddings[2 * place + 1] = pads[axes.len() + nth] as i32;
    }
    let shape = node_core::Shape::new([rank, 2]).map_err(|error| error.to_string())?;
    let paddings = From::Typed(Tensor::new(shape, paddings).map_err(|error| error.to_string())?);
    match mode.as_str() {
        "constant" => {
            let written = op.node.attribute.iter().any(|attribute| attribute.name == "value");
            let value = match op.given(2) {
                Some(value) if value.dims()?.is_empty() => From::Wire(value),
                Some(_) => return Err("has a value that is no scalar".to_owned()),
                None => {
                    let number = if written { f64::from(op.float("value", 0.0)) } else { 0.0 };
                    let zero = if x.dtype()? == DType::Bool { Written::Bool(false) } else { Written::number(number) };
                    From::Typed(literal::tensor(&zero, Some(x.dtype()?))?)
                }
            };
            op.block("PadV2", Vec::new(), vec![("input", x.into()), ("paddings", paddings), ("constant_values", value)])
        }
        "reflect" => {
            let attrs = vec![("mode", Written::String("REFLECT".to_owned()))];
            op.block("MirrorPad", attrs, vec![("input", x.into()), ("paddings", paddings)])
        }
        other => Err(format!("pads by {other}")),
    }
}

pub fn top_k(op: &mut Operation<'_, '_>) -> Outputs {
    let (x, k) = (op.input(0)?, op.input(1)?);
    let rank = x.dims()?.len();
    let is_last = axis_of(op.int("axis", -1), rank)? + 1 == rank;
    op.ignore("sorted");
    if !is_last || op.int("largest", 1) != 1 {
        return Err("takes the least, or not of the last axis".to_owned());
    }
    let k = reshaped(op, k, &[])?;
    let k = op.one("Cast", vec![("DstT", Written::String("int32".to_owned()))], vec![("x", (&k).into())])?;
    let found = op.block("TopKV2", Vec::new(), vec![("input", x.into()), ("k", (&k).into())])?;
    let [values, indices] = &found[..] else { return Err("gives nothing".to_owned()) };
    let int64 = vec![("DstT", Written::String("int64".to_owned()))];
    Ok(vec![values.clone(), op.one("Cast", int64, vec![("x", indices.into())])?])
}

pub fn non_zero(op: &mut Operation<'_, '_>) -> Outputs {
    let x = op.input(0)?;
    let found = op.one("Where", Vec::new(), vec![("input", x.into())])?;
    Ok(vec![transposed(op, &found, &[1, 0])?])
}

/// Channels second to channels last, a block of that layout, and back.
fn over_channels_last(op: &mut Operation<'_, '_>, block: &str) -> Outputs {
    let size = Written::Int(op.int("blocksize", 0));
    let x = op.input(0)?;
    let last = transposed(op, x, &[0, 2, 3, 1])?;
    let moved = op.one(block, vec![("block_size", size)], vec![("input", (&last).into())])?;
    Ok(vec![transposed(op, &moved, &[0, 3, 1, 2])?])
}

pub fn depth_to_space(op: &mut Operation<'_, '_>) -> Outputs {
    if op.text("mode", "DCR") != "DCR" {
        return Err("has the mode CRD".to_owned());
    }
    over_channels_last(op, "DepthToSpace")
}

pub fn space_to_depth(op: &mut Operation<'_, '_>) -> Outputs {
    over_channels_last(op, "SpaceToDepth")
}
