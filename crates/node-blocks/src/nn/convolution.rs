//! What convolutions and their gradients come down to: patches of pictures, multiplied by filters.
//!
//! A patch is what a window covers: for each of its places the channels of a pixel, or zeros beside the picture. Patches are
//! gathered for some pixels at a time and multiplied by the filters as a matrix; how many at a time depends on the sizes
//! alone, so the order of every sum does too.

use std::cmp::Ordering;

use node_core::{Fault, RunCx, Shape, Tensor};

use super::windows::Along;
use crate::products::{Factor, Sides, Strides};

/// Elements of patches that are gathered at a time: they stay in the second-level cache.
const GATHERED: usize = 1 << 17;

/// The sizes of a convolution: pictures, windows over them, and filters.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// How many pictures.
    pub batch: usize,
    /// Windows down.
    pub down: Along,
    /// Windows to the right.
    pub right: Along,
    /// Channels of the pictures.
    pub inputs: usize,
    /// Channels of a filter: those of the pictures, or of one of their groups.
    pub depth: usize,
    /// Filters.
    pub outputs: usize,
}

impl Sizes {
    /// Groups of channels: each has filters of its own.
    fn groups(&self) -> usize {
        self.inputs / self.depth.max(1)
    }

    /// The shape of the pictures.
    pub fn pictures(&self) -> [usize; 4] {
        [self.batch, self.down.len, self.right.len, self.inputs]
    }

    /// The shape of the filters.
    pub fn filters(&self) -> [usize; 4] {
        [self.down.size, self.right.size, self.depth, self.outputs]
    }

    /// The shape of what windows give.
    pub fn results(&self) -> [usize; 4] {
        [self.batch, self.down.count, self.right.count, self.outputs]
    }
}

