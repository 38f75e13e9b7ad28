//! Where the elements of a tensor lie: below, inside or above a range.

use node_core::kernel::{Chunk, Operand};
use node_core::{QuantRange, for_operand};

/// Numbers of elements, by where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Below the nudged range.
    pub below: u64,
    /// Inside the range; every number where there is none.
    pub inside: u64,
    /// Above the nudged range.
    pub above: u64,
    /// NaN; without a range infinities too.
    pub odd: u64,
}

impl Shares {
    /// Counts elements; the first is number `start` of the whole. With several ranges there is one for each channel of
    /// the last dimension; without any, what is no finite number is odd.
    pub fn see(&mut self, elements: &Chunk<'_>, start: usize, ranges: &[QuantRange]) {
        match (elements, ranges) {
            (elements, []) => for_operand!(elements.dtype(), T => {
                let elements = T::read(elements).unwrap_or_default();
                self.see_any(elements.len(), |i| elements[i].as_f64().is_finite());
            }, else {}),
            (Chunk::Float32(elements), [range]) => self.see_range(elements, range),
            (Chunk::Float32(elements), ranges) => {
                for (x, range) in elements.iter().zip(ranges.iter().cycle().skip(start % ranges.len())) {
                    *self.slot(*x, range) += 1;
                }
            }
            (others, _) => self.inside += others.len() as u64,
        }
    }

    fn see_any(&mut self, len: usize, is_finite: impl Fn(usize) -> bool) {
        let finite = (0..len).filter(|i| is_finite(*i)).count() as u64;
        self.inside += finite;
        self.odd += len as u64 - finite;
    }

    fn see_range(&mut self, elements: &[f32], range: &QuantRange) {
        let [mut below, mut above, mut odd] = [0u32; 3];
        for x in elements {
            // A range that is upside down (min above max) has elements on both sides: they count as below.
            let is_below = *x < range.nudged_min;
            below += u32::from(is_below);
            above += u32::from(!is_below && *x > range.nudged_max);
            odd += u32::from(x.is_nan());
        }
        let outside = u64::from(below) + u64::from(above) + u64::from(odd);
        self.below += u64::from(below);
        self.above += u64::from(above);
        self.odd += u64::from(odd);
        self.inside += elements.len() as u64 - outside;
    }

    /// Counts what another has counted too.
    pub fn merge(&mut self, other: &Shares) {
        self.below += other.below;
        self.inside += other.inside;
        self.above += other.above;
        self.odd += other.odd;
    }

    fn slot(&mut self, x: f32, range: &QuantRange) -> &mut u64 {
        if x.is_nan() {
            &mut self.odd
        } else if x < range.nudged_min {
            &mut self.below
        } else if x > range.nudged_max {
            &mut self.above
        } else {
            &mut self.inside
        }
    }

    /// The number of elements.
    pub fn total(&self) -> u64 {
        self.below + self.inside + self.above + self.odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_channel() {
        let range = |low: f32, high: f32| QuantRange {
            min: low,
            max: high,
            nudged_min: low,
            nudged_max: high,
            scale: 1.0,
            zero_point: 0,
        };
        let ranges = [range(-1.0, 1.0), range(0.0, 10.0)];
        let elements = [-2f32, 5.0, 1.0, -0.5, f32::NAN, f32::INFINITY];
        let seen = |elements: &[f32], start, ranges: &[QuantRange]| {
            let mut shares = Shares::default();
            shares.see(&Chunk::Float32(elements), start, ranges);
            shares
        };
        let whole = seen(&elements, 0, &ranges);
        assert_eq!(whole, Shares { below: 2, inside: 2, above: 1, odd: 1 });
        let mut parts = seen(&elements[..3], 0, &ranges);
        parts.merge(&seen(&elements[3..], 3, &ranges));
        assert_eq!(parts, whole, "a part knows its channels");
        assert_eq!(seen(&elements, 0, &ranges[..1]), Shares { below: 1, inside: 2, above: 2, odd: 1 });
        assert_eq!(seen(&elements, 0, &[range(1.0, -1.0)]), Shares { below: 2, inside: 0, above: 3, odd: 1 });
        assert_eq!(seen(&elements, 0, &[]), Shares { inside: 4, odd: 2, ..Shares::default() });
    }
}
