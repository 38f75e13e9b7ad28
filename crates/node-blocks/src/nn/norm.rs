//! Channels of pictures, over all of whose elements something is summed: what batch normalization is made of.

use std::sync::Mutex;

use node_core::{Fault, RunCx, Shape, Tensor, TensorType};

use super::channels;

/// How many channels pictures have, if that is known; they have four dimensions, or five. The fault is `at`'s.
pub fn channels(ty: &TensorType, format: &str, at: &'static str) -> Result<Option<usize>, Vec<Fault>> {
    let Some(dims) = ty.shape.dims() else { return Ok(None) };
    if !matches!(dims.len(), 4 | 5) {
        return Err(vec![Fault::at(at, format!("must have four dimensions, or five, but has shape {}", ty.shape))]);
    }
    Ok(dims[self::axis(format, dims.len())])
}

fn axis(format: &str, rank: usize) -> usize {
    let is_second = format.starts_with("NC");
    channels::axis(if is_second { "NCHW" } else { "NHWC" }, rank, "x").unwrap_or(0)
}

/// Refuses a vector that is not as long as there are channels.
pub fn fit(channels: &mut Option<usize>, own: Option<usize>, port: &'static str) -> Result<(), Vec<Fault>> {
    if let (Some(channels), Some(own)) = (*channels, own)
        && channels != own
    {
        return Err(vec![Fault::at(port, format!("has {own} numbers, but there are {channels} channels"))]);
    }
    *channels = channels.or(own);
    Ok(())
}

/// How channels lie in pictures.
#[derive(Clone, Copy, Debug)]
pub struct Lie {
    outer: usize,
    channels: usize,
    inner: usize,
}

/// Elements that are summed together before they join the rest, so that the order does not depend on threads.
const BLOCK: usize = 1 << 12;

impl Lie {
    /// In pictures of this shape.
    pub fn of(shape: &Shape, format: &str) -> Lie {
        let at = axis(format, shape.rank());
        let (dims, product) = (shape.dims(), |dims: &[usize]| dims.iter().product());
        Lie { outer: product(&dims[..at]), channels: dims[at], inner: product(&dims[at + 1..]) }
    }

    /// How many elements a channel has.
    pub fn count(self) -> usize {
        self.outer * self.inner
    }

    /// The channel of an element.
    pub fn channel(self, flat: usize) -> usize {
        flat / self.inner % self.channels
    }

    /// The elements of a channel, in order.
    pub fn elements(self, channel: usize) -> impl Iterator<Item = usize> {
        (0..self.count()).map(move |nth| (nth / self.inner * self.channels + channel) * self.inner + nth % self.inner)
    }

    /// A number for each element, from its channel and its place.
    pub fn each(
        self,
        cx: &RunCx<'_>,
        shape: &Shape,
        one: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Result<Tensor, Vec<Fault>> {
        cx.fill::<f32>(shape, 1 << 14, |first, out| {
            for (flat, out) in (first..).zip(out) {
                *out = one(self.channel(flat), flat);
            }
        })
    }

    /// The sums of two numbers for each element, channel by channel.
    pub fn sums(
        self,
        cx: &RunCx<'_>,
        one: impl Fn(usize, usize) -> [f64; 2] + Sync,
    ) -> Result<Vec<[f64; 2]>, Vec<Fault>> {
        let all = self.outer * self.channels * self.inner;
        let block = BLOCK.max(self.channels);
        let blocks: Vec<Mutex<Vec<[f64; 2]>>> = (0..all.div_ceil(block)).map(|_| Mutex::default()).collect();
        cx.each(blocks.len(), |number| {
            let mut sums = vec![[0.0; 2]; self.channels];
            for flat in number * block..((number + 1) * block).min(all) {
                let channel = self.channel(flat);
                let [a, b] = one(channel, flat);
                sums[channel][0] += a;
                sums[channel][1] += b;
            }
            *blocks[number].lock().unwrap_or_else(std::sync::PoisonError::into_inner) = sums;
        })?;
        let mut totals = vec![[0.0; 2]; self.channels];
        for block in blocks {
            let sums = block.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (total, sum) in totals.iter_mut().zip(sums) {
                total[0] += sum[0];
                total[1] += sum[1];
            }
        }
        Ok(totals)
    }

    /// Mean and variance of each channel.
    pub fn moments(self, cx: &RunCx<'_>, elements: &[f32]) -> Result<Vec<(f32, f32)>, Vec<Fault>> {
        let count = self.count() as f64;
        let means: Vec<f64> =
            self.sums(cx, |_, flat| [f64::from(elements[flat]), 0.0])?.iter().map(|[sum, _]| sum / count).collect();
        let squares = self.sums(cx, |channel, flat| {
            let from_mean = f64::from(elements[flat]) - means[channel];
            [from_mean * from_mean, 0.0]
        })?;
        Ok(means.iter().zip(squares).map(|(mean, [sum, _])| (*mean as f32, (sum / count) as f32)).collect())
    }
}
