//! How the elements of a tensor are distributed, all of them counted.

use node_core::Tensor;

use super::Stop;
use super::numbers::Numbers;
use super::percentiles::{TOLD, percentiles};

/// The number of bars of a histogram.
pub const BARS: usize = 128;

/// What there is to tell of a tensor's elements. Least, greatest, mean, deviation, percentiles and bars are of the finite
/// ones; NaN where there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// All elements.
    pub count: u64,
    /// NaN.
    pub nan: u64,
    /// Infinities of both signs.
    pub infinite: u64,
    /// Zeros of both signs.
    pub zeros: u64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the population.
    pub std: f64,
    /// The percentiles of [`TOLD`].
    pub percentiles: Vec<f64>,
    /// How many elements are in each of [`BARS`] bars of equal width from the least to the greatest. The last holds the
    /// greatest too; where all are equal, the first holds them all.
    pub bars: Vec<u64>,
    /// How many finite elements lie below the first end that was asked about, and how many above the second.
    pub beyond: [u64; 2],
}

impl Distribution {
    /// That of a tensor's elements, with those counted that lie beyond two ends. `None` for texts and once stopped.
    pub fn of(tensor: &Tensor, ends: Option<[f64; 2]>, stop: &Stop) -> Option<Distribution> {
        let numbers = Numbers::of(tensor)?;
        let (mut nan, mut infinite, mut zeros, mut finite) = (0, 0, 0, 0u64);
        let (mut min, mut max, mut sum) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
        numbers.each(stop, |_, stretch| {
            let mut part = 0.0;
            for value in stretch {
                if value.is_finite() {
                    finite += 1;
                    zeros += u64::from(*value == 0.0);
                    min = min.min(*value);
                    max = max.max(*value);
                    part += value;
                } else if value.is_nan() {
                    nan += 1;
                } else {
                    infinite += 1;
                }
            }
            sum += part;
        })?;
        // Divided first: the difference may be beyond the widest number.
        let (mean, width) = (sum / finite as f64, max / BARS as f64 - min / BARS as f64);
        let mut bars = vec![0; BARS];
        let (mut squares, mut beyond) = (0.0, [0, 0]);
        let [low, high] = ends.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
        numbers.each(stop, |_, stretch| {
            let mut part = 0.0;
            for value in stretch.iter().filter(|value| value.is_finite()) {
                let bar = if width > 0.0 { ((value - min) / width) as usize } else { 0 };
                bars[bar.min(BARS - 1)] += 1;
                // Of a range that is upside down what is on both sides is below.
                beyond[0] += u64::from(*value < low);
                beyond[1] += u64::from(*value >= low && *value > high);
                part += (value - mean) * (value - mean);
            }
            squares += part;
        })?;
        let known = |value: f64| if finite == 0 { f64::NAN } else { value };
        Some(Distribution {
            count: numbers.len() as u64,
            nan,
            infinite,
            zeros,
            min: known(min),
            max: known(max),
            mean: known(mean),
            std: known((squares / finite as f64).sqrt()),
            percentiles: percentiles(tensor, &TOLD, stop)?,
            bars,
            beyond,
        })
    }

    /// Of a bar how many elements lie below the first end, between the ends, and above the second.
    pub fn parts(&self, bar: usize, [low, high]: [f64; 2]) -> [u64; 3] {
        let count = self.bars[bar];
        // A bar that an end cuts holds those beyond the end that are in no bar wholly beyond it.
        let whole_below: u64 = (0..bar).filter(|bar| self.edge(bar + 1) <= low).map(|bar| self.bars[bar]).sum();
        let whole_above: u64 = (bar + 1..BARS).filter(|bar| self.edge(*bar) >= high).map(|bar| self.bars[bar]).sum();
        let is_cut = |end: f64| self.edge(bar) <= end && end <= self.edge(bar + 1);
        let below = match () {
            () if is_cut(low) => self.beyond[0].saturating_sub(whole_below).min(count),
            () if self.edge(bar + 1) <= low => count,
            () => 0,
        };
        let above = match () {
            () if is_cut(high) => self.beyond[1].saturating_sub(whole_above).min(count - below),
            () if self.edge(bar) > high => count - below,
            () => 0,
        };
        [below, count - below - above, above]
    }

    /// Where bar number `bar` begins, or the one before ends.
    pub fn edge(&self, bar: usize) -> f64 {
        let part = bar as f64 / BARS as f64;
        self.min * (1.0 - part) + self.max * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let tensor = Tensor::vector(vec![-1f32, 0.0, -0.0, 3.0, f32::NAN, f32::INFINITY, 2.0]);
        let told = Distribution::of(&tensor, None, &Stop::default()).unwrap();
        assert_eq!((told.count, told.nan, told.infinite, told.zeros), (7, 1, 1, 2));
        assert_eq!((told.min, told.max, told.mean), (-1.0, 3.0, 0.8));
        assert!((told.std - 1.469_693_845_669_907).abs() < 1e-15, "np.std: {}", told.std);
        assert_eq!(told.bars.iter().sum::<u64>(), 5);
        let beyond = |ends| Distribution::of(&tensor, Some(ends), &Stop::default()).unwrap().beyond;
        assert_eq!((beyond([0.0, 2.0]), beyond([-1.0, 3.0]), beyond([5.0, -5.0])), ([1, 1], [0, 0], [5, 0]));
        assert_eq!((told.bars[0], told.bars[BARS / 4], told.bars[BARS - 1]), (1, 2, 1));
        assert_eq!((told.edge(0), told.edge(BARS)), (-1.0, 3.0));
        // In the first bar, from -40 to -39.06, lies one below; 512 at 0 are inside, in a bar that the end at 0 cuts.
        let mut relu: Vec<f32> = vec![0.0; 512];
        relu.extend([-40.0, 55.0, 80.0, 1.5, 2.5]);
        let ends = [0.0, 4.0];
        let told = Distribution::of(&Tensor::vector(relu), Some(ends), &Stop::default()).unwrap();
        let all = (0..BARS).map(|bar| told.parts(bar, ends));
        let sums = all.clone().fold([0; 3], |sums, parts| [0, 1, 2].map(|i| sums[i] + parts[i]));
        assert_eq!((sums, told.parts(0, ends)), ([1, 514, 2], [1, 0, 0]));
        assert!(all.clone().any(|parts| parts == [0, 512, 0]), "{:?}", all.collect::<Vec<_>>());
        let one = Distribution::of(&Tensor::vector(vec![5i32; 9]), None, &Stop::default()).unwrap();
        assert_eq!((one.bars[0], one.std, one.percentiles[4]), (9, 0.0, 5.0));
        let none = Distribution::of(&Tensor::vector(vec![f64::NAN]), None, &Stop::default()).unwrap();
        assert!(none.min.is_nan() && none.mean.is_nan() && none.bars.iter().all(|bar| *bar == 0));
        let wide = Distribution::of(&Tensor::vector(vec![-f64::MAX, f64::MAX]), None, &Stop::default()).unwrap();
        assert_eq!(wide.bars.iter().sum::<u64>(), 2, "beyond the widest difference");
    }
}
