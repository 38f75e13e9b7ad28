//! Convolutions in which each channel has filters of its own, and their gradients: too few products for matrices, so they are
//! added channel by channel, place by place of the window.

use node_core::kernel::simd;
use node_core::{Fault, RunCx, Shape, Tensor};

use super::convolution::Sizes;
use crate::products::Factor;

/// How many channels a channel becomes.
fn multiplier(sizes: &Sizes) -> usize {
    sizes.outputs / sizes.inputs.max(1)
}

/// `sum += a × b`, each `a` with as many `b` as there are to it.
fn add<T: Factor>(sums: &mut [T], a: &[T], b: &[T], times: usize) {
    if times == 1 {
        return simd::join_each_pair(sums, a, b, |sum: T, a: T, b: T| sum.plus(a.times(b)));
    }
    for ((sums, a), b) in sums.chunks_mut(times).zip(a).zip(b.chunks(times)) {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum = sum.plus(a.times(*b));
        }
    }
}

/// What windows over pictures give.
pub fn forward<T: Factor>(
    cx: &RunCx<'_>,
    sizes: &Sizes,
    pictures: &[T],
    filters: &[T],
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Sizes { down, right, inputs, outputs, .. } = *sizes;
    let times = multiplier(sizes);
    cx.fill::<T>(shape, right.count.saturating_mul(outputs), |first, out| {
        let row = first / (right.count * outputs).max(1);
        let (picture, y) = (row / down.count, row % down.count);
        for (x, out) in out.chunks_mut(outputs.max(1)).enumerate() {
            for tap in 0..down.size * right.size {
                let at = down.place(y, tap / right.size).zip(right.place(x, tap % right.size));
                let Some((from_y, from_x)) = at else { continue };
                let at = ((picture * down.len + from_y) * right.len + from_x) * inputs;
                add(out, &pictures[at..at + inputs], &filters[tap * outputs..(tap + 1) * outputs], times);
            }
        }
    })
}

/// Gradients for the pictures.
pub fn to_pictures<T: Factor>(
    cx: &RunCx<'_>,
    sizes: &Sizes,
    filters: &[T],
    gradients: &[T],
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Sizes { down, right, inputs, outputs, .. } = *sizes;
    if filters.is_empty() || gradients.is_empty() {
        return cx.fill::<T>(shape, 1 << 15, |_, _| ());
    }
    let times = multiplier(sizes);
    cx.fill::<T>(shape, right.len.saturating_mul(inputs), |first, out| {
        let row = first / (right.len * inputs).max(1);
        let (picture, y) = (row / down.len, row % down.len);
        let mut sums = vec![T::default(); outputs];
        for (x, out) in out.chunks_mut(inputs.max(1)).enumerate() {
            // Window by window for each output channel, then those of a channel together, as TensorFlow adds them.
            sums.fill(T::default());
            for tap in (0..down.size * right.size).rev() {
                let at = down.window(y, tap / right.size).zip(right.window(x, tap % right.size));
                let Some((from_y, from_x)) = at else { continue };
                let at = ((picture * down.count + from_y) * right.count + from_x) * outputs;
                add(&mut sums, &gradients[at..at + outputs], &filters[tap * outputs..(tap + 1) * outputs], 1);
            }
            for (sum, parts) in out.iter_mut().zip(sums.chunks(times.max(1))) {
                *sum = parts.iter().fold(T::default(), |sum, part| sum.plus(*part));
            }
        }
    })
}

/// Gradients for the filters.
pub fn to_filters<T: Factor>(
    cx: &RunCx<'_>,
    sizes: &Sizes,
    pictures: &[T],
    gradients: &[T],
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Sizes { batch, down, right, inputs, outputs, .. } = *sizes;
    let times = multiplier(sizes);
    cx.fill::<T>(shape, outputs, |first, out| {
        let tap = first / outputs.max(1);
        let mut row_sums = vec![T::default(); out.len()];
        for row in 0..batch * down.count {
            let Some(from_y) = down.place(row % down.count, tap / right.size) else { continue };
            let picture = row / down.count * down.len;
            row_sums.fill(T::default());
            for x in 0..right.count {
                let Some(from_x) = right.place(x, tap % right.size) else { continue };
                let at = ((picture + from_y) * right.len + from_x) * inputs;
                let from = (row * right.count + x) * outputs;
                add(&mut row_sums, &pictures[at..at + inputs], &gradients[from..from + outputs], times);
            }
            out.iter_mut().zip(&row_sums).for_each(|(sum, row)| *sum = sum.plus(*row));
        }
    })
}
