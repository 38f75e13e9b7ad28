//! What is added around a tensor.

use std::sync::Arc;

use node_core::type_rule::Index;
use node_core::{AttrKey, Fault, In, InferCx, PartialShape, Shape};

use super::moves::{Along, Moves, strides};
use crate::given;

/// How much is added around each axis.
pub const PADDINGS: In<Index> =
    In::new("paddings", "How many to add before and behind each axis of `input`; shape [rank, 2].")
        .of("Tpaddings")
        .parameter();

/// How the image is mirrored.
pub const MODE: AttrKey<Arc<str>> =
    AttrKey::one_of("mode", &["REFLECT", "SYMMETRIC"], "Whether the end itself stands once or twice.");

/// Before and behind each axis, as far as that is known.
fn find(cx: &InferCx<'_>) -> Result<Option<Vec<(usize, usize)>>, Vec<Fault>> {
    if let Some([_, Some(sides)]) = given::dims(cx, PADDINGS, 2)?
        && *sides != 2
    {
        let message = format!("must have shape [rank, 2], but has {sides} numbers for each axis");
        return Err(vec![Fault::at("paddings", message)]);
    }
    let Some(numbers) = cx.find_tensor(PADDINGS).and_then(|tensor| tensor.integers()) else { return Ok(None) };
    let side = |number: i64| {
        let negative = || vec![Fault::at("paddings", format!("{number} is no length; Slice takes elements away"))];
        usize::try_from(number).map_err(|_| negative())
    };
    numbers.chunks_exact(2).map(|sides| Ok((side(sides[0])?, side(sides[1])?))).collect::<Result<_, _>>().map(Some)
}

/// Before and behind each axis, in a run.
pub fn known(cx: &InferCx<'_>) -> Result<Vec<(usize, usize)>, Vec<Fault>> {
    Ok(find(cx)?.unwrap_or_default())
}

/// The shape with what is added.
pub fn padded(cx: &InferCx<'_>, shape: &PartialShape) -> Result<PartialShape, Vec<Fault>> {
    let found = find(cx)?;
    let (Some(dims), Some(paddings)) = (shape.dims(), &found) else {
        let rank = given::dims(cx, PADDINGS, 2)?.and_then(|dims| dims[0]);
        return Ok(given::of_rank(shape.rank().or(rank)));
    };
    if paddings.len() != dims.len() {
        let message = format!("is for {} axes, but input has {}", paddings.len(), dims.len());
        return Err(vec![Fault::at("paddings", message)]);
    }
    let overflow = || vec![Fault::at("paddings", "make a shape that overflows")];
    let longer = |(dim, (before, behind)): (&Option<usize>, &(usize, usize))| {
        let sum = |dim: usize| dim.checked_add(*before)?.checked_add(*behind);
        dim.map(|dim| sum(dim).ok_or_else(overflow)).transpose()
    };
    given::shape(dims.iter().zip(paddings).map(longer).collect::<Result<_, _>>()?, "paddings")
}

/// The shape without what was added.
pub fn without(cx: &InferCx<'_>, shape: &PartialShape) -> Result<PartialShape, Vec<Fault>> {
    let (Some(dims), Some(paddings)) = (shape.dims(), find(cx)?) else { return Ok(given::of_rank(shape.rank())) };
    if paddings.len() != dims.len() {
        let message = format!("is for {} axes, but input has {}", paddings.len(), dims.len());
        return Err(vec![Fault::at("paddings", message)]);
    }
    let mut inner = Vec::with_capacity(dims.len());
    for (axis, (dim, (before, behind))) in dims.iter().zip(&paddings).enumerate() {
        let left = |dim: usize| dim.checked_sub(*before)?.checked_sub(*behind).filter(|left| *left > 0 || dim == 0);
        let message = || format!("add {} to axis {axis}, which leaves nothing of it", before.saturating_add(*behind));
        inner.push(dim.map(|dim| left(dim).ok_or_else(|| vec![Fault::at("paddings", message())])).transpose()?);
    }
    Ok(PartialShape::of_dims(inner))
}

/// Where the elements of a padded tensor come from.
pub fn moves(paddings: &[(usize, usize)], from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
    let axes = to.dims().iter().zip(from.dims()).zip(paddings).zip(strides(from.dims()));
    Ok(Moves::axes(
        0,
        axes.map(|(((to, from), (before, _)), stride)| {
            if to == from {
                return (*to, Along::Step(stride as isize));
            }
            (*to, Along::Inside { before: *before, len: *from, stride })
        }),
    ))
}

/// Refuses images longer than what is mirrored.
pub fn mirrored(cx: &InferCx<'_>, shape: &PartialShape, mode: &str) -> Result<(), Vec<Fault>> {
    let (Some(dims), Some(paddings)) = (shape.dims(), find(cx)?) else { return Ok(()) };
    for (axis, (dim, (before, behind))) in dims.iter().zip(&paddings).enumerate() {
        let Some(dim) = dim else { continue };
        let most = if mode == "REFLECT" { dim.saturating_sub(1) } else { *dim };
        if *before.max(behind) > most {
            let message = format!(
                "adds {} along axis {axis}, but {dim} elements have an image of at most {most} ({mode})",
                before.max(behind)
            );
            return Err(vec![Fault::at("paddings", message)]);
        }
    }
    Ok(())
}

/// Which of `len` elements stands at place `at` when `before` are added before them.
pub fn mirror(at: usize, before: usize, len: usize, mode: &str) -> usize {
    let twice = usize::from(mode != "REFLECT");
    match at.checked_sub(before) {
        None => before - at - twice,
        Some(at) if at < len => at,
        Some(at) => (2 * len + twice).saturating_sub(2 + at),
    }
}
