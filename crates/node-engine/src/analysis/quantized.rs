//! What a quantizer does to its elements, channel by channel.

use node_core::{QuantRange, Tensor};

use super::{Shares, Side, Stop};

/// The most integers of which is noted whether they occur, in bits.
const MOST_LEVELS: usize = 1 << 29;

/// So many elements are looked at between two looks at whether to stop, or those of one row.
const ELEMENTS: usize = 65_536;

/// Where the elements of a quantizer's input lie: for each range, of which there is one or one for each channel of the
/// last dimension. `None` where the tensor does not fit the ranges, and once stopped.
pub fn by_channel(input: &Tensor, ranges: &[QuantRange], stop: &Stop) -> Option<Vec<Shares>> {
    let around = Around { input, output: None, gradients: None };
    Some(damage(&around, ranges, stop)?.into_iter().map(|damage| damage.shares).collect())
}

/// The tensors of a quantizer.
#[derive(Clone, Copy)]
pub struct Around<'t> {
    /// What it quantizes.
    pub input: &'t Tensor,
    /// What it gives, where that is the quantized input.
    pub output: Option<&'t Tensor>,
    /// The gradients that it lets through or stops, where it does.
    pub gradients: Option<&'t Tensor>,
}

/// What a quantizer does to the elements of one range. Errors are of those that are finite before and after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Damage {
    /// Where the elements lie.
    pub shares: Shares,
    /// The sums of the squares of the gradients below, inside, above and nowhere: at NaN, which stop them too.
    pub gradient: [f64; 4],
    /// How many errors there are.
    pub errors: u64,
    /// The sum of the squares of the errors.
    pub noise: f64,
    /// The part of that which elements outside the range have.
    pub clipping: f64,
    /// The sum of the squares of the elements that have one.
    pub signal: f64,
    /// The largest error, without its sign.
    pub largest: f64,
    /// Its place in the tensor.
    pub worst: Option<usize>,
    /// How many of its integers occur, and how many it has; where the output is the quantized input.
    pub levels: Option<[u64; 2]>,
}

impl Damage {
    /// The mean of the squares of the errors.
    pub fn mse(&self) -> f64 {
        self.noise / self.errors as f64
    }

    /// The signal's squares over those of the errors, in decibels; infinite without any error, NaN where nothing finite
    /// could be compared.
    pub fn sqnr_db(&self) -> f64 {
        if self.errors == 0 {
            return f64::NAN;
        }
        if self.noise == 0.0 { f64::INFINITY } else { 10.0 * (self.signal / self.noise).log10() }
    }

    /// The norm of the gradients below, inside, above and at NaN, in parts of the whole norm's square.
    pub fn gradient_parts(&self) -> Option<[f64; 4]> {
        let whole: f64 = self.gradient.iter().sum();
        (whole > 0.0).then(|| self.gradient.map(|part| part / whole))
    }

    /// The part of the gradients' norm that is stopped: all but what lies inside.
    pub fn stopped(&self) -> Option<f64> {
        self.gradient_parts().map(|[below, _, above, nan]| (below + above + nan).sqrt())
    }

    /// What all channels come to.
    pub fn all(channels: &[Damage]) -> Damage {
        channels.iter().fold(Damage::default(), |mut all, one| {
            all.shares.merge(&one.shares);
            all.gradient = std::array::from_fn(|side| all.gradient[side] + one.gradient[side]);
            all.errors += one.errors;
            all.noise += one.noise;
            all.clipping += one.clipping;
            all.signal += one.signal;
            if one.largest > all.largest {
                (all.largest, all.worst) = (one.largest, one.worst);
            }
            all.levels = match (all.levels, one.levels) {
                (Some([used, of]), Some([more, others])) => Some([used + more, of + others]),
                (None, levels) => levels,
                (levels, None) => levels,
            };
            all
        })
    }

    fn see(&mut self, at: usize, side: Side, x: f32, y: Option<f32>, gradient: Option<f32>) {
        self.shares.add(side);
        if let Some(gradient) = gradient {
            self.gradient[side.place()] += f64::from(gradient) * f64::from(gradient);
        }
        let Some(y) = y.filter(|y| x.is_finite() && y.is_finite()) else { return };
        let error = f64::from(y) - f64::from(x);
        self.errors += 1;
        self.noise += error * error;
        if side != Side::Inside {
            self.clipping += error * error;
        }
        self.signal += f64::from(x) * f64::from(x);
        if error.abs() > self.largest {
            (self.largest, self.worst) = (error.abs(), Some(at));
        }
    }
}

/// Which integers of a range occur.
struct Levels {
    first: i64,
    seen: Vec<u64>,
    count: u64,
}

impl Levels {
    /// None yet; nothing where the range has no integers, or more than `room` bits.
    fn of(range: &QuantRange, room: usize) -> Option<Levels> {
        let (first, last) = (range.code(range.nudged_min)?, range.code(range.nudged_max)?);
        let count = u64::try_from(last.checked_sub(first)?.checked_add(1)?).ok()?;
        let bits = usize::try_from(count).ok().filter(|bits| *bits <= room)?;
        Some(Levels { first, seen: vec![0; bits.div_ceil(64)], count })
    }

    fn see(&mut self, code: Option<i64>) {
        let place = code.and_then(|code| usize::try_from(code.checked_sub(self.first)?).ok());
        if let Some(word) = place.and_then(|place| self.seen.get_mut(place / 64)) {
            *word |= 1 << (place.unwrap_or(0) % 64);
        }
    }

