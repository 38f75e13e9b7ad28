//! Rows of one tensor added to rows of another: what scattering and summing segments have in common.

use node_core::kernel::Operand;
use node_core::why::Origin;
use node_core::{Fault, KnownType, Reason, RunCx, Tensor, WhyCx, for_operand};

use crate::computed;
use crate::numbers::Arithmetic;

/// How many columns are added together.
const COLUMNS: usize = 1 << 12;

/// A tensor of zeros, to which row number i of `rows`, `run` elements long, is added at `places[i]`, in order; those without
/// a place are left out.
pub fn added(
    cx: &RunCx<'_>,
    rows: &Tensor,
    places: &[Option<usize>],
    run: usize,
    ty: &KnownType,
) -> Result<Tensor, Vec<Fault>> {
    fn of<T: Operand + Arithmetic>(
        cx: &RunCx<'_>,
        rows: &[T],
        places: &[Option<usize>],
        run: usize,
        ty: &KnownType,
    ) -> Result<Tensor, Vec<Fault>> {
        // Each piece adds what belongs to it, so that the order does not depend on threads.
        cx.fill::<T>(&ty.shape, COLUMNS.max(ty.shape.elements() / 8), |first, sums| {
            for (nth, place) in places.iter().enumerate() {
                let Some(place) = place else { continue };
                let (begin, end) = ((*place).max(first), (place + run).min(first + sums.len()));
                if begin >= end {
                    continue;
                }
                let row = &rows[nth * run + (begin - place)..nth * run + (end - place)];
                for (sum, element) in sums[begin - first..end - first].iter_mut().zip(row) {
                    *sum = sum.plus(*element);
                }
            }
        })
    }
    for_operand!(ty.dtype, T => of::<T>(cx, rows.slice().unwrap_or_default(), places, run, ty),
        else Err(vec![Fault::block("adds numbers")]))
}

/// Which elements of input number `input` have been added to the element.
pub fn why(cx: &WhyCx<'_>, input: usize, places: &[Option<usize>], run: usize) -> Result<Reason, Vec<Fault>> {
    let (begin, within) = (cx.flat() - cx.flat() % run.max(1), cx.flat() % run.max(1));
    let rows = places.iter().enumerate().filter(|(_, place)| **place == Some(begin));
    computed::sum(cx, rows.map(|(nth, _)| Origin { input, item: 0, flat: nth * run + within }).collect())
}
