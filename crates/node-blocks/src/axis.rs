//! An axis of a tensor, as it is given: negative ones count from the end.

use node_core::{Fault, Name, PartialShape};

/// The place of `axis` among `rank` dimensions; the fault is `at`'s.
pub fn of(axis: i64, rank: usize, at: impl Into<Name>) -> Result<usize, Vec<Fault>> {
    let from_start = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    let place = usize::try_from(from_start).ok().filter(|place| *place < rank);
    place.ok_or_else(|| {
        let message = match rank {
            0 => format!("{axis} is no axis of a scalar, which has none"),
            1 => format!("{axis} is no axis of a vector, which has one: 0 (or -1)"),
            _ => format!("{axis} is no axis of {rank} dimensions, which are 0 to {} (or -{rank} to -1)", rank - 1),
        };
        vec![Fault::at(at, message)]
    })
}

/// The place of a new `axis` beside `rank` others; the fault is `at`'s.
pub fn of_new(axis: i64, rank: usize, at: impl Into<Name>) -> Result<usize, Vec<Fault>> {
    let place = of(axis, rank + 1, "").ok();
    place.ok_or_else(|| {
        let range = if rank == 0 {
            "only 0 (or -1) is".to_owned()
        } else {
            format!("0 to {rank} (or -{} to -1) are", rank + 1)
        };
        vec![Fault::at(at, format!("{axis} is no place for a new axis among {rank}: {range}"))]
    })
}

/// The dimensions with that at `axis` being another.
pub fn with(dims: &[Option<usize>], axis: usize, dim: Option<usize>) -> PartialShape {
    let mut dims = dims.to_vec();
    dims[axis] = dim;
    PartialShape::of_dims(dims)
}

/// For each of `rank` axes whether `axes` names it; none may be named twice. The fault is `at`'s.
pub fn set(axes: &[i64], rank: usize, at: &'static str) -> Result<Vec<bool>, Vec<Fault>> {
    let mut set = vec![false; rank];
    let mut faults = Vec::new();
    for axis in axes {
        match of(*axis, rank, at) {
            Ok(place) if std::mem::replace(&mut set[place], true) => {
                faults.push(Fault::at(at, format!("names axis {place} twice")));
            }
            Ok(_) => {}
            Err(none) => faults.extend(none),
        }
    }
    if faults.is_empty() { Ok(set) } else { Err(faults) }
}
