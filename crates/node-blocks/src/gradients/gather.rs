//! Gathering and scattering: what was picked more than once adds up.

use node_core::gradient::{Flow, Step};
use node_core::{DType, Shape, Tensor, register_gradient};

use super::shapes::{number, shape_like};

register_gradient!(
    "GatherV2" => By(|s| {
        let batch: i64 = s.attr("batch_dims")?;
        let axis = s.value("axis").and_then(|axis| axis.element(0)).and_then(|axis| axis.as_f64());
        let axis = axis.ok_or("GatherV2's gradient needs to know axis before the run")? as i64;
        gather(s, axis, batch)
    }),
    "GatherNd" => By(|s| {
        let (dy, indices) = (s.dy(0)?, s.x("indices")?);
        let shape = shape_like(s, "params", "indices")?;
        let dx = s.put("ScatterNd", [indices, dy, shape])?;
        s.give("params", dx)
    }),
    "ScatterNd" => By(|s| {
        let (dy, indices) = (s.dy(0)?, s.x("indices")?);
        let dx = s.put("GatherNd", [dy, indices])?;
        s.give("updates", dx)
    }),
    "TensorScatterUpdate" => By(|s| {
        let (dy, indices, updates) = (s.dy(0)?, s.x("indices")?, s.x("updates")?);
        let zeros = s.put("ZerosLike", [updates])?;
        let rest = s.put("TensorScatterUpdate", [dy.clone(), indices.clone(), zeros])?;
        s.give("tensor", rest)?;
        let part = s.put("GatherNd", [dy, indices])?;
        s.give("updates", part)
    }),
    "SegmentSum" => By(|s| {
        let (dy, ids) = (s.dy(0)?, s.x("segment_ids")?);
        let dx = s.put("GatherV2", [dy, ids, Flow::int(0)])?;
        s.give("data", dx)
    }),
    "UnsortedSegmentSum" => By(unsorted_segment_sum),
    "TopKV2" => By(top_k),
);

const TOO_MANY: &str = "there are more slices than int32 counts";

/// Whole numbers of the data type that indices have.
fn whole(dtype: DType, dims: &[usize], numbers: impl Iterator<Item = usize>) -> Result<Flow, String> {
    let shape = Shape::new(dims).map_err(|error| error.to_string())?;
    let tensor = match dtype {
        DType::Int64 => Tensor::new(shape, numbers.map(|number| number as i64).collect()),
        _ => Tensor::new(shape, numbers.map(|number| number as i32).collect()),
    };
    tensor.map(Flow::Literal).map_err(|error| error.to_string())
}

/// Turns the gradient so that the axes of the indices come first, adds up by index, and turns the sums back.
fn gather(s: &mut Step<'_, '_>, axis: i64, batch: i64) -> Result<(), String> {
    if axis == 0 && batch == 0 {
        return rows(s);
    }
    let ranks = (s.ty("params").and_then(|ty| ty.shape.rank()), s.ty("indices").and_then(|ty| ty.shape.rank()));
    let (Some(rank), Some(of_indices)) = ranks else {
        return Err("GatherV2's gradient needs the ranks of params and indices before the run".to_owned());
    };
    let from_front = |at: i64, rank: usize| usize::try_from(if at < 0 { at + rank as i64 } else { at });
    let wrong = |_| "axis or batch_dims lie outside".to_owned();
    let (axis, batch) = (from_front(axis, rank).map_err(wrong)?, from_front(batch, of_indices).map_err(wrong)?);
    let (outer, own, inner) = (axis - batch, of_indices - batch, rank - axis - 1);
    let (dy, mut ids) = (s.dy(0)?, s.x("indices")?);
    // The gradient lies as batch, outer, own, inner; wanted is batch, own, outer, inner.
    let mut perm: Vec<usize> = (0..batch).collect();
    perm.extend(batch + outer..batch + outer + own);
    perm.extend(batch..batch + outer);
    perm.extend(batch + outer + own..batch + outer + own + inner);
    let turned = match outer * own {
        0 => dy,
        _ => s.put("Transpose", [dy, Flow::ints(&perm)])?,
    };
    let dtype = s.dtype("indices")?;
    let params = s.shape("params");
    let count = match (&params, batch) {
        (Some(shape), _) => {
            let batches: usize = shape.dims()[..batch].iter().product();
            let dim = shape.dims()[axis];
            if batch > 0 {
                let mut dims = shape.dims()[..batch].to_vec();
                dims.resize(of_indices, 1);
                let begins = whole(dtype, &dims, (0..batches).map(|nth| nth * dim))?;
                ids = s.put("AddV2", [ids, begins])?;
            }
            Flow::int(i32::try_from(batches * dim).map_err(|_| TOO_MANY.to_owned())?)
        }
        (None, 0) => {
            let x = s.x("params")?;
            let shape = s.put("Shape", [x])?;
            s.put("GatherV2", [shape, Flow::int(axis as i32), Flow::int(0)])?
        }
        _ => return Err("GatherV2's gradient with batch_dims needs the shape of params before the run".to_owned()),
    };
    let mut sums = s.put("UnsortedSegmentSum", [turned, ids, count])?;
    if let (Some(shape), true) = (&params, batch > 0) {
        let mut dims = shape.dims()[..batch].to_vec();
        dims.push(shape.dims()[axis]);
        dims.extend(&shape.dims()[batch..axis]);
        dims.extend(&shape.dims()[axis + 1..]);
        sums = s.put("Reshape", [sums, Flow::ints(&dims)])?;
    }
    if outer > 0 {
        // The sums lie as batch, dimension, outer, inner.
        let mut back: Vec<usize> = (0..batch).collect();
        back.extend(batch + 1..batch + 1 + outer);
        back.push(batch);
        back.extend(batch + 1 + outer..rank);
        sums = s.put("Transpose", [sums, Flow::ints(&back)])?;
    }
    s.give("params", sums)
}

