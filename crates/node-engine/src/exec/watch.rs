//! Looking at elements as they come by: statistics, and where elements lie.
//!
//! Every thread counts for itself. Counts, least and greatest do not depend on the order; sums are kept by block and
//! put together in order; a histogram's bins are powers of two wide, so that narrow ones add up to wide ones exactly.

use std::sync::atomic::{AtomicU64, Ordering};

use node_core::kernel::{BLOCK, Chunk, Operand};
use node_core::{QuantRange, Tensor, for_operand};

use super::bins::Bins;
use crate::analysis::{Health, Met};
use crate::program::Subject;
use crate::results::PREVIEWED;
use crate::stats::{Histogram, Stats};

/// Tensors of more elements are counted into their histogram in part.
const ALL_COUNTED: usize = 1 << 20;

/// How many elements in a row are counted into a histogram.
const RUN: usize = 256;

/// What a block of elements came to: how many are finite, their mean, and the sum of squared deviations from it.
#[derive(Debug, Default)]
pub struct BlockMoments([AtomicU64; 3]);

impl BlockMoments {
    fn set(&self, count: u64, mean: f64, deviations: f64) {
        for (slot, bits) in self.0.iter().zip([count, mean.to_bits(), deviations.to_bits()]) {
            slot.store(bits, Ordering::Relaxed);
        }
    }

    fn get(&self) -> (f64, f64, f64) {
        let [count, mean, deviations] = [0, 1, 2].map(|i| self.0[i].load(Ordering::Relaxed));
        (count as f64, f64::from_bits(mean), f64::from_bits(deviations))
    }
}

/// What one thread has seen of one subject.
pub enum Watcher {
    /// For statistics.
    Stats(Box<Seen>),
    /// For shares.
    Shares(Met, Vec<QuantRange>),
    /// For what is no finite number.
    Health(Health),
    /// For the first elements.
    First(Option<Tensor>),
}

/// What one thread has seen of a tensor.
#[derive(Clone, Debug)]
pub struct Seen {
    every: usize,
    nan: u64,
    inf: u64,
    zeros: u64,
    min: f64,
    max: f64,
    block: Moments,
    bins: Bins,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: u64,
    shift: f64,
    sum: f64,
    squares: f64,
}

impl Watcher {
    /// One that has seen nothing yet of a tensor of `len` elements.
    pub fn new(subject: &Subject, len: usize) -> Watcher {
        match subject {
            Subject::Stats(_) => Watcher::Stats(Box::new(Seen::new(len))),
            Subject::Shares(_, quantization) => Watcher::Shares(Met::default(), quantization.ranges.clone()),
            Subject::Health(_) => Watcher::Health(Health::default()),
            Subject::First(_) => Watcher::First(None),
        }
    }

    /// Forgets what it has seen.
    pub fn reset(&mut self) {
        match self {
            Watcher::Stats(seen) => seen.reset(),
            Watcher::Shares(met, _) => *met = Met::default(),
            Watcher::Health(health) => *health = Health::default(),
            Watcher::First(first) => *first = None,
        }
    }

    /// Sees elements; the first is number `start` of the whole. A stretch lies in one block.
    pub fn see(&mut self, elements: &Chunk<'_>, start: usize) {
        match self {
            Watcher::Stats(seen) => seen.see(elements, start),
            Watcher::Shares(met, ranges) => met.see(elements, start, ranges),
            Watcher::Health(health) => health.see(elements),
            Watcher::First(first) if start == 0 => {
                *first = Some(elements.part(0, elements.len().min(PREVIEWED)).to_vector());
            }
            Watcher::First(_) => {}
        }
    }

    /// The block is over that ends with what was seen last.
    pub fn end_block(&mut self, moments: Option<&BlockMoments>) {
        if let (Watcher::Stats(seen), Some(moments)) = (self, moments) {
            let Moments { count, shift, sum, squares } = std::mem::take(&mut seen.block);
            let mean = if count == 0 { 0.0 } else { sum / count as f64 };
            moments.set(count, shift + mean, (squares - sum * mean).max(0.0));
        }
    }
}

impl Seen {
    fn new(len: usize) -> Seen {
        let every = len.div_ceil(ALL_COUNTED).next_power_of_two().min(BLOCK / RUN);
        Seen {
            every,
            nan: 0,
            inf: 0,
            zeros: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            block: Moments::default(),
            bins: Bins::default(),
        }
    }

    fn reset(&mut self) {
        (self.nan, self.inf, self.zeros) = (0, 0, 0);
        (self.min, self.max) = (f64::INFINITY, f64::NEG_INFINITY);
        self.block = Moments::default();
        self.bins.reset();
    }

