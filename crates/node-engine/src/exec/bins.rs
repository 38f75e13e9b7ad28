//! Counting numbers into bins that get wider as more is seen.

use node_core::kernel::simd::each;

use crate::stats::BINS;

/// How many elements are counted together.
const PLACES: usize = 256;

/// Counts in bins whose width is a power of two. As more is seen, they get wider: two become one.
#[derive(Clone, Debug)]
pub struct Bins {
    min: f64,
    max: f64,
    /// The width is two to the power of this.
    exponent: i32,
    /// The first bin begins at this many widths.
    first: f64,
    /// How many numbers are in each.
    pub counts: Box<[u64; BINS]>,
}

/// The narrowest bins, so that dividing by their width cannot overflow.
const NARROWEST: i32 = -120;

impl Default for Bins {
    fn default() -> Self {
        let counts = Box::new([0; BINS]);
        Bins { min: f64::INFINITY, max: f64::NEG_INFINITY, exponent: NARROWEST, first: 0.0, counts }
    }
}

impl Bins {
    /// Forgets all counts.
    pub fn reset(&mut self) {
        (self.min, self.max) = (f64::INFINITY, f64::NEG_INFINITY);
        (self.exponent, self.first) = (NARROWEST, 0.0);
        self.counts.fill(0);
    }

    /// The least width whose bins cover `min` to `max` and are no finer than what float32 can tell apart there.
    fn exponent_for(min: f64, max: f64) -> i32 {
        let widest = min.abs().max(max.abs());
        let resolved = if widest > 0.0 { exponent_of(widest) - 22 } else { -10 };
        let mut exponent = resolved.max(exponent_of((max - min) / BINS as f64)).max(NARROWEST);
        while bin(max, exponent) - bin(min, exponent) >= BINS as f64 {
            exponent += 1;
        }
        exponent
    }

    /// Makes room for `min` to `max`.
    pub fn cover(&mut self, min: f64, max: f64) {
        if min >= self.min && max <= self.max {
            return;
        }
        let (min, max) = (min.min(self.min), max.max(self.max));
        let is_empty = self.min > self.max;
        (self.min, self.max) = (min, max);
        if !is_empty && bin(min, self.exponent) >= self.first && bin(max, self.exponent) < self.first + BINS as f64 {
            return;
        }
        let exponent = Bins::exponent_for(min, max).max(if is_empty { NARROWEST } else { self.exponent });
        self.widen(exponent, bin(min, exponent));
    }

    /// Moves the counts to bins that begin elsewhere and are wider.
    fn widen(&mut self, exponent: i32, first: f64) {
        let mut counts = [0; BINS];
        for (i, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let low = (self.first + i as f64) * power(self.exponent);
            counts[(bin(low, exponent) - first) as usize & (BINS - 1)] += count;
        }
        *self.counts = counts;
        (self.exponent, self.first) = (exponent, first);
    }

    /// Counts one number, which is covered.
    pub fn add(&mut self, v: f64) {
        self.counts[(bin(v, self.exponent) - self.first) as usize & (BINS - 1)] += 1;
    }

    /// Counts elements, all finite and covered.
    pub fn count(&mut self, elements: &[f32]) {
        // Exact: a width is a power of two, no element is more than 2^23 widths from zero, and adding 2^23 to a small
        // whole number puts it into the lowest bits.
        let (scale, first) = (power(-self.exponent) as f32, self.first as f32);
        let place = |v: f32| (((v * scale).floor() - first) + 8_388_608.0).to_bits();
        // Neighbours are counted apart: many that are alike would wait for each other.
        let mut counts = [[0u32; BINS]; 4];
        let mut places = [0u32; PLACES];
        for part in elements.chunks(PLACES) {
            each(&mut places[..part.len()], part, place);
            let (fours, rest) = places[..part.len()].as_chunks::<4>();
            for four in fours {
                for i in 0..4 {
                    counts[i][four[i] as usize % BINS] += 1;
                }
            }
            for place in rest {
                counts[0][*place as usize % BINS] += 1;
            }
        }
        for (i, all) in self.counts.iter_mut().enumerate() {
            *all += counts.iter().map(|counts| u64::from(counts[i])).sum::<u64>();
        }
    }

    /// Counts what another has counted too.
    pub fn merge(&mut self, other: &Bins) {
        if other.min > other.max {
            return;
        }
        let (min, max) = (self.min.min(other.min), self.max.max(other.max));
        let exponent = Bins::exponent_for(min, max);
        let first = bin(min, exponent);
        let mut moved = other.clone();
        moved.widen(exponent, first);
        self.widen(exponent, first);
        (self.min, self.max) = (min, max);
        self.counts.iter_mut().zip(moved.counts.iter()).for_each(|(a, b)| *a += b);
    }

    /// Where the first bin begins, and how wide each is.
    pub fn place(&self) -> (f64, f64) {
        if self.min > self.max {
            return (0.0, 1.0);
        }
        (self.first * power(self.exponent), power(self.exponent))
    }
}

/// Two to the power of `exponent`, exactly.
fn power(exponent: i32) -> f64 {
    f64::from_bits(((exponent.clamp(-1022, 1023) + 1023) as u64) << 52)
}

/// The exponent of a number that is not negative.
fn exponent_of(v: f64) -> i32 {
    ((v.to_bits() >> 52) as i32) - 1023
}

/// Which bin of width two to the power of `exponent` a number is in.
fn bin(v: f64, exponent: i32) -> f64 {
    (v * power(-exponent)).floor()
}
