//! Blocks that move elements, or say how they lie: gradients go back where elements came from.

use node_core::gradient::{Flow, Step};
use node_core::{DType, Shape, Tensor, register_gradient};

use super::shapes::{dynamic, shape_like, shape_of, summed_to};

register_gradient!(
    "Identity" => By(|s| { let dy = s.dy(0)?; s.give("input", dy) }),
    "Snapshot" => By(|s| { let dy = s.dy(0)?; s.give("input", dy) }),
    "IdentityN" => By(|s| (0..s.outputs()).try_for_each(|nth| {
        if s.wants_item("input", nth) { let dy = s.dy(nth)?; s.give_item("input", nth, dy) } else { Ok(()) }
    })),
    "CheckNumerics" => By(|s| {
        let (dy, message) = (s.dy(0)?, "Not a number (NaN) or infinity (Inf) values detected in gradient.");
        let dx = s.putting("CheckNumerics")?.inputs([dy]).attr("message", message).end()?.output(0);
        s.give("tensor", dx)
    }),
    "PreventGradient" => By(|s| {
        let message: std::sync::Arc<str> = s.attr("message").unwrap_or_default();
        let why = if message.is_empty() { String::new() } else { format!(": {message}") };
        Err(format!("refuses that a gradient be made through it{why}"))
    }),
    "Cast" => By(|s| {
        let (from, dy) = (s.dtype("x")?, s.dy(0)?);
        let dx = s.putting("Cast")?.inputs([dy]).attr("DstT", from.name()).end()?.output(0);
        s.give("x", dx)
    }),
    "Reshape" => By(|s| reshaped(s, "tensor")),
    "Squeeze" => By(|s| reshaped(s, "input")),
    "ExpandDims" => By(|s| reshaped(s, "input")),
    "Transpose" => By(|s| {
        let (dy, perm) = (s.dy(0)?, s.x("perm")?);
        let back = s.put("InvertPermutation", [perm])?;
        let dx = s.put("Transpose", [dy, back])?;
        s.give("x", dx)
    }),
    "ConcatV2" => By(concat),
    "Split" => By(|s| joined(s, "axis")),
    "SplitV" => By(|s| joined(s, "axis")),
    "Pack" => By(|s| {
        let (dy, axis, count): (_, i64, _) = (s.dy(0)?, s.attr("axis")?, s.count("values"));
        let put = s.putting("Unpack")?.inputs([dy]).attr("num", count as i64).attr("axis", axis);
        let parts = put.outputs(count).end()?;
        (0..count).try_for_each(|nth| s.give_item("values", nth, parts.output(nth)))
    }),
    "Unpack" => By(|s| {
        let dys = (0..s.outputs()).map(|nth| s.dy(nth)).collect::<Result<Vec<_>, _>>()?;
        let axis: i64 = s.attr("axis")?;
        let put = dys.into_iter().fold(s.putting("Pack")?, |put, dy| put.input("values", dy));
        let dx = put.attr("axis", axis).end()?.output(0);
        s.give("value", dx)
    }),
    "Slice" => By(slice),
    "StridedSlice" => By(|s| {
        let ([begin, end, strides], dy) = ([s.x("begin")?, s.x("end")?, s.x("strides")?], s.dy(0)?);
        let shape = shape_like(s, "input", "begin")?;
        let put = s.putting("StridedSliceGrad")?.inputs([shape, begin, end, strides, dy]);
        let dx = put.same_attrs().end()?.output(0);
        s.give("input", dx)
    }),
    "StridedSliceGrad" => By(|s| {
        let ([begin, end, strides], grad) = ([s.x("begin")?, s.x("end")?, s.x("strides")?], s.dy(0)?);
        let dx = s.putting("StridedSlice")?.inputs([grad, begin, end, strides]).same_attrs().end()?.output(0);
        s.give("dy", dx)
    }),
    "Pad" => By(within_padding),
    "PadV2" => By(within_padding),
    "MirrorPad" => By(|s| mirrored(s, "MirrorPadGrad")),
    "MirrorPadGrad" => By(|s| mirrored(s, "MirrorPad")),
    "Tile" => By(tile),
    "BroadcastTo" => By(|s| {
        let (dy, own, all) = (s.dy(0)?, s.shape("input"), s.output_shape(0));
        let dx = match (own, all) {
            (Some(own), Some(all)) => summed_to(s, dy, &own, &all)?,
            _ => {
                let (x, y) = (s.x("input")?, s.y(0));
                let (own, all) = (s.put("Shape", [x])?, s.put("Shape", [y])?);
                dynamic(s, dy, own, all)?
            }
        };
        s.give("input", dx)
    }),
    "ReverseV2" => By(|s| {
        let (dy, axis) = (s.dy(0)?, s.x("axis")?);
        let dx = s.put("ReverseV2", [dy, axis])?;
        s.give("tensor", dx)
    }),
    "Roll" => By(|s| {
        let (dy, shift, axis) = (s.dy(0)?, s.x("shift")?, s.x("axis")?);
        let back = s.put("Neg", [shift])?;
        let dx = s.put("Roll", [dy, back, axis])?;
        s.give("input", dx)
    }),
    "Fill" => By(|s| {
        let dy = s.dy(0)?;
        let flat = s.put("Reshape", [dy, Flow::Literal(Tensor::vector(vec![-1_i32]))])?;
        let sum = s.put("Sum", [flat, Flow::ints(&[0])])?;
        s.give("value", sum)
    }),
    "Diag" => By(|s| turned(s, "DiagPart", "diagonal")),
    "DiagPart" => By(|s| turned(s, "Diag", "input")),
    "MatrixDiag" => By(|s| turned(s, "MatrixDiagPart", "diagonal")),
    "MatrixDiagPart" => By(matrix_diag_part),
    "MatrixBandPart" => By(|s| {
        let (dy, lower, upper) = (s.dy(0)?, s.x("num_lower")?, s.x("num_upper")?);
        let dx = s.put("MatrixBandPart", [dy, lower, upper])?;
        s.give("input", dx)
    }),
    "SpaceToDepth" => By(|s| with_same_attrs(s, "DepthToSpace")),
    "DepthToSpace" => By(|s| with_same_attrs(s, "SpaceToDepth")),
    "SpaceToBatchND" => By(|s| {
        let (dy, block, paddings) = (s.dy(0)?, s.x("block_shape")?, s.x("paddings")?);
        let dx = s.put("BatchToSpaceND", [dy, block, paddings])?;
        s.give("input", dx)
    }),
    "BatchToSpaceND" => By(|s| {
        let (dy, block, crops) = (s.dy(0)?, s.x("block_shape")?, s.x("crops")?);
        let dx = s.put("SpaceToBatchND", [dy, block, crops])?;
        s.give("input", dx)
    }),
);

