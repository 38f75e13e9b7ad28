//! Folds over some axes: threads take results, not elements, so that each is folded in order by one of them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use node_core::kernel::reference::{Positions, fold_at};
use node_core::kernel::{Chunk, Operand, Reduction};
use node_core::{Tensor, for_operand};

use super::crew::Crew;
use super::span::Span;

/// Results that a thread takes at a time hold about this many elements.
const SHARE: usize = 1 << 16;

/// Folds `input`; `out` is the memory of the result. `None` if the types do not fit, `Some(false)` if it was cancelled.
pub fn fold(
    crew: &Crew,
    reduction: &Reduction,
    input: &Tensor,
    out: Span,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<bool> {
    let elements = Chunk::of(input)?;
    let (kept, folded) = Positions::split(input.shape(), reduction.axes());
    let share = (SHARE / folded.len().max(1)).clamp(1, kept.len().max(1));
    let (stopped, unfit) = (AtomicBool::new(false), AtomicBool::new(false));
    let go_on = || !stopped.load(Ordering::Relaxed) && !cancelled();
    let work = |_: usize, piece: usize| {
        let (begin, end) = (piece * share, kept.len().min((piece + 1) * share));
        let Some(totals) = totals(reduction, &elements, begin..end, &kept, &folded, &go_on) else {
            stopped.store(true, Ordering::Relaxed);
            return;
        };
        #[expect(unsafe_code, reason = "these results are this thread's alone")]
        // SAFETY: pieces are disjoint, and the tensor outlives the fold.
        let out = unsafe { out.part_mut(begin, end) };
        if reduction.finish(&totals, folded.len(), out).is_none() {
            unfit.store(true, Ordering::Relaxed);
        }
    };
    crew.run(kept.len().div_ceil(share), &work);
    (!unfit.into_inner()).then(|| !stopped.into_inner())
}

/// The totals of some results; `None` if it is not to go on.
fn totals(
    reduction: &Reduction,
    elements: &Chunk<'_>,
    results: Range<usize>,
    kept: &Positions,
    folded: &Positions,
    go_on: &dyn Fn() -> bool,
) -> Option<Vec<u64>> {
    for_operand!(elements.dtype(), T => {
        let values = T::read(elements)?;
        results.map(|result| fold_at(reduction, values, kept.at(result), folded, go_on)).collect()
    }, else None)
}
