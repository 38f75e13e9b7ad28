//! Attributes and checks that the fake-quantization blocks share.

use std::sync::Arc;

use node_core::{AttrKey, Fault, In, InferCx, PartialShape, Quantization, Scalar, Shape};

use super::nudge::{Nudged, flushed, nudge};

/// The least value of the range.
pub const MIN: AttrKey<f32> = AttrKey::float("min", -6.0, "The least value of the range, before nudging.");
/// The greatest value of the range.
pub const MAX: AttrKey<f32> =
    AttrKey::float("max", 6.0, "The greatest value of the range, before nudging; greater than min.");
/// The number of bits.
pub const NUM_BITS: AttrKey<i64> =
    AttrKey::int("num_bits", 8, "The number of bits: 2^num_bits values can be represented.").range(2.0, 16.0);
/// Whether the least quantized value is left out.
pub const NARROW_RANGE: AttrKey<bool> =
    AttrKey::bool("narrow_range", false, "Quantize to [1, 2^num_bits - 1] instead of [0, 2^num_bits - 1].");

/// The input that the blocks quantize.
pub const INPUTS: In<f32> = In::new("inputs", "The values to quantize; any shape.");
/// The least value of a range that is computed.
pub const MIN_PORT: In<f32> = In::new("min", "The least value of the range, before nudging; a scalar.").parameter();
/// The greatest value of a range that is computed.
pub const MAX_PORT: In<f32> = In::new("max", "The greatest value of the range, before nudging; a scalar.").parameter();
/// The least values of the channels.
pub const MIN_CHANNELS: In<f32> =
    In::new("min", "The least value for each channel; shape [d], d the last dimension of `inputs`.").parameter();
/// The greatest values of the channels.
pub const MAX_CHANNELS: In<f32> =
    In::new("max", "The greatest value for each channel; shape [d], d the last dimension of `inputs`.").parameter();

/// The range that the attributes ask for, nudged.
pub fn from_attrs(cx: &InferCx<'_>) -> Result<Nudged, Vec<Fault>> {
    Ok(nudge(cx.attr(MIN)?, cx.attr(MAX)?, cx.attr(NUM_BITS)?, cx.attr(NARROW_RANGE)?))
}

/// The range that scalar inputs ask for, nudged.
pub fn from_scalars(cx: &InferCx<'_>) -> Result<Nudged, Vec<Fault>> {
    Ok(nudge(cx.scalar(MIN_PORT)?, cx.scalar(MAX_PORT)?, cx.attr(NUM_BITS)?, cx.attr(NARROW_RANGE)?))
}

/// The ranges that the inputs ask for, one for each channel, nudged.
pub fn from_channels(cx: &InferCx<'_>) -> Result<Arc<[Nudged]>, Vec<Fault>> {
    let (bits, narrow) = (cx.attr(NUM_BITS)?, cx.attr(NARROW_RANGE)?);
    let channels = cx.slice(MIN_CHANNELS)?.iter().zip(cx.slice(MAX_CHANNELS)?);
    Ok(channels.map(|(min, max)| nudge(*min, *max, bits, narrow)).collect())
}

/// How a block quantizes whose output is what comes of it.
pub fn forward(ranges: &[Nudged]) -> Quantization {
    let ranges = ranges.iter().map(|n| n.range).collect();
    let ends = [MIN.name().into(), MAX.name().into()];
    Quantization { input: "inputs".into(), output: Some("output".into()), gradients: None, ends, ranges }
}

/// How a block quantizes that lets gradients through, or stops them.
pub fn backward(ranges: &[Nudged]) -> Quantization {
    Quantization { output: None, gradients: Some("gradients".into()), ..forward(ranges) }
}

/// `min` and `max` must be a range, as TensorFlow's kernels see them.
pub fn check_range(cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
    let (min, max) = (cx.attr(MIN)?, cx.attr(MAX)?);
    if flushed(min) < flushed(max) {
        return Ok(());
    }
    let shown = |v: f32| Scalar::Float32(v).to_string();
    let narrow = match min < max {
        true => "; this range is too narrow for float32: TensorFlow takes numbers below 1.1754944e-38 for 0",
        false => "",
    };
    let (min, max) = (shown(min), shown(max));
    Err(vec![Fault::attrs(format!("min has to be smaller than max, but min is {min} and max is {max}{narrow}"))])
}

/// `min` and `max` must be scalars.
pub fn check_scalars(cx: &InferCx<'_>) -> Result<(), Vec<Fault>> {
    let faults: Vec<Fault> = [MIN_PORT, MAX_PORT]
        .into_iter()
        .filter_map(|port| match cx.shape(port) {
            Ok(shape) if shape.admits(&Shape::scalar()) => None,
            Ok(shape) => {
                Some(vec![Fault::at(port.name(), format!("must be a scalar (shape []), but has shape {shape}"))])
            }
            Err(faults) => Some(faults),
        })
        .flatten()
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// `min` and `max` must have one value for each channel, and the channels are the last dimension of `shape`.
pub fn check_channels(cx: &InferCx<'_>, shape: &PartialShape) -> Result<PartialShape, Vec<Fault>> {
    let mut channels = match shape.dims() {
        None => None,
        Some([]) => {
            return Err(vec![Fault::at(
                "inputs",
                "is a scalar, which has no channels; it needs at least one dimension",
            )]);
        }
        Some([.., last]) => *last,
    };
    let mut faults = Vec::new();
    for port in [MIN_CHANNELS, MAX_CHANNELS] {
        let found = cx.shape(port)?;
        if PartialShape::of_dims(vec![channels]).merge(found).is_none_or(|m| m.rank() != Some(1)) {
            let expected = PartialShape::of_dims(vec![channels]);
            let message = format!("has shape {found}, but must have one value for each channel: shape {expected}");
            faults.push(Fault::at(port.name(), message));
        } else if let Some([len]) = found.dims() {
            channels = channels.or(*len);
        }
    }
    if faults.is_empty() { Ok(PartialShape::of_dims(vec![channels])) } else { Err(faults) }
}