fn reshaped(s: &mut Step<'_, '_>, port: &str) -> Result<(), String> {
    let (dy, shape) = (s.dy(0)?, shape_of(s, port)?);
    let dx = s.put("Reshape", [dy, shape])?;
    s.give(port, dx)
}

fn turned(s: &mut Step<'_, '_>, type_name: &'static str, port: &str) -> Result<(), String> {
    let dy = s.dy(0)?;
    let dx = s.put(type_name, [dy])?;
    s.give(port, dx)
}

fn with_same_attrs(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let dy = s.dy(0)?;
    let dx = s.putting(type_name)?.inputs([dy]).same_attrs().end()?.output(0);
    s.give("input", dx)
}

/// The gradients of all parts, one after the other.
fn joined(s: &mut Step<'_, '_>, axis: &str) -> Result<(), String> {
    let dys = (0..s.outputs()).map(|nth| s.dy(nth)).collect::<Result<Vec<_>, _>>()?;
    if let [dy] = &dys[..] {
        return s.give("value", dy.clone());
    }
    let axis = s.x(axis)?;
    let put = dys.into_iter().fold(s.putting("ConcatV2")?, |put, dy| put.input("values", dy));
    let dx = put.input("axis", axis).end()?.output(0);
    s.give("value", dx)
}

/// What comes to an input, as int32.
fn int32(s: &mut Step<'_, '_>, port: &str) -> Result<Flow, String> {
    match (s.x(port)?, s.dtype(port)?) {
        (flow, DType::Int32) => Ok(flow),
        (Flow::Literal(tensor), _) => {
            let number = |at| tensor.element(at).and_then(|number| number.as_f64()).unwrap_or_default() as i32;
            let narrow = Tensor::new(tensor.shape().clone(), (0..tensor.len()).map(number).collect());
            narrow.map(Flow::Literal).map_err(|error| error.to_string())
        }
        (flow, _) => Ok(s.putting("Cast")?.inputs([flow]).attr("DstT", "int32").end()?.output(0)),
    }
}

