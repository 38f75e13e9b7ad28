//! What the reductions share: the axes, and the shape that is left.

use node_core::port::Real;
use node_core::{AttrKey, Fault, In, InferCx, PartialShape, Shape, Tensor, TensorType};

/// The tensor to reduce.
pub const INPUT: In<Real> = In::new("input", "The tensor to reduce; any shape.");
/// The axes to reduce.
pub const AXIS: In<i32> =
    In::new("axis", "The axes to reduce, a scalar or a vector; negative ones count from the end. All if unconnected.")
        .optional()
        .parameter();
/// Whether the reduced axes stay.
pub const KEEP_DIMS: AttrKey<bool> = AttrKey::bool("keep_dims", false, "Keep reduced axes, with length 1.");

/// The type of a reduction's result.
pub fn infer(cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
    let input = cx.input(INPUT)?;
    let keep = cx.attr(KEEP_DIMS)?;
    let axis = cx.find(AXIS);
    if let Some(rank) = axis.and_then(|a| a.ty.shape.rank()).filter(|rank| *rank > 1) {
        return Err(vec![Fault::at("axis", format!("must be a scalar or a vector, but has rank {rank}"))]);
    }
    let shape = match (input.ty.shape.dims(), axis.map(|a| a.value.as_ref())) {
        (Some(dims), None) => reduced(dims, &vec![true; dims.len()], keep),
        (Some(dims), Some(Some(axes))) => reduced(dims, &mask(axes, dims.len())?, keep),
        (Some(dims), Some(None)) if keep => PartialShape::of_dims(vec![None; dims.len()]),
        (None, None) if !keep => PartialShape::from(&Shape::scalar()),
        _ => PartialShape::unknown(),
    };
    Ok(vec![TensorType::new(input.ty.dtype, shape)])
}

/// For each axis of the input whether it is reduced.
pub fn axes(cx: &InferCx<'_>) -> Result<Vec<bool>, Vec<Fault>> {
    let rank = cx.shape(INPUT)?.rank().unwrap_or_default();
    match cx.find(AXIS) {
        Some(_) => mask(cx.tensor(AXIS)?, rank),
        None => Ok(vec![true; rank]),
    }
}

fn reduced(dims: &[Option<usize>], mask: &[bool], keep: bool) -> PartialShape {
    let kept = dims.iter().zip(mask).filter_map(|(dim, reduce)| match (reduce, keep) {
        (false, _) => Some(*dim),
        (true, true) => Some(Some(1)),
        (true, false) => None,
    });
    PartialShape::of_dims(kept.collect())
}

fn mask(axes: &Tensor, rank: usize) -> Result<Vec<bool>, Vec<Fault>> {
    let mut mask = vec![false; rank];
    let mut faults = Vec::new();
    for &axis in axes.slice::<i32>().unwrap_or_default() {
        let from_start = if axis < 0 { i64::from(axis) + rank as i64 } else { i64::from(axis) };
        let slot = usize::try_from(from_start).ok().and_then(|i| mask.get_mut(i));
        match slot.map(|slot| std::mem::replace(slot, true)) {
            Some(false) => {}
            Some(true) => faults.push(Fault::at("axis", format!("names axis {from_start} twice"))),
            None => {
                faults.push(Fault::at("axis", format!("{axis} is no axis of an input of {rank} dimensions")));
            }
        }
    }
    if faults.is_empty() { Ok(mask) } else { Err(faults) }
}