/// Gathers a patch: for each of `taps` the `len` elements of a pixel from `channel` on, or zeros.
fn gather<T: Factor>(
    pixels: &[T],
    taps: impl Iterator<Item = Option<usize>>,
    (channel, len): (usize, usize),
    patch: &mut [T],
) {
    for (tap, out) in taps.zip(patch.chunks_mut(len)) {
        match tap {
            Some(at) => out.copy_from_slice(&pixels[at + channel..at + channel + len]),
            None => out.fill(T::default()),
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
    let Sizes { down, right, inputs, depth, outputs, .. } = *sizes;
    let (taps, groups) = (down.size * right.size, sizes.groups());
    let (inner, per_group) = (taps * depth, outputs / groups.max(1));
    // The filters of a group are some columns of all: gathered once where there are several groups.
    let grouped = (groups > 1).then(|| by_group(filters, inner, groups, per_group));
    let rows = (GATHERED / inner.max(1)).clamp(16, 512);
    cx.fill::<T>(shape, rows.saturating_mul(outputs), |first, out| {
        let (first, count) = (first / outputs, out.len() / outputs);
        let mut patches = vec![T::default(); count * inner];
        let mut held = vec![T::default(); if groups > 1 { count * per_group } else { 0 }];
        for group in 0..groups {
            for (row, patch) in (first..).zip(patches.chunks_mut(inner.max(1))) {
                let (y, x) = (row / right.count % down.count, row % right.count);
                let picture = row / (right.count * down.count) * down.len;
                let tap = |tap: usize| {
                    let (y, x) = (down.place(y, tap / right.size)?, right.place(x, tap % right.size)?);
                    Some(((picture + y) * right.len + x) * inputs)
                };
                gather(pictures, (0..taps).map(tap), (group * depth, depth), patch);
            }
            let sides =
                Sides { inner, columns: per_group, a: Strides::of(inner, false), b: Strides::of(per_group, false) };
            match &grouped {
                None => T::product(&sides, &patches, filters, 0..count, out, false),
                Some(grouped) => {
                    T::product(&sides, &patches, &grouped[group], 0..count, &mut held, false);
                    for (out, held) in out.chunks_mut(outputs).zip(held.chunks(per_group)) {
                        out[group * per_group..(group + 1) * per_group].copy_from_slice(held);
                    }
                }
            }
        }
    })
}

/// The columns of each group, as matrices of their own.
fn by_group<T: Factor>(filters: &[T], inner: usize, groups: usize, per_group: usize) -> Vec<Vec<T>> {
    let outputs = groups * per_group;
    let row =
        |group: usize, row: usize| &filters[row * outputs + group * per_group..row * outputs + (group + 1) * per_group];
    (0..groups).map(|group| (0..inner).flat_map(|r| row(group, r)).copied().collect()).collect()
}

/// Gradients for the pictures. Each pixel gathers the gradients of the windows that cover it, window by window in the order
/// in which these lie, as TensorFlow adds them. Pixels that windows cover alike (those of one phase of the strides) are
/// multiplied together, so that nothing is multiplied by what is not there.
pub fn to_pictures<T: Factor>(
    cx: &RunCx<'_>,
    sizes: &Sizes,
    filters: &[T],
    gradients: &[T],
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Sizes { down, right, inputs, depth, outputs, .. } = *sizes;
    let (groups, per_group) = (sizes.groups(), outputs / sizes.groups().max(1));
    if filters.is_empty() || gradients.is_empty() {
        return cx.fill::<T>(shape, GATHERED, |_, _| ());
    }
    let turned = turned(filters, sizes);
    // Zeros stand for windows that are not there; times an infinity or NaN they would be NaN.
    let one_by_one = filters.iter().any(|v| v.minus(*v).partial_cmp(&T::default()) != Some(Ordering::Equal));
    // No more phases than there are pixels.
    let (high, wide) = (down.stride.min(down.len), right.stride.min(right.len));
    let phases = || (0..high).flat_map(move |y| (0..wide).map(move |x| (y, x)));
    let row = right.len * inputs;
    let rows = (GATHERED / (right.len * per_group.max(depth)).max(1)).clamp(1, down.len.max(1));
    // Pieces must not go over the end of a picture.
    let rows = (1..=rows).rev().find(|rows| down.len.is_multiple_of(*rows)).unwrap_or(1);
    cx.fill::<T>(shape, row.saturating_mul(rows), |first, out| {
        let first_row = first / row.max(1);
        let (picture, top) = (first_row / down.len, first_row % down.len);
        let count = out.len() / row.max(1);
        let (mut patches, mut held, mut pixels) = (Vec::new(), Vec::new(), Vec::new());
        for (phase_y, phase_x) in phases() {
            pixels.clear();
            for y in (0..count).filter(|y| (top + y) % down.stride == phase_y) {
                pixels.extend((phase_x..right.len).step_by(right.stride).map(|x| (y, x)));
            }
            if pixels.is_empty() {
                continue;
            }
            patches.resize(pixels.len() * per_group, T::default());
            held.resize(pixels.len() * depth, T::default());
            let sides = Sides {
                inner: per_group,
                columns: depth,
                a: Strides::of(per_group, false),
                b: Strides::of(depth, false),
            };
            for group in 0..groups {
                held.fill(T::default());
                for (at_y, at_x) in covering(down, phase_y).flat_map(|y| covering(right, phase_x).map(move |x| (y, x)))
                {
                    let filter = &turned[((at_y * right.size + at_x) * groups + group) * per_group * depth..];
                    for (nth, ((y, x), patch)) in pixels.iter().zip(patches.chunks_mut(per_group.max(1))).enumerate() {
                        let window = down.window(top + y, at_y).zip(right.window(*x, at_x));
                        let at = window.map(|(y, x)| ((picture * down.count + y) * right.count + x) * outputs);
                        gather(gradients, std::iter::once(at), (group * per_group, per_group), patch);
                        if one_by_one && at.is_some() {
                            let held = &mut held[nth * depth..(nth + 1) * depth];
                            T::product(&sides, patch, filter, 0..1, held, true);
                        }
                    }
                    if !one_by_one {
                        T::product(&sides, &patches, filter, 0..pixels.len(), &mut held, true);
                    }
                }
                for ((y, x), held) in pixels.iter().zip(held.chunks(depth)) {
                    let at = y * row + x * inputs + group * depth;
                    out[at..at + depth].copy_from_slice(held);
                }
            }
        }
    })
}

/// Which places of a window cover pixels of this phase, in the order of the windows: the last place is the first window's.
fn covering(along: Along, phase: usize) -> impl Iterator<Item = usize> + Clone {
    let covers = move |at: &usize| (phase + along.before) % along.stride == at * along.dilation % along.stride;
    (0..along.size).rev().filter(covers)
}

/// The filters with rows and columns exchanged: for each place and group a row for each output, a column for each input.
fn turned<T: Factor>(filters: &[T], sizes: &Sizes) -> Vec<T> {
    let Sizes { down, right, depth, outputs, .. } = *sizes;
    let mut turned = Vec::with_capacity(filters.len());
    for place in filters.chunks((depth * outputs).max(1)).take(down.size * right.size) {
        for output in 0..outputs {
            turned.extend((0..depth).map(|input| place[input * outputs + output]));
        }
    }
    turned
}

/// Gradients for the filters: for each place of a window and each group the pixels there, times the gradients.
pub fn to_filters<T: Factor>(
    cx: &RunCx<'_>,
    sizes: &Sizes,
    pictures: &[T],
    gradients: &[T],
    shape: &Shape,
) -> Result<Tensor, Vec<Fault>> {
    let Sizes { batch, down, right, inputs, depth, outputs } = *sizes;
    let (groups, per_group) = (sizes.groups(), outputs / sizes.groups().max(1));
    let windows = batch * down.count * right.count;
    let rows = (GATHERED / depth.max(1)).clamp(64, 2048);
    // A piece is some input channels of one place of a window: more pieces where there are few places.
    let split = if down.size * right.size < 4 { depth.div_ceil(4).max(1) } else { depth.max(1) };
    let split = (1..=split).rev().find(|split| depth % split == 0).unwrap_or(1);
    cx.fill::<T>(shape, split * outputs, |first, out| {
        let (tap, channel) = (first / outputs / depth, first / outputs % depth);
        let (at_y, at_x) = (tap / right.size, tap % right.size);
        let mut patches = vec![T::default(); rows * split];
        let mut sums = vec![T::default(); if groups > 1 { split * per_group } else { 0 }];
        for group in 0..groups {
            sums.fill(T::default());
            for begin in (0..windows).step_by(rows) {
                let count = rows.min(windows - begin);
                for (window, patch) in (begin..begin + count).zip(patches.chunks_mut(split)) {
                    let (y, x) = (window / right.count % down.count, window % right.count);
                    let picture = window / (right.count * down.count) * down.len;
                    let at = down.place(y, at_y).zip(right.place(x, at_x));
                    let at = at.map(|(y, x)| ((picture + y) * right.len + x) * inputs);
                    gather(pictures, std::iter::once(at), (group * depth + channel, split), patch);
                }
                let sides = Sides {
                    inner: count,
                    columns: per_group,
                    a: Strides::of(split, true),
                    b: Strides::of(outputs, false),
                };
                let gradients = &gradients[begin * outputs + group * per_group..];
                match groups {
                    1 => T::product(&sides, &patches, gradients, 0..split, out, true),
                    _ => T::product(&sides, &patches, gradients, 0..split, &mut sums, true),
                }
            }
            if groups > 1 {
                for (out, sums) in out.chunks_mut(outputs).zip(sums.chunks(per_group)) {
                    out[group * per_group..(group + 1) * per_group].copy_from_slice(sums);
                }
            }
        }
    })
}