    fn told(&self) -> [u64; 2] {
        [self.seen.iter().map(|word| u64::from(word.count_ones())).sum(), self.count]
    }
}

/// What a quantizer does: for each of its ranges. `None` where tensors do not fit the ranges or each other, and once
/// stopped.
pub fn damage(around: &Around<'_>, ranges: &[QuantRange], stop: &Stop) -> Option<Vec<Damage>> {
    let input = around.input.slice::<f32>()?;
    let fitting = |tensor: Option<&Tensor>| tensor.is_none_or(|tensor| tensor.shape() == around.input.shape());
    let per_channel = ranges.len() > 1;
    if ranges.is_empty()
        || !fitting(around.output)
        || !fitting(around.gradients)
        || (per_channel && around.input.shape().dims().last() != Some(&ranges.len()))
    {
        return None;
    }
    let output = around.output.and_then(|output| output.slice::<f32>());
    let gradients = around.gradients.and_then(|gradients| gradients.slice::<f32>());
    let mut damage = vec![Damage::default(); ranges.len()];
    let mut levels: Vec<Option<Levels>> = match output {
        Some(_) => ranges.iter().map(|range| Levels::of(range, MOST_LEVELS / ranges.len())).collect(),
        None => ranges.iter().map(|_| None).collect(),
    };
    let step = (ELEMENTS / ranges.len()).max(1) * ranges.len();
    for start in (0..input.len()).step_by(step) {
        if stop.is_set() {
            return None;
        }
        let end = input.len().min(start + step);
        for at in start..end {
            let channel = if per_channel { at % ranges.len() } else { 0 };
            let (range, x) = (&ranges[channel], input[at]);
            let y = output.map(|output| output[at]);
            damage[channel].see(at, Side::of(x, range), x, y, gradients.map(|gradients| gradients[at]));
            if let (Some(levels), Some(y)) = (&mut levels[channel], y) {
                levels.see(range.code(y));
            }
        }
    }
    for (damage, levels) in damage.iter_mut().zip(&levels) {
        damage.levels = levels.as_ref().map(Levels::told);
    }
    Some(damage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use node_core::Shape;

    fn range(low: f32, high: f32, scale: f32) -> QuantRange {
        let zero_point = (-low / scale).round() as i64;
        QuantRange { min: low, max: high, nudged_min: low, nudged_max: high, scale, zero_point }
    }

    #[test]
    fn figures_of_one_range() {
        let input = Tensor::vector(vec![-2f32, -0.75, 0.3, 1.5, f32::NAN, 0.0]);
        let output = Tensor::vector(vec![-1f32, -0.5, 0.5, 1.0, f32::NAN, 0.0]);
        let gradients = Tensor::vector(vec![3f32, 1.0, 1.0, 4.0, 9.0, 0.0]);
        let around = Around { input: &input, output: Some(&output), gradients: Some(&gradients) };
        let found = damage(&around, &[range(-1.0, 1.0, 0.5)], &Stop::default()).unwrap();
        let one = &found[0];
        assert_eq!(one.shares, Shares { below: 1, inside: 3, above: 1, nan: 1 });
        assert_eq!(one.gradient, [9.0, 2.0, 16.0, 81.0]);
        assert_eq!((one.errors, one.largest, one.worst), (5, 1.0, Some(0)));
        let error = f64::from(0.3f32) - 0.5;
        let noise = 1.0 + 0.0625 + error * error + 0.25;
        assert!((one.noise - noise).abs() < 1e-15 && (one.mse() - noise / 5.0).abs() < 1e-15);
        assert_eq!(one.clipping, 1.0 + 0.25, "-2 and 1.5 lie outside");
        assert_eq!(one.levels, Some([5, 5]), "NaN has no integer");
        assert_eq!(one.gradient_parts(), Some([9.0, 2.0, 16.0, 81.0].map(|part| part / 108.0)));
        assert_eq!(one.stopped(), Some((106.0f64 / 108.0).sqrt()), "NaN lets no gradient through");
        assert_eq!(Damage::all(&found).shares, one.shares);
    }

    #[test]
    fn channels_are_those_of_the_last_dimension() {
        let input = Tensor::new(Shape::new([2, 2]).unwrap(), vec![-5f32, 0.2, 0.5, 7.0]).unwrap();
        let output = Tensor::new(Shape::new([2, 2]).unwrap(), vec![-1f32, 0.0, 0.5, 2.0]).unwrap();
        let around = Around { input: &input, output: Some(&output), gradients: None };
        let ranges = vec![range(-1.0, 1.0, 0.5), range(-2.0, 2.0, 1.0)];
        let found = damage(&around, &ranges, &Stop::default()).unwrap();
        assert_eq!(found[0].shares, Shares { below: 1, inside: 1, ..Shares::default() });
        assert_eq!((found[1].shares.above, found[1].worst, found[1].levels), (1, Some(3), Some([2, 5])));
        assert_eq!(by_channel(&input, &ranges, &Stop::default()).unwrap()[1], found[1].shares);
        let all = Damage::all(&found);
        assert_eq!((all.largest, all.worst, all.errors), (5.0, Some(3), 4));
        assert!(damage(&around, &[ranges[0]; 3], &Stop::default()).is_none(), "three for two");
        let other = Around { output: Some(&Tensor::vector(vec![1f32])), ..around };
        assert!(damage(&other, &ranges, &Stop::default()).is_none());
    }
}
