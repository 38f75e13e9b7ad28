//! Which elements of a tensor go into which result of a reduction.

use node_core::Shape;

use crate::arrays::moves::strides;

/// The elements of a tensor by result: those that have its place along the axes that stay.
pub struct Groups {
    /// The axes that stay: their lengths, and how far apart neighbours are.
    kept: Vec<(usize, usize)>,
    /// How far the elements of a group are from its first, in order.
    offsets: Vec<usize>,
}

impl Groups {
    /// Of a tensor of this shape, of which the axes that are `true` in `folded` do not stay.
    pub fn new(shape: &Shape, folded: &[bool]) -> Groups {
        let axes = || shape.dims().iter().copied().zip(strides(shape.dims())).zip(folded);
        let kept = axes().filter(|(_, folded)| !**folded).map(|(axis, _)| axis).collect();
        let is_empty = axes().any(|((len, _), folded)| *folded && len == 0);
        let mut offsets = if is_empty { Vec::new() } else { vec![0] };
        for ((len, stride), _) in axes().filter(|(_, folded)| **folded && !is_empty) {
            offsets = offsets.iter().flat_map(|offset| (0..len).map(move |at| offset + at * stride)).collect();
        }
        Groups { kept, offsets }
    }

    /// How many elements a result comes from.
    pub fn count(&self) -> usize {
        self.offsets.len()
    }

    /// The elements of result number `result`, in order.
    pub fn of(&self, mut result: usize) -> impl Iterator<Item = usize> {
        let mut first = 0;
        for (len, stride) in self.kept.iter().rev() {
            first += result % len * stride;
            result /= len;
        }
        self.offsets.iter().map(move |offset| first + offset)
    }
}
