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
}

impl Distribution {
    /// That of a tensor's elements. `None` for texts and once stopped.
    pub fn of(tensor: &Tensor, stop: &Stop) -> Option<Distribution> {
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
        let mut squares = 0.0;
        numbers.each(stop, |_, stretch| {
            let mut part = 0.0;
            for value in stretch.iter().filter(|value| value.is_finite()) {
                let bar = if width > 0.0 { ((value - min) / width) as usize } else { 0 };
                bars[bar.min(BARS - 1)] += 1;
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
        })
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
        let told = Distribution::of(&tensor, &Stop::default()).unwrap();
        assert_eq!((told.count, told.nan, told.infinite, told.zeros), (7, 1, 1, 2));
        assert_eq!((told.min, told.max, told.mean), (-1.0, 3.0, 0.8));
        assert!((told.std - 1.469_693_845_669_907).abs() < 1e-15, "np.std: {}", told.std);
        assert_eq!(told.bars.iter().sum::<u64>(), 5);
        assert_eq!((told.bars[0], told.bars[BARS / 4], told.bars[BARS - 1]), (1, 2, 1));
        assert_eq!((told.edge(0), told.edge(BARS)), (-1.0, 3.0));
        let one = Distribution::of(&Tensor::vector(vec![5i32; 9]), &Stop::default()).unwrap();
        assert_eq!((one.bars[0], one.std, one.percentiles[4]), (9, 0.0, 5.0));
        let none = Distribution::of(&Tensor::vector(vec![f64::NAN]), &Stop::default()).unwrap();
        assert!(none.min.is_nan() && none.mean.is_nan() && none.bars.iter().all(|bar| *bar == 0));
        let wide = Distribution::of(&Tensor::vector(vec![-f64::MAX, f64::MAX]), &Stop::default()).unwrap();
        assert_eq!(wide.bars.iter().sum::<u64>(), 2, "beyond the widest difference");
    }
}
