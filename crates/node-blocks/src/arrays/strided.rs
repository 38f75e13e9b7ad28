//! What StridedSlice cuts out: NumPy's `x[begin:end:step, ..., newaxis, index]`, as TensorFlow writes it in numbers.

use node_core::type_rule::Index;
use node_core::{AttrKey, Fault, In, InferCx};

use crate::given;

/// Where each range begins.
pub const BEGIN: In<Index> =
    In::new("begin", "Where each range begins; a vector, negative numbers count from the end.").of("Index").parameter();
/// Where each range ends.
pub const END: In<Index> =
    In::new("end", "Where each range ends, itself not in it; as long as `begin`.").of("Index").parameter();
/// The step of each range.
pub const STRIDES: In<Index> =
    In::new("strides", "The step of each range, not 0; as long as `begin`.").of("Index").parameter();
/// Ranges that begin at the first.
pub const BEGIN_MASK: AttrKey<i64> =
    AttrKey::int("begin_mask", 0, "Bit i: range i begins at the first element, whatever `begin` says.");
/// Ranges that end at the last.
pub const END_MASK: AttrKey<i64> =
    AttrKey::int("end_mask", 0, "Bit i: range i goes to the last element, whatever `end` says.");
/// The ellipsis.
pub const ELLIPSIS_MASK: AttrKey<i64> =
    AttrKey::int("ellipsis_mask", 0, "Bit i: place i is `...`, all axes that no other place names; at most one.");
/// New axes.
pub const NEW_AXIS_MASK: AttrKey<i64> = AttrKey::int("new_axis_mask", 0, "Bit i: place i is a new axis of length 1.");
/// Axes that are left out.
pub const SHRINK_AXIS_MASK: AttrKey<i64> =
    AttrKey::int("shrink_axis_mask", 0, "Bit i: place i is one index, `begin`, and the axis is left out.");

/// What is cut out along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first element; meaningless where there are none.
    pub start: usize,
    /// The distance to the next.
    pub step: isize,
    /// How many.
    pub len: usize,
}

/// An axis of what is cut out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// That of the input.
    Axis(usize),
    /// A new one.
    New,
}

/// What is cut out of a tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Along each axis of the input; nothing where its length is not known.
    pub cuts: Vec<Option<Cut>>,
    /// The axes of what is cut out.
    pub kept: Vec<Kept>,
}

impl Cuts {
    /// The shape of what is cut out.
    pub fn dims(&self) -> Vec<Option<usize>> {
        let length = |kept: &Kept| match kept {
            Kept::Axis(axis) => self.cuts[*axis].map(|cut| cut.len),
            Kept::New => Some(1),
        };
        self.kept.iter().map(length).collect()
    }
}

/// One place between the brackets.
enum Place {
    Range { begin: Option<i64>, end: Option<i64>, step: i64 },
    One(i64),
    New,
    Ellipsis,
}

/// What the block's inputs and attributes cut out of a tensor of `dims`; nothing if they are not known yet.
pub fn cuts(cx: &InferCx<'_>, dims: &[Option<usize>]) -> Result<Option<Cuts>, Vec<Fault>> {
    let Some(places) = places(cx)? else { return Ok(None) };
    let named = places.iter().filter(|place| matches!(place, Place::Range { .. } | Place::One(_))).count();
    let Some(others) = dims.len().checked_sub(named) else {
        let message = format!("names {named} axes, but the tensor has {}", dims.len());
        return Err(vec![Fault::at("begin", message)]);
    };
    let has_ellipsis = places.iter().any(|place| matches!(place, Place::Ellipsis));
    let mut cuts = Cuts::default();
    for place in places.iter().chain((!has_ellipsis).then_some(&Place::Ellipsis)) {
        let axis = cuts.cuts.len();
        match place {
            Place::New => cuts.kept.push(Kept::New),
            Place::Ellipsis => {
                for (axis, dim) in dims.iter().enumerate().skip(axis).take(others) {
                    cuts.cuts.push(dim.map(|len| Cut { start: 0, step: 1, len }));
                    cuts.kept.push(Kept::Axis(axis));
                }
            }
            Place::One(index) => cuts.cuts.push(one(*index, axis, dims[axis])?),
            Place::Range { begin, end, step } => {
                cuts.cuts.push(dims[axis].map(|dim| range(*begin, *end, *step, dim)));
                cuts.kept.push(Kept::Axis(axis));
            }
        }
    }
    Ok(Some(cuts))
}

