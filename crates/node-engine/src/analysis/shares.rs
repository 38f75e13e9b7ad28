//! Where the elements of a tensor lie: below, inside or above a range.

use node_core::QuantRange;
use node_core::kernel::Chunk;

/// Numbers of elements, by where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Below the nudged range.
    pub below: u64,
    /// Inside the range.
    pub inside: u64,
    /// Above the nudged range.
    pub above: u64,
    /// Nowhere: NaN, and in a range whose ends are NaN all.
    pub nan: u64,
}

impl Shares {
    /// Counts elements; the first is number `start` of the whole. With several ranges there is one for each channel of
    /// the last dimension. What has no range, or is no float32, is inside.
    pub fn see(&mut self, elements: &Chunk<'_>, start: usize, ranges: &[QuantRange]) {
        match (elements, ranges) {
            (Chunk::Float32(elements), [range]) => self.see_range(elements, range),
            (Chunk::Float32(elements), ranges @ [_, ..]) => {
                for (x, range) in elements.iter().zip(ranges.iter().cycle().skip(start % ranges.len())) {
                    self.add(Side::of(*x, range));
                }
            }
            (others, _) => self.inside += others.len() as u64,
        }
    }

    fn see_range(&mut self, elements: &[f32], range: &QuantRange) {
        let [mut below, mut inside, mut above] = [0u32; 3];
        for x in elements {
            // A range that is upside down (min above max) has elements on both sides: they count as below.
            let is_below = *x < range.nudged_min;
            below += u32::from(is_below);
            inside += u32::from(*x >= range.nudged_min && *x <= range.nudged_max);
            above += u32::from(!is_below && *x > range.nudged_max);
        }
        self.below += u64::from(below);
        self.inside += u64::from(inside);
        self.above += u64::from(above);
        self.nan += elements.len() as u64 - u64::from(below) - u64::from(inside) - u64::from(above);
    }

    /// Counts what another has counted too.
    pub fn merge(&mut self, other: &Shares) {
        self.below += other.below;
        self.inside += other.inside;
        self.above += other.above;
        self.nan += other.nan;
    }

    /// Counts one that lies there.
    pub fn add(&mut self, side: Side) {
        let count = match side {
            Side::Below => &mut self.below,
            Side::Inside => &mut self.inside,
            Side::Above => &mut self.above,
            Side::Nowhere => &mut self.nan,
        };
        *count += 1;
    }

    /// The number of elements.
    pub fn total(&self) -> u64 {
        self.below + self.inside + self.above + self.nan
    }
}

/// The least and the greatest of a tensor's elements, infinities among them and NaN not; the other way round where there is
/// none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The least.
    pub least: f32,
    /// The greatest.
    pub greatest: f32,
}

impl Default for Reach {
    fn default() -> Reach {
        Reach { least: f32::INFINITY, greatest: f32::NEG_INFINITY }
    }
}

impl Reach {
    /// Sees elements; of other types than float32 nothing is told.
    pub fn see(&mut self, elements: &Chunk<'_>) {
        let Chunk::Float32(elements) = elements else { return };
        let (mut least, mut greatest) = ([self.least; WIDE], [self.greatest; WIDE]);
        for some in elements.chunks(WIDE) {
            for ((least, greatest), x) in least.iter_mut().zip(&mut greatest).zip(some) {
                *least = if *x < *least { *x } else { *least };
                *greatest = if *x > *greatest { *x } else { *greatest };
            }
        }
        self.least = least.into_iter().fold(self.least, f32::min);
        self.greatest = greatest.into_iter().fold(self.greatest, f32::max);
    }

    /// Sees what another has seen too.
    pub fn merge(&mut self, other: &Reach) {
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }

    /// The ends, where there are elements and none is infinite. Of zeros of both signs either may have come first: they are
    /// one here.
    pub fn finite(&self) -> Option<[f32; 2]> {
        (self.least.is_finite() && self.greatest.is_finite()).then_some([self.least + 0.0, self.greatest + 0.0])
    }
}

/// So many are looked at side by side.
const WIDE: usize = 16;

/// What was seen of a quantizer's input: where its elements lie, and how far they reach.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Met {
    /// Where they lie.
    pub shares: Shares,
    /// How far they reach.
    pub reach: Reach,
}

impl Met {
    /// Sees elements, as [`Shares::see`].
    pub fn see(&mut self, elements: &Chunk<'_>, start: usize, ranges: &[QuantRange]) {
        self.shares.see(elements, start, ranges);
        self.reach.see(elements);
    }

    /// Sees what another has seen too.
    pub fn merge(&mut self, other: &Met) {
        self.shares.merge(&other.shares);
        self.reach.merge(&other.reach);
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
    /// NaN, or in a range whose ends are.
    Nowhere,
}

impl Side {
    /// Where an element lies. Of a range that is upside down what is on both sides is below.
    pub fn of(x: f32, range: &QuantRange) -> Side {
        if x < range.nudged_min {
            Side::Below
        } else if x > range.nudged_max {
            Side::Above
        } else if x >= range.nudged_min && x <= range.nudged_max {
            Side::Inside
        } else {
            Side::Nowhere
        }
    }

    /// Its place among the four.
    pub(super) fn place(self) -> usize {
        match self {
            Side::Below => 0,
            Side::Inside => 1,
            Side::Above => 2,
            Side::Nowhere => 3,
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
        assert_eq!(whole, Shares { below: 2, inside: 2, above: 1, nan: 1 });
        let mut parts = seen(&elements[..3], 0, &ranges);
        parts.merge(&seen(&elements[3..], 3, &ranges));
        assert_eq!(parts, whole, "a part knows its channels");
        assert_eq!(seen(&elements, 0, &ranges[..1]), Shares { below: 1, inside: 2, above: 2, nan: 1 });
        assert_eq!(seen(&elements, 0, &[range(f32::NAN, f32::NAN)]), Shares { nan: 6, ..Shares::default() });
        assert_eq!(seen(&elements, 0, &[range(1.0, -1.0)]), Shares { below: 2, inside: 0, above: 3, nan: 1 });
        assert_eq!(seen(&elements, 0, &[]), Shares { inside: 6, ..Shares::default() });
        let reach = |elements: &[f32]| {
            let mut reach = Reach::default();
            reach.see(&Chunk::Float32(elements));
            reach
        };
        assert_eq!(reach(&elements), Reach { least: -2.0, greatest: f32::INFINITY });
        assert_eq!(reach(&elements[..5]).finite(), Some([-2.0, 5.0]), "NaN is nowhere");
        assert_eq!(reach(&[f32::NAN]).finite(), None);
        let mut parts = reach(&elements[..2]);
        parts.merge(&reach(&elements[2..]));
        assert_eq!(parts, reach(&elements));
        let long: Vec<f32> = (0..1000).map(|i| ((i * 617) % 1000) as f32 - 500.0).collect();
        assert_eq!(reach(&long).finite(), Some([-500.0, 499.0]));
    }
}