    fn see(&mut self, elements: &Chunk<'_>, start: usize) {
        match elements {
            Chunk::Float32(v) => self.see_float32(v, start),
            others => for_operand!(others.dtype(), T => {
                let v = T::read(others).unwrap_or_default();
                self.see_each(v.len(), start, true, |i| v[i].as_f64());
            }, else {}),
        }
    }

    fn see_float32(&mut self, elements: &[f32], start: usize) {
        let Some(found) = fast::scan(elements) else {
            return self.see_each(elements.len(), start, false, |i| f64::from(elements[i]));
        };
        self.zeros += found.zeros;
        self.min = self.min.min(f64::from(found.min));
        self.max = self.max.max(f64::from(found.max));
        self.block.count += elements.len() as u64;
        self.block.sum += found.sum;
        self.block.squares += found.squares;
        if self.every == 1 {
            self.bins.cover(f64::from(found.min), f64::from(found.max));
            return self.bins.count(elements);
        }
        for (at, run) in elements.chunks(RUN).enumerate() {
            if self.is_counted(start + at * RUN) {
                let (min, max) = fast::range(run);
                self.bins.cover(f64::from(min), f64::from(max));
                self.bins.count(run);
            }
        }
    }

    /// Any elements, one by one; `shift` keeps the squares of a block small where float64 could not tell them apart.
    fn see_each(&mut self, len: usize, start: usize, shift: bool, element: impl Fn(usize) -> f64) {
        for i in 0..len {
            let v = element(i);
            if v.is_nan() {
                self.nan += 1;
                continue;
            }
            if v.is_infinite() {
                self.inf += 1;
                continue;
            }
            self.zeros += u64::from(v == 0.0);
            self.min = self.min.min(v);
            self.max = self.max.max(v);
            let block = &mut self.block;
            if block.count == 0 && shift {
                block.shift = v;
            }
            block.count += 1;
            block.sum += v - block.shift;
            block.squares += (v - block.shift) * (v - block.shift);
            if self.is_counted(start + i) {
                self.bins.cover(v, v);
                self.bins.add(v);
            }
        }
    }

    /// Whether element number `at` is counted into the histogram: of every block the same share, in a place that looks
    /// random, so that no pattern of the tensor is met again and again.
    fn is_counted(&self, at: usize) -> bool {
        if self.every == 1 {
            return true;
        }
        let (block, run) = (at / BLOCK, at % BLOCK / RUN);
        let place = (block as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        run % self.every == place as usize % self.every
    }

    fn merge(&mut self, other: &Seen) {
        self.nan += other.nan;
        self.inf += other.inf;
        self.zeros += other.zeros;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.bins.merge(&other.bins);
    }
}

/// Statistics from what all threads have seen.
pub fn stats<'s>(len: usize, threads: impl IntoIterator<Item = &'s Seen>, blocks: &[BlockMoments]) -> Stats {
    let mut all = Seen::new(len);
    threads.into_iter().for_each(|seen| all.merge(seen));
    let (mut count, mut mean, mut deviations) = (0.0, 0.0, 0.0);
    for (n, block_mean, block_deviations) in blocks.iter().map(BlockMoments::get).filter(|(n, ..)| *n > 0.0) {
        let total = count + n;
        let apart = block_mean - mean;
        mean += apart * (n / total);
        deviations += block_deviations + apart * apart * (count * n / total);
        count = total;
    }
    let of_finite = |v: f64| if count > 0.0 { v } else { f64::NAN };
    let (start, width) = all.bins.place();
    Stats {
        count: len as u64,
        nan: all.nan,
        inf: all.inf,
        zeros: all.zeros,
        min: of_finite(all.min),
        max: of_finite(all.max),
        mean: of_finite(mean),
        std: of_finite((deviations / count).sqrt()),
        histogram: Histogram { start, width, counts: all.bins.counts, every: all.every as u64 },
    }
}

/// The loops that must be fast, for float32.
mod fast {
    use node_core::kernel::LANES;
    use node_core::kernel::simd::{fold, tally};

    /// What a stretch of finite elements comes to.
    pub struct Found {
        pub min: f32,
        pub max: f32,
        pub zeros: u64,
        pub sum: f64,
        pub squares: f64,
    }

    /// What the elements come to; `None` if one is not finite.
    pub fn scan(elements: &[f32]) -> Option<Found> {
        let mut lanes = [0f64; LANES];
        fold(&mut lanes, elements, f64::from, |a, b| a + b);
        let sum: f64 = lanes.into_iter().sum();
        // Finite float32 values cannot overflow float64; one that is not finite shows in the sum.
        if !sum.is_finite() {
            return None;
        }
        let mut lanes = [0f64; LANES];
        fold(&mut lanes, elements, |v: f32| f64::from(v) * f64::from(v), |a, b| a + b);
        let squares = lanes.into_iter().sum();
        let mut zeros = 0;
        tally(&mut zeros, elements, |v: f32| v == 0.0);
        let (min, max) = range(elements);
        Some(Found { min, max, zeros: u64::from(zeros), sum, squares })
    }

