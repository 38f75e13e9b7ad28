//! Where to cut off so that a quantized histogram tells most about the original one.
//!
//! As TensorRT calibrates (Szymon Migacz, "8-bit Inference with TensorRT", 2017), with NVIDIA's pytorch-quantization's care for
//! zeros, of which a ReLU makes so many that nothing else would count: the first bar is taken to be as high as the second. For each threshold the histogram of
//! magnitudes, with what lies beyond added to its last bar, is compared with itself in as many bars as there are levels,
//! spread again over the bars that are not empty; the least Kullback-Leibler divergence decides.

use super::histogram::Histogram;
use crate::analysis::Stop;

/// Each level has at least so many bars.
const BARS_OF_A_LEVEL: usize = 4;
/// Looks at bars, all channels together: with more channels not every threshold is tried.
const LOOKS: usize = 400_000_000;

/// The magnitude beyond which a channel is best clipped. `None` where the number of levels leaves nothing to compare, and
/// once stopped.
pub fn threshold(channel: &Histogram, levels: u64, channels: usize, stop: &Stop) -> Option<f64> {
    // Of what lies on both sides of 0 a magnitude has half of the levels.
    let levels = usize::try_from(if channel.low < 0.0 { levels / 2 } else { levels }).ok()?;
    let (widest, bars) = (channel.low.abs().max(channel.high.abs()), channel.magnitudes.len());
    if channel.total == 0 || widest == 0.0 {
        return Some(widest);
    }
    if !(2..=bars / BARS_OF_A_LEVEL).contains(&levels) {
        return None;
    }
    let mut counts: Vec<f64> = channel.magnitudes.iter().map(|count| *count as f64).collect();
    counts[0] = counts[1];
    let tried = (bars - levels + 1).min((LOOKS / (channels * bars)).max(16));
    let step = ((bars - levels) as f64 / (tried - 1).max(1) as f64).max(1.0);
    let thresholds = (0..tried).map(|i| bars - (i as f64 * step) as usize);
    let mut best = (f64::INFINITY, bars);
    for end in thresholds {
        if stop.is_set() {
            return None;
        }
        let lost = divergence(&counts, end, levels);
        if lost < best.0 {
            best = (lost, end);
        }
    }
    Some(best.1 as f64 / bars as f64 * widest)
}

/// How much less the first `bars` bars tell once they are quantized to so many levels; infinite where what is clipped falls
/// into a bar that was empty.
fn divergence(counts: &[f64], bars: usize, levels: usize) -> f64 {
    let beyond: f64 = counts[bars..].iter().sum();
    let (total, kept): (f64, f64) = (counts.iter().sum(), counts[..bars].iter().sum());
    if kept == 0.0 {
        return f64::INFINITY;
    }
    let mut lost = 0.0;
    for level in 0..levels {
        let (from, to) = ((level * bars).div_ceil(levels), ((level + 1) * bars).div_ceil(levels));
        let group = &counts[from..to];
        let filled = group.iter().filter(|count| **count > 0.0).count() as f64;
        let mean = group.iter().sum::<f64>() / filled / kept;
        for (bar, count) in (from..to).zip(group) {
            let with_beyond = if bar + 1 == bars { count + beyond } else { *count };
            if with_beyond > 0.0 {
                let p = with_beyond / total;
                lost += if *count > 0.0 { p * (p / mean).ln() } else { f64::INFINITY };
            }
        }
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost() {
        // Four bars in two levels: 1 1 3 5 becomes 1 1 4 4, of 10.
        let lost = divergence(&[1.0, 1.0, 3.0, 5.0], 4, 2);
        let expected = 0.3 * (0.3f64 / 0.4).ln() + 0.5 * (0.5f64 / 0.4).ln();
        assert!((lost - expected).abs() < 1e-15, "{lost} {expected}");
        // Two of them, with 8 of 10 clipped into the second: p is 0.1 0.9, q is 0.5 0.5.
        let lost = divergence(&[1.0, 1.0, 3.0, 5.0], 2, 1);
        let expected = 0.1 * (0.1f64 / 0.5).ln() + 0.9 * (0.9f64 / 0.5).ln();
        assert!((lost - expected).abs() < 1e-15, "{lost} {expected}");
        assert_eq!(divergence(&[1.0, 0.0, 3.0], 2, 1), f64::INFINITY);
        assert_eq!(divergence(&[0.0, 4.0], 2, 2), 0.0);
    }
}
