//! An axis of a tensor, as it is given: negative ones count from the end.

use node_core::{Fault, Name, PartialShape};

/// The place of `axis` among `rank` dimensions; the fault is `at`'s.
pub fn of(axis: i64, rank: usize, at: impl Into<Name>) -> Result<usize, Vec<Fault>> {
    let from_start = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    let place = usize::try_from(from_start).ok().filter(|place| *place < rank);
    place.ok_or_else(|| {
        let dimensions = if rank == 1 { "one dimension".to_owned() } else { format!("{rank} dimensions") };
        vec![Fault::at(at, format!("{axis} is no axis of {dimensions}"))]
    })
}

/// The dimensions with that at `axis` being another.
pub fn with(dims: &[Option<usize>], axis: usize, dim: Option<usize>) -> PartialShape {
    let mut dims = dims.to_vec();
    dims[axis] = dim;
    PartialShape::of_dims(dims)
}