    /// The least and the greatest.
    pub fn range(elements: &[f32]) -> (f32, f32) {
        let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        fold(&mut min, elements, |v: f32| v, |a, b| if b < a { b } else { a });
        fold(&mut max, elements, |v: f32| v, |a, b| if b > a { b } else { a });
        (min.into_iter().fold(f32::INFINITY, f32::min), max.into_iter().fold(f32::NEG_INFINITY, f32::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statistics by way of `threads` watchers that take turns, stretch by stretch.
    fn seen(elements: &[f32], threads: usize, stretch: usize) -> Stats {
        let mut watchers: Vec<Watcher> =
            (0..threads).map(|_| Watcher::Stats(Box::new(Seen::new(elements.len())))).collect();
        let blocks: Vec<BlockMoments> = elements.chunks(BLOCK).map(|_| BlockMoments::default()).collect();
        for (number, block) in elements.chunks(BLOCK).enumerate() {
            let watcher = &mut watchers[number % threads];
            for (part, elements) in block.chunks(stretch).enumerate() {
                watcher.see(&Chunk::Float32(elements), number * BLOCK + part * stretch);
            }
            watcher.end_block(blocks.get(number));
        }
        let seen = watchers.iter().filter_map(|w| match w {
            Watcher::Stats(seen) => Some(&**seen),
            _ => None,
        });
        stats(elements.len(), seen, &blocks)
    }

    fn noise(len: usize) -> Vec<f32> {
        (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 1e6 - 6.0).collect()
    }

    #[test]
    fn of_a_few() {
        let stats = seen(&[1.0, 2.0, f32::NAN, 0.0, -0.0, f32::NEG_INFINITY, 5.0], 1, 512);
        assert_eq!((stats.count, stats.nan, stats.inf, stats.zeros, stats.finite()), (7, 1, 1, 2, 5));
        assert_eq!((stats.min, stats.max, stats.mean), (0.0, 5.0, 1.6));
        assert!((stats.std - 3.44f64.sqrt()).abs() < 1e-12, "{}", stats.std);
        assert_eq!(stats.histogram.counts.iter().sum::<u64>(), 5);
    }

    #[test]
    fn of_none() {
        for elements in [&[][..], &[f32::NAN], &[f32::INFINITY]] {
            let stats = seen(elements, 1, 512);
            assert!(stats.min.is_nan() && stats.max.is_nan() && stats.mean.is_nan() && stats.std.is_nan());
            assert_eq!(stats.histogram.counts.iter().sum::<u64>(), 0);
        }
    }

    #[test]
    fn the_same_whatever_the_number_of_threads() {
        let mut elements = noise(100_000);
        elements[70_000] = 1e6;
        elements[99_999] = f32::NAN;
        let one = seen(&elements, 1, 512);
        for (threads, stretch) in [(2, 512), (3, 256), (5, 512)] {
            let many = seen(&elements, threads, stretch);
            assert_eq!(many.histogram, one.histogram, "{threads}");
            assert_eq!((many.min, many.max, many.zeros), (one.min, one.max, one.zeros));
        }
        assert_eq!(seen(&elements, 4, 512), one, "with stretches of one length, all bits");
    }

    #[test]
    fn bins_hold_what_their_edges_say() {
        for scale in [1.0, 1e-30, 1e30, 3.7e-7] {
            let elements: Vec<f32> = noise(50_000).into_iter().map(|v| v * scale).collect();
            let histogram = seen(&elements, 3, 512).histogram;
            let edges: Vec<f64> = histogram.edges().collect();
            for (i, count) in histogram.counts.iter().enumerate() {
                let inside = |v: &&f32| f64::from(**v) >= edges[i] && f64::from(**v) < edges[i + 1];
                assert_eq!(elements.iter().filter(inside).count() as u64, *count, "{scale}: bin {i}");
            }
            assert!(histogram.counts.iter().filter(|c| **c > 0).count() > 100, "{scale}: most bins are used");
        }
    }

    #[test]
    fn large_tensors_are_counted_in_part() {
        let elements = noise(2_000_000);
        let stats = seen(&elements, 2, 512);
        assert_eq!(stats.histogram.every, 2);
        let counted = stats.histogram.counts.iter().sum::<u64>() as f64;
        assert!((counted / 1e6 - 1.0).abs() < 0.01, "{counted}");
    }
}