/// Along the first axis the gradient lies as it is wanted, whatever the ranks.
fn rows(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, ids) = (s.dy(0)?, s.x("indices")?);
    let count = match s.shape("params") {
        Some(shape) => Flow::int(i32::try_from(shape.dims()[0]).map_err(|_| TOO_MANY.to_owned())?),
        None => {
            let x = s.x("params")?;
            let shape = s.put("Shape", [x])?;
            s.put("GatherV2", [shape, Flow::int(0), Flow::int(0)])?
        }
    };
    let sums = s.put("UnsortedSegmentSum", [dy, ids, count])?;
    s.give("params", sums)
}

/// What has a negative id was left out, and gets 0.
fn unsorted_segment_sum(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (dy, ids, dtype) = (s.dy(0)?, s.x("segment_ids")?, s.dtype("segment_ids")?);
    let ranks = (s.ty("data").and_then(|ty| ty.shape.rank()), s.shape("segment_ids"));
    let (Some(rank), Some(shape)) = ranks else {
        return Err("UnsortedSegmentSum's gradient needs the shape of segment_ids before the run".to_owned());
    };
    let none = whole(dtype, &[], std::iter::once(0))?;
    let held = s.put("Maximum", [ids.clone(), none.clone()])?;
    let gathered = s.put("GatherV2", [dy, held, Flow::int(0)])?;
    let mut counts = s.put("GreaterEqual", [ids, none])?;
    if rank > shape.rank() {
        let mut dims = shape.dims().to_vec();
        dims.resize(rank, 1);
        counts = s.put("Reshape", [counts, Flow::ints(&dims)])?;
    }
    let zero = number(s, "data", 0.0)?;
    let dx = s.put("SelectV2", [counts, gathered, zero])?;
    s.give("data", dx)
}

/// Back to where the greatest came from.
fn top_k(s: &mut Step<'_, '_>) -> Result<(), String> {
    let (Some(shape), Some(found)) = (s.shape("input"), s.output_shape(0)) else {
        return Err("TopKV2's gradient needs the shape of input and k before the run".to_owned());
    };
    let (dy, places) = (s.dy(0)?, s.y(1));
    let width = shape.dims().last().copied().unwrap_or(1);
    let mut dims = shape.dims().to_vec();
    dims.iter_mut().last().into_iter().for_each(|last| *last = 1);
    let rows: usize = dims.iter().product();
    let all = i32::try_from(rows * width).map_err(|_| "there are more elements than int32 counts".to_owned())?;
    let dtype = s.attr::<DType>("index_type").unwrap_or(DType::Int32);
    let begins = whole(dtype, &dims, (0..rows).map(|row| row * width))?;
    let places = s.put("AddV2", [places, begins])?;
    let flat = Flow::ints(&[found.elements()]);
    let (places, dy) = (s.put("Reshape", [places, flat.clone()])?, s.put("Reshape", [dy, flat])?);
    let sums = s.put("UnsortedSegmentSum", [dy, places, Flow::int(all)])?;
    let dx = s.put("Reshape", [sums, Flow::ints(shape.dims())])?;
    s.give("input", dx)
}
