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
                    self.add(Side::of(*x, range));
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

    /// Counts one that lies there.
    pub fn add(&mut self, side: Side) {
        let count = match side {
            Side::Below => &mut self.below,
            Side::Inside => &mut self.inside,
            Side::Above => &mut self.above,
            Side::Nowhere => &mut self.odd,
        };
        *count += 1;
    }

    /// The number of elements.
    pub fn total(&self) -> u64 {
        self.below + self.inside + self.above + self.odd
    }
}

/// Where an element lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below the nudged range.
    Below,
    /// Inside it.
    Inside,
    /// Above it.
    Above,
    /// NaN.
    Nowhere,
}

impl Side {
    /// Where an element lies. Of a range that is upside down what is on both sides is below.
    pub fn of(x: f32, range: &QuantRange) -> Side {
        if x.is_nan() {
            Side::Nowhere
        } else if x < range.nudged_min {
            Side::Below
        } else if x > range.nudged_max {
            Side::Above
        } else {
            Side::Inside
        }
    }

    /// Its place among those that are on a side.
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Side::Below => Some(0),
            Side::Inside => Some(1),
            Side::Above => Some(2),
            Side::Nowhere => None,
        }
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
