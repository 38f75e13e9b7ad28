//! Parts of tensors along one axis, copied: what concatenating, packing and splitting have in common.

use node_core::{Element, Fault, KnownType, RunCx, Shape, Tensor, for_dtype};

/// How many elements are copied in one piece, about.
const PIECE: usize = 1 << 16;

/// Tensors one after the other along an axis. Each is given with how many elements of it lie together: those of its
/// dimensions from the axis on.
pub fn joined(cx: &RunCx<'_>, parts: &[(&Tensor, usize)], ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    fn of<T: Element>(cx: &RunCx<'_>, parts: &[(&Tensor, usize)], shape: &Shape) -> Result<Tensor, Vec<Fault>> {
        let parts: Vec<(&[T], usize)> =
            parts.iter().map(|(tensor, run)| (tensor.slice().unwrap_or_default(), *run)).collect();
        let row: usize = parts.iter().map(|(_, run)| run).sum();
        let rows = (PIECE / row.max(1)).max(1);
        cx.fill::<T>(shape, rows * row, |first, out| {
            for (number, out) in (first / row.max(1)..).zip(out.chunks_mut(row.max(1))) {
                let mut rest = out;
                for (elements, run) in &parts {
                    let (own, others) = rest.split_at_mut(*run);
                    own.clone_from_slice(&elements[number * run..(number + 1) * run]);
                    rest = others;
                }
            }
        })
    }
    for_dtype!(ty.dtype, T => of::<T>(cx, parts, &ty.shape))
}

/// A part of a tensor along an axis: of every `row` elements that lie together from the axis on, `run` from `begin` on.
pub fn part(
    cx: &RunCx<'_>,
    tensor: &Tensor,
    (row, begin, run): (usize, usize, usize),
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    fn of<T: Element>(
        cx: &RunCx<'_>,
        elements: &[T],
        (row, begin, run): (usize, usize, usize),
        shape: &Shape,
    ) -> Result<Tensor, Vec<Fault>> {
        let rows = (PIECE / run.max(1)).max(1);
        cx.fill::<T>(shape, rows * run, |first, out| {
            for (number, out) in (first / run.max(1)..).zip(out.chunks_mut(run.max(1))) {
                let at = number * row + begin;
                out.clone_from_slice(&elements[at..at + run]);
            }
        })
    }
    for_dtype!(tensor.dtype(), T => of::<T>(cx, tensor.slice().unwrap_or_default(), (row, begin, run), shape))
}
