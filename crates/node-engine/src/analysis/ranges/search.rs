//! The range whose mean squared error is least, found on a histogram.

use node_core::QuantRange;

use super::histogram::Histogram;
use super::trial::Trial;
use crate::analysis::Stop;

/// How far ends are drawn in at first, in parts of the outermost values, …
const COARSE: usize = 64;
/// … and how often the neighbourhood of what was best is looked at more closely, with so many on each side.
const ROUNDS: usize = 4;
const NEAR: i32 = 8;

/// For each channel the ends with the least mean squared error, each drawn in by itself, or both as one. `None` once
/// stopped.
pub fn least_error(trial: &Trial, channels: &[Histogram], symmetric: bool, stop: &Stop) -> Option<Vec<[f32; 2]>> {
    let outer = |one: &Histogram| {
        let widest = one.low.abs().max(one.high.abs());
        if symmetric { [-widest, widest] } else { [one.low.min(0.0), one.high.max(0.0)] }
    };
    let outer: Vec<[f64; 2]> = channels.iter().map(outer).collect();
    let mut search = Search { trial, channels, outer, best: vec![([1.0, 1.0], f64::INFINITY); channels.len()] };
    let sides: &[&[usize]] = if symmetric { &[&[0, 1]] } else { &[&[1], &[0]] };
    let mut step = 1.0 / COARSE as f64;
    let coarse: Vec<f64> = (1..=COARSE).rev().map(|part| part as f64 * step).collect();
    // What one end is best at depends on the other.
    for sides in [sides, sides].concat() {
        search.try_all(sides, |_| coarse.clone(), stop)?;
    }
    for _ in 0..ROUNDS {
        step /= f64::from(NEAR) / 2.0;
        for side in sides {
            let near = |at: f64| (-NEAR..=NEAR).map(|i| at + f64::from(i) * step).filter(|part| *part > 0.0).collect();
            search.try_all(side, near, stop)?;
        }
    }
    let told =
        |(best, outer): (&([f64; 2], f64), &[f64; 2])| [(best.0[0] * outer[0]) as f32, (best.0[1] * outer[1]) as f32];
    Some(search.best.iter().zip(&search.outer).map(told).collect())
}

struct Search<'s> {
    trial: &'s Trial,
    channels: &'s [Histogram],
    /// The outermost ends.
    outer: Vec<[f64; 2]>,
    /// The parts of these that were best, and their error.
    best: Vec<([f64; 2], f64)>,
}

impl Search<'_> {
    /// Tries for some sides, one or both as one, what `parts` makes of the best so far; all channels at a time.
    fn try_all(&mut self, sides: &[usize], parts: impl Fn(f64) -> Vec<f64>, stop: &Stop) -> Option<()> {
        let lists: Vec<Vec<f64>> = self.best.iter().map(|(best, _)| parts(best[sides[0]])).collect();
        let most = lists.iter().map(Vec::len).max().unwrap_or(0);
        let before: Vec<[f64; 2]> = self.best.iter().map(|(best, _)| *best).collect();
        for number in 0..most {
            if stop.is_set() {
                return None;
            }
            let mut tried = before.clone();
            for (tried, list) in tried.iter_mut().zip(&lists) {
                let part = list.get(number).or(list.last()).copied().unwrap_or(1.0);
                sides.iter().for_each(|side| tried[*side] = part);
            }
            let ends: Vec<[f32; 2]> = tried
                .iter()
                .zip(&self.outer)
                .map(|(part, outer)| [0, 1].map(|side| (part[side] * outer[side]) as f32))
                .collect();
            let ranges = self.trial.ranges(&ends)?;
            for (at, (channel, range)) in self.channels.iter().zip(&ranges).enumerate() {
                let error = error(channel, range);
                if error < self.best[at].1 {
                    self.best[at] = (tried[at], error);
                }
            }
        }
        Some(())
    }
}

/// The sum of the squared errors of a histogram's values, each bar's taken at its mean; where steps are narrow beside bars,
/// what rounding makes on average.
fn error(channel: &Histogram, range: &QuantRange) -> f64 {
    let [low, high, scale] = [range.nudged_min, range.nudged_max, range.scale].map(f64::from);
    let is_fine = scale < 4.0 * channel.width();
    let of = |value: f64| {
        let clamped = value.clamp(low.min(high), high.max(low));
        let clipped = value - clamped;
        match scale > 0.0 {
            _ if clipped != 0.0 => clipped * clipped,
            true if is_fine => scale * scale / 12.0,
            true => {
                let rounded = ((clamped - low) / scale).round() * scale + low;
                (value - rounded) * (value - rounded)
            }
            false => value * value,
        }
    };
    let squares = channel.means.iter().zip(&channel.counts).filter(|(_, count)| **count > 0);
    squares.map(|(mean, count)| *count as f64 * of(*mean)).sum()
}