/// Each part of the gradient goes to the tensor that stood there.
fn concat(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, count) = (s.dy(0)?, s.count("values"));
    if count == 1 {
        return s.give_item("values", 0, dy);
    }
    let at = s.value("axis").and_then(|axis| axis.element(0)).and_then(|axis| axis.as_f64());
    let length = |item| {
        let dims = s.item_ty("values", item)?.shape;
        let dims = dims.dims()?;
        let at = at? as i64;
        let at = if at < 0 { at + dims.len() as i64 } else { at };
        dims.get(usize::try_from(at).ok()?).copied().flatten()
    };
    let lengths: Option<Vec<usize>> = (0..count).map(length).collect();
    let sizes = match lengths {
        Some(lengths) => Flow::ints(&lengths),
        None => {
            let first = s.item("values", 0)?;
            let rank = s.put("Rank", [first])?;
            let at = int32(s, "axis")?;
            let at = s.put("FloorMod", [at, rank])?;
            let mut sizes = Vec::new();
            for item in 0..count {
                let part = s.item("values", item)?;
                let shape = s.put("Shape", [part])?;
                sizes.push(s.put("GatherV2", [shape, at.clone(), Flow::int(0)])?);
            }
            let put = sizes.into_iter().fold(s.putting("Pack")?, |put, size| put.input("values", size));
            put.end()?.output(0)
        }
    };
    let axis = int32(s, "axis")?;
    let put = s.putting("SplitV")?.inputs([dy, sizes, axis]).attr("num_split", count as i64);
    let parts = put.outputs(count).end()?;
    (0..count).try_for_each(|item| s.give_item("values", item, parts.output(item)))
}

/// Zeros round the gradient, as far as the slice is from the ends.
fn slice(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (begin, dy, y) = (s.x("begin")?, s.dy(0)?, s.y(0));
    let dtype = s.dtype("begin")?;
    let all = shape_like(s, "input", "begin")?;
    let size = s.putting("Shape")?.inputs([y]).attr("out_type", dtype.name()).end()?.output(0);
    let behind = s.put("Sub", [all, size])?;
    let behind = s.put("Sub", [behind, begin.clone()])?;
    let put = s.putting("Pack")?.input("values", begin).input("values", behind).attr("axis", 1_i64);
    let paddings = put.end()?.output(0);
    let dx = s.put("Pad", [dy, paddings])?;
    s.give("input", dx)
}

fn within_padding(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, paddings) = (s.dy(0)?, s.x("paddings")?);
    let sizes = shape_like(s, "input", "paddings")?;
    let put = s.putting("Unpack")?.inputs([paddings]).attr("num", 2_i64).attr("axis", 1_i64);
    let before = put.outputs(2).end()?.output(0);
    let dx = s.put("Slice", [dy, before, sizes])?;
    s.give("input", dx)
}

fn mirrored(s: &mut Step<'_, '_>, type_name: &'static str) -> Result<(), String> {
    let (dy, paddings) = (s.dy(0)?, s.x("paddings")?);
    let dx = s.putting(type_name)?.inputs([dy, paddings]).same_attrs().end()?.output(0);
    s.give("input", dx)
}

/// The sum of all copies.
fn tile(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, multiples) = (s.dy(0)?, s.x("multiples")?);
    let of_multiples = s.shape("multiples").map(|shape| shape.elements());
    let rank = s.ty("input").and_then(|ty| ty.shape.rank()).or(of_multiples);
    let rank = rank.ok_or("Tile's gradient needs the rank of its input before the run")?;
    let shape = shape_like(s, "input", "multiples")?;
    let put = s.putting("Pack")?.input("values", multiples).input("values", shape.clone()).attr("axis", 1_i64);
    let pairs = put.end()?.output(0);
    let minus_one = Flow::Literal(Tensor::vector(vec![-1_i32]));
    let split = s.put("Reshape", [pairs, minus_one])?;
    let copies = s.put("Reshape", [dy, split])?;
    let axes: Vec<usize> = (0..rank).map(|axis| 2 * axis).collect();
    let dx = s.put("Sum", [copies, Flow::ints(&axes)])?;
    s.give("input", dx)
}

/// Of a matrix that is no square, zeros stand behind what is on the diagonal.
fn matrix_diag_part(s: &mut Step<'_, '_>) -> Result<(), String> {
    let shape = s.shape("input").ok_or("MatrixDiagPart's gradient needs the shape of its input before the run")?;
    let dy = s.dy(0)?;
    let mut dx = s.put("MatrixDiag", [dy])?;
    if let [.., rows, columns] = shape.dims()
        && rows != columns
    {
        let short = rows.min(columns);
        let mut paddings = vec![0; 2 * shape.rank()];
        let end = paddings.len();
        (paddings[end - 3], paddings[end - 1]) = ((rows - short) as i32, (columns - short) as i32);
        let shape = Shape::new([shape.rank(), 2]).map_err(|error| error.to_string())?;
        let paddings = Tensor::new(shape, paddings).map_err(|error| error.to_string())?;
        dx = s.put("Pad", [dx, Flow::Literal(paddings)])?;
    }
    s.give("input", dx)
}
