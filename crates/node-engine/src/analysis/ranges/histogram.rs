//! The values of one channel, counted in bars.

use node_core::Tensor;

use crate::analysis::Stop;
use crate::analysis::numbers::STRETCH;

/// Bars of one channel, where channels are few.
const BARS: usize = 2048;
/// Bars of all channels together, at most, as far as each has its least number.
const ALL_BARS: usize = 1 << 21;
const LEAST: usize = 1024;

/// Where the finite values of a channel lie.
pub struct Histogram {
    /// The least; 0 where there is none.
    pub low: f64,
    /// The greatest; 0 where there is none.
    pub high: f64,
    /// How many finite values there are.
    pub total: u64,
    /// How many are in each of the bars from the least to the greatest.
    pub counts: Vec<u64>,
    /// The mean of the values of each bar.
    pub means: Vec<f64>,
    /// How many magnitudes are in each of as many bars from 0 to the largest.
    pub magnitudes: Vec<u64>,
}

impl Histogram {
    /// That of channel number `channel` of so many, the last dimension's, over all of `data`. `None` once stopped.
    pub fn of(data: &[&Tensor], channel: usize, channels: usize, stop: &Stop) -> Option<Histogram> {
        let (mut low, mut high, mut total) = (f64::INFINITY, f64::NEG_INFINITY, 0u64);
        each(data, (channel, channels), stop, |v| {
            (low, high) = (low.min(v), high.max(v));
            total += 1;
        })?;
        if total == 0 {
            return Some(Histogram {
                low: 0.0,
                high: 0.0,
                total,
                counts: Vec::new(),
                means: Vec::new(),
                magnitudes: Vec::new(),
            });
        }
        let bars = (ALL_BARS / channels.max(1)).clamp(LEAST, BARS);
        let widest = low.abs().max(high.abs());
        let bar = |part: f64| if part.is_nan() { 0 } else { ((part * bars as f64) as usize).min(bars - 1) };
        let (mut counts, mut sums, mut magnitudes) = (vec![0u64; bars], vec![0f64; bars], vec![0u64; bars]);
        each(data, (channel, channels), stop, |v| {
            let at = bar((v - low) / (high - low));
            counts[at] += 1;
            sums[at] += v;
            magnitudes[bar(v.abs() / widest)] += 1;
        })?;
        let means = sums.iter().zip(&counts).map(|(sum, count)| sum / (*count).max(1) as f64).collect();
        Some(Histogram { low, high, total, counts, means, magnitudes })
    }

    /// How wide a bar is.
    pub fn width(&self) -> f64 {
        (self.high - self.low) / self.counts.len().max(1) as f64
    }
}

fn each(data: &[&Tensor], (channel, channels): (usize, usize), stop: &Stop, mut see: impl FnMut(f64)) -> Option<()> {
    for tensor in data {
        let all = tensor.slice::<f32>().unwrap_or_default();
        for stretch in all.chunks(STRETCH.next_multiple_of(channels)) {
            if stop.is_set() {
                return None;
            }
            stretch.iter().skip(channel).step_by(channels).filter(|v| v.is_finite()).for_each(|v| see(f64::from(*v)));
        }
    }
    Some(())
}
