//! The sizes of a convolution, from the shapes and attributes of its block.

use node_core::{Fault, In, InferCx, PartialShape, Shape};

use super::convolution::Sizes;
use super::windows::Windows;
use crate::given;

/// What is wrong where pictures and filters do not go together.
fn misfit(channels: usize, depth: usize, at: &'static str) -> Vec<Fault> {
    vec![Fault::at(
        at,
        format!("is for {depth} channels, but the pictures have {channels}, which is no multiple of it"),
    )]
}

/// What windows over pictures give: [batch, down, right, filters], as far as it is known.
pub fn results(
    cx: &InferCx<'_>,
    pictures: Option<&[Option<usize>]>,
    filters: Option<&[Option<usize>]>,
    (at_pictures, at_filters): (&'static str, &'static str),
) -> Result<[Option<usize>; 4], Vec<Fault>> {
    let windows = Windows::given(cx)?;
    let of = |dims: Option<&[Option<usize>]>, axis: usize| dims.and_then(|dims| dims[axis]);
    let side = |axis: usize| windows.count(axis, of(pictures, axis + 1), of(filters, axis), at_pictures);
    let (down, right) = (side(0)?, side(1)?);
    if let (Some(channels), Some(depth)) = (of(pictures, 3), of(filters, 2))
        && (depth == 0 || channels % depth != 0)
    {
        return Err(misfit(channels, depth, at_filters));
    }
    if let (Some(channels), Some(depth), Some(outputs)) = (of(pictures, 3), of(filters, 2), of(filters, 3))
        && outputs % (channels / depth).max(1) != 0
    {
        let message =
            format!("has {outputs} filters, which do not share out to {} groups of channels", channels / depth);
        return Err(vec![Fault::at(at_filters, message)]);
    }
    Ok([of(pictures, 0), down, right, of(filters, 3)])
}

/// The sizes of a convolution, in a run.
pub fn known(cx: &InferCx<'_>, pictures: &Shape, filters: &Shape) -> Result<Sizes, Vec<Fault>> {
    let windows = Windows::given(cx)?;
    let (&[batch, height, width, inputs], &[high, wide, depth, outputs]) = (pictures.dims(), filters.dims()) else {
        return Err(vec![Fault::block("has shapes of another rank; this is a bug in the block")]);
    };
    let (down, right) = (windows.along(0, height, high, "input")?, windows.along(1, width, wide, "input")?);
    Ok(Sizes { batch, down, right, inputs, depth, outputs })
}

/// Refuses gradients that are not those of what windows give.
pub fn fit(gradients: &PartialShape, results: [Option<usize>; 4]) -> Result<(), Vec<Fault>> {
    let results = PartialShape::of_dims(results.to_vec());
    match gradients.merge(&results) {
        Some(_) => Ok(()),
        None => {
            let message = format!("has shape {gradients}, but the convolution gives {results}");
            Err(vec![Fault::at("out_backprop", message)])
        }
    }
}

/// The four lengths that a vector gives, if they are known.
pub fn given(cx: &InferCx<'_>, port: In<i32>) -> Result<Option<[Option<usize>; 4]>, Vec<Fault>> {
    let Some(lengths) = given::vector(cx, port)? else { return Ok(None) };
    let Ok(lengths) = <[i64; 4]>::try_from(&lengths[..]) else {
        return Err(vec![Fault::at(port.name(), format!("has {} numbers, but must have 4", lengths.len()))]);
    };
    let mut dims = [None; 4];
    for (dim, length) in dims.iter_mut().zip(lengths) {
        *dim = Some(given::len(length, port.name())?);
    }
    Ok(Some(dims))
}

/// As [`results`], of filters for each channel: [batch, down, right, channels × multiplier].
pub fn depthwise(
    cx: &InferCx<'_>,
    pictures: Option<&[Option<usize>]>,
    filters: Option<&[Option<usize>]>,
    (at_pictures, at_filters): (&'static str, &'static str),
) -> Result<[Option<usize>; 4], Vec<Fault>> {
    let channels = pictures.and_then(|dims| dims[3]);
    let depth = filters.and_then(|dims| dims[2]);
    if let (Some(channels), Some(depth)) = (channels, depth)
        && channels != depth
    {
        return Err(vec![Fault::at(at_filters, format!("is for {depth} channels, but the pictures have {channels}"))]);
    }
    let windows = Windows::given(cx)?;
    let of = |dims: Option<&[Option<usize>]>, axis: usize| dims.and_then(|dims| dims[axis]);
    let side = |axis: usize| windows.count(axis, of(pictures, axis + 1), of(filters, axis), at_pictures);
    let outputs = channels.or(depth).zip(of(filters, 3)).and_then(|(channels, times)| channels.checked_mul(times));
    Ok([of(pictures, 0), side(0)?, side(1)?, outputs])
}

/// As [`known`], of filters for each channel.
pub fn known_depthwise(cx: &InferCx<'_>, pictures: &Shape, filters: &Shape) -> Result<Sizes, Vec<Fault>> {
    let sizes = known(cx, pictures, filters)?;
    Ok(Sizes { depth: 1, outputs: sizes.inputs * sizes.outputs, ..sizes })
}
