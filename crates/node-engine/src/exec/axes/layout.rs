//! The axes of a fold as loops: which elements go into which result.

use node_core::Shape;
use smallvec::SmallVec;

/// Axes of a row-major tensor, outermost first: lengths, and how far apart neighbours are. Axes of length 1 are left
/// out and neighbours that can be walked as one are one, so that where elements lie is told by what is left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Axes(SmallVec<[(usize, usize); 4]>);

/// Places that lie at equal distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first.
    pub at: usize,
    /// How many.
    pub len: usize,
    /// How far apart.
    pub stride: usize,
}

/// The axes that a fold keeps, and those that it folds away. Neither has an axis of length 0 unless the tensor has no
/// elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One place for each result.
    pub kept: Axes,
    /// One place for each element of a result.
    pub folded: Axes,
}

impl Layout {
    /// The axes of a tensor of `shape`; `folded` says of each whether it is folded away.
    pub fn new(shape: &Shape, folded: &[bool]) -> Layout {
        let mut layout = Layout { kept: Axes::default(), folded: Axes::default() };
        let mut stride = 1;
        let mut inner = None;
        for (&dim, &fold) in shape.dims().iter().zip(folded).rev().filter(|(dim, _)| **dim != 1) {
            let Axes(axes) = if fold { &mut layout.folded } else { &mut layout.kept };
            match axes.first_mut().filter(|_| inner == Some(fold)) {
                Some((len, _)) => *len *= dim,
                None => axes.insert(0, (dim, stride)),
            }
            inner = Some(fold);
            stride *= dim;
        }
        layout
    }

    /// Whether neighbours in memory go into one result.
    pub fn folds_neighbours(&self) -> bool {
        self.folded.0.last().is_some_and(|(_, stride)| *stride == 1)
    }
}

impl Axes {
    /// How many places there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|(len, _)| len).product()
    }

    /// The length of the innermost axis.
    pub fn innermost(&self) -> usize {
        self.0.last().map_or(1, |(len, _)| *len)
    }

    /// The run that makes up the places from number `begin` to `end`, if they are one.
    pub fn only_run(&self, begin: usize, end: usize) -> Option<Run> {
        let inner = self.innermost();
        if begin >= end || begin / inner != (end - 1) / inner {
            return None;
        }
        let mut only = None;
        self.runs(begin, end, |run| only = Some(run));
        only
    }

    /// Calls `each` for the runs along the innermost axis that make up the places from number `begin` to `end`.
    pub fn runs(&self, begin: usize, end: usize, mut each: impl FnMut(Run)) {
        let Some(((inner, stride), outer)) = self.0.split_last() else {
            if begin < end {
                each(Run { at: 0, len: 1, stride: 0 });
            }
            return;
        };
        let mut number = begin;
        while number < end {
            let (mut rest, place) = (number / inner, number % inner);
            let mut at = place * stride;
            for (len, stride) in outer.iter().rev() {
                at += rest % len * stride;
                rest /= len;
            }
            let len = (inner - place).min(end - number);
            each(Run { at, len, stride: *stride });
            number += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_put_together() {
        type Axis = (usize, usize);
        type Case = (&'static [usize], &'static [bool], &'static [Axis], &'static [Axis]);
        let table: &[Case] = &[
            (&[3, 1, 2], &[true, true, false], &[(2, 1)], &[(3, 2)]),
            (&[2, 1, 3, 2], &[true, false, true, false], &[(2, 1)], &[(6, 2)]),
            (&[3, 1, 1, 2], &[true, false, true, false], &[(2, 1)], &[(3, 2)]),
            (&[2, 3, 4], &[false, true, false], &[(2, 12), (4, 1)], &[(3, 4)]),
            (&[2, 3, 4, 5], &[true, true, false, true], &[(4, 5)], &[(6, 20), (5, 1)]),
            (&[1, 1], &[true, false], &[], &[]),
            (&[4, 1], &[false, true], &[(4, 1)], &[]),
            (&[], &[], &[], &[]),
        ];
        for (dims, folded, kept, away) in table {
            let layout = Layout::new(&Shape::new(dims).unwrap(), folded);
            assert_eq!((&*layout.kept.0, &*layout.folded.0), (*kept, *away), "{dims:?} {folded:?}");
        }
    }

    #[test]
    fn runs_reach_every_place_in_order() {
        let axes = Layout::new(&Shape::new([2, 3, 4, 5]).unwrap(), &[false, true, false, false]).kept;
        let places = |begin, end| {
            let mut places = Vec::new();
            axes.runs(begin, end, |run| places.extend((0..run.len).map(|i| run.at + i * run.stride)));
            places
        };
        let all: Vec<usize> = (0..20).chain(60..80).collect();
        assert_eq!(places(0, 40), all);
        for (begin, end) in [(0, 0), (3, 9), (17, 23), (39, 40)] {
            assert_eq!(places(begin, end), all[begin..end]);
        }
    }
}