fn places(cx: &InferCx<'_>) -> Result<Option<Vec<Place>>, Vec<Fault>> {
    let (begin, end, strides) = (given::vector(cx, BEGIN)?, given::vector(cx, END)?, given::vector(cx, STRIDES)?);
    let (Some(begin), Some(end), Some(strides)) = (begin, end, strides) else { return Ok(None) };
    for (port, given) in [("end", &end), ("strides", &strides)] {
        if given.len() != begin.len() {
            let message = format!("has {} numbers, but begin has {}", given.len(), begin.len());
            return Err(vec![Fault::at(port, message)]);
        }
    }
    let mask = |key: AttrKey<i64>| cx.attr(key);
    let (no_begin, no_end) = (mask(BEGIN_MASK)?, mask(END_MASK)?);
    let (ellipsis, new, shrink) = (mask(ELLIPSIS_MASK)?, mask(NEW_AXIS_MASK)?, mask(SHRINK_AXIS_MASK)?);
    if ellipsis & (ellipsis.wrapping_sub(1)) != 0 {
        return Err(vec![Fault::attrs("ellipsis_mask has more than one bit; only one place can be `...`")]);
    }
    let mut places = Vec::with_capacity(begin.len());
    for (i, ((begin, end), step)) in begin.iter().zip(&end).zip(&strides).enumerate() {
        let is = |mask: i64| i < 63 && mask >> i & 1 == 1;
        places.push(if is(ellipsis) {
            Place::Ellipsis
        } else if is(new) {
            Place::New
        } else if *step == 0 {
            return Err(vec![Fault::at("strides", format!("[{i}] is 0, which goes nowhere"))]);
        } else if is(shrink) {
            if *step < 0 {
                return Err(vec![Fault::at("strides", format!("[{i}] is {step}, but a single index has step 1"))]);
            }
            Place::One(*begin)
        } else {
            Place::Range {
                begin: Some(*begin).filter(|_| !is(no_begin)),
                end: Some(*end).filter(|_| !is(no_end)),
                step: *step,
            }
        });
    }
    Ok(Some(places))
}

/// A single index, which must be within the axis.
fn one(index: i64, axis: usize, dim: Option<usize>) -> Result<Option<Cut>, Vec<Fault>> {
    let Some(dim) = dim else { return Ok(None) };
    let from_start = if index < 0 { index.saturating_add(dim as i64) } else { index };
    match usize::try_from(from_start).ok().filter(|start| *start < dim) {
        Some(start) => Ok(Some(Cut { start, step: 1, len: 1 })),
        None => {
            let message = format!("{index} is no index of axis {axis}, which is {dim} long");
            Err(vec![Fault::at("begin", message)])
        }
    }
}

/// A range; what lies beyond the axis is left out.
fn range(begin: Option<i64>, end: Option<i64>, step: i64, dim: usize) -> Cut {
    let dim = dim as i64;
    let (first, last) = if step > 0 { (0, dim) } else { (-1, dim - 1) };
    let place = |given: i64| (if given < 0 { given.saturating_add(dim) } else { given }).clamp(first, last);
    let (from, to) = if step > 0 { (first, last) } else { (last, first) };
    let (begin, end) = (begin.map_or(from, place), end.map_or(to, place));
    let (span, stride) = if step > 0 { (end - begin, step) } else { (begin - end, step.saturating_neg()) };
    let len = if span <= 0 { 0 } else { (span - 1) / stride + 1 };
    Cut { start: usize::try_from(begin).unwrap_or(0), step: step as isize, len: len as usize }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_numpy() {
        for (begin, end, step, dim, expected) in [
            (Some(1), Some(4), 1, 5, &[1usize, 2, 3][..]),
            (None, None, 2, 5, &[0, 2, 4]),
            (None, None, -1, 3, &[2, 1, 0]),
            (Some(-2), None, 1, 5, &[3, 4]),
            (Some(10), None, -3, 5, &[4, 1]),
            (Some(3), Some(1), 1, 5, &[]),
            (Some(0), Some(0), 1, 5, &[]),
            (None, Some(-3), -1, 5, &[4, 3]),
            (None, None, i64::MIN, 5, &[4]),
            (None, None, 1, 0, &[]),
        ] {
            let cut = range(begin, end, step, dim);
            let places: Vec<usize> =
                (0..cut.len).map(|k| (cut.start as isize + k as isize * cut.step) as usize).collect();
            assert_eq!(places, expected, "{begin:?}:{end:?}:{step} of {dim}");
        }
    }
}
