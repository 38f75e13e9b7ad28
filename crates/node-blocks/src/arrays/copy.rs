//! Parts of tensors along one axis, copied: what concatenating, packing and splitting have in common.

use node_core::{Element, Fault, KnownType, RunCx, Shape, Tensor, for_dtype};

/// How many elements are copied in one piece.
const PIECE: usize = 1 << 16;

/// Tensors one after the other along an axis. Each is given with how many elements of it lie together: those of its
/// dimensions from the axis on.
pub fn joined(cx: &RunCx<'_>, parts: &[(&Tensor, usize)], ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    fn of<T: Element>(cx: &RunCx<'_>, parts: &[(&Tensor, usize)], shape: &Shape) -> Result<Tensor, Vec<Fault>> {
        let parts = parts.iter().filter(|(_, run)| *run > 0);
        let parts: Vec<(&[T], usize)> = parts.map(|(tensor, run)| (tensor.slice().unwrap_or_default(), *run)).collect();
        let mut row = 0;
        let mut begins = Vec::with_capacity(parts.len());
        for (_, run) in &parts {
            begins.push(row);
            row += run;
        }
        cx.write::<T>(shape, PIECE, |first, mut out| {
            let (mut number, within) = (first / row.max(1), first % row.max(1));
            let mut at = begins.partition_point(|begin| *begin <= within).saturating_sub(1);
            let mut begin = within - begins.get(at).copied().unwrap_or_default();
            while let (false, Some((elements, run))) = (out.is_empty(), parts.get(at)) {
                let (now, rest) = out.split_at_mut(out.len().min(run - begin));
                let from = number * run + begin;
                now.clone_from_slice(&elements[from..from + now.len()]);
                (out, begin, at) = (rest, 0, at + 1);
                if at == parts.len() {
                    (at, number) = (0, number + 1);
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
        cx.write::<T>(shape, PIECE, |first, mut out| {
            let (mut number, mut within) = (first / run.max(1), first % run.max(1));
            while !out.is_empty() {
                let (now, rest) = out.split_at_mut(out.len().min(run - within));
                let from = number * row + begin + within;
                now.clone_from_slice(&elements[from..from + now.len()]);
                (out, within, number) = (rest, 0, number + 1);
            }
        })
    }
    for_dtype!(tensor.dtype(), T => of::<T>(cx, tensor.slice().unwrap_or_default(), (row, begin, run), shape))
}

/// Parts that lie one after the other, over and over, each with a run of so many elements: in which of them element
/// `flat` of the whole is, and where in it.
pub fn part_of(runs: &[usize], flat: usize) -> (usize, usize) {
    let turn: usize = runs.iter().sum();
    let (round, mut at) = (flat / turn.max(1), flat % turn.max(1));
    for (item, run) in runs.iter().enumerate() {
        if at < *run {
            return (item, round * run + at);
        }
        at -= run;
    }
    (0, 0)
}

/// Where in the whole element `flat` of part `item` is: [`part_of`] backwards.
pub fn whole_of(runs: &[usize], item: usize, flat: usize) -> usize {
    let run = runs[item].max(1);
    let before: usize = runs[..item].iter().sum();
    flat / run * runs.iter().sum::<usize>() + before + flat % run
}
