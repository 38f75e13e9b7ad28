//! Why an element of a convolution or of its gradients is what it is: which products are added.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{Fault, In, Reason, Shape, WhyCx};

use super::convolution::Sizes;
use super::sizes;
use crate::computed;

fn origin(input: usize, dims: [usize; 4], position: [usize; 4]) -> Origin {
    let flat = dims.iter().zip(position).fold(0, |flat, (dim, at)| flat * dim + at);
    Origin { input, item: 0, flat }
}

/// The inputs of a convolution, and their shapes.
struct Around {
    numbers: [usize; 2],
    shapes: [Shape; 2],
    at: [usize; 4],
}

fn around(cx: &WhyCx<'_>, one: In<Real>, other: In<Real>) -> Result<Around, Vec<Fault>> {
    let numbers = [cx.input_number(one)?, cx.input_number(other)?];
    let shapes = [cx.operand_type(numbers[0], 0)?.shape, cx.operand_type(numbers[1], 0)?.shape];
    let position = cx.shape().position(cx.flat());
    let at = <[usize; 4]>::try_from(&position[..]).map_err(|_| vec![Fault::block("has another rank")])?;
    Ok(Around { numbers, shapes, at })
}

/// How the filters lie of a convolution in which each channel has its own.
fn own_filters(sizes: &Sizes) -> [usize; 4] {
    [sizes.down.size, sizes.right.size, sizes.inputs, sizes.outputs / sizes.inputs.max(1)]
}

/// Which filter, and which of its channels, goes with channel `input` and output `output`.
fn filter_at(sizes: &Sizes, is_depthwise: bool, input: usize, output: usize) -> ([usize; 4], [usize; 2]) {
    match is_depthwise {
        true => (own_filters(sizes), [input, output % own_filters(sizes)[3]]),
        false => (sizes.filters(), [input % sizes.depth, output]),
    }
}

/// The channels that output `output` comes from.
fn inputs_of(sizes: &Sizes, output: usize) -> std::ops::Range<usize> {
    let groups = sizes.inputs / sizes.depth.max(1);
    let group = output / (sizes.outputs / groups.max(1)).max(1);
    group * sizes.depth..(group + 1) * sizes.depth
}

/// The outputs that channel `input` goes into.
fn outputs_of(sizes: &Sizes, input: usize) -> std::ops::Range<usize> {
    let groups = sizes.inputs / sizes.depth.max(1);
    let per_group = sizes.outputs / groups.max(1);
    let group = input / sizes.depth.max(1);
    group * per_group..(group + 1) * per_group
}

fn of_forward(cx: &WhyCx<'_>, around: &Around, sizes: &Sizes, is_depthwise: bool) -> Result<Reason, Vec<Fault>> {
    let ([batch, y, x, output], [pictures, filters]) = (around.at, around.numbers);
    let pairs = (0..sizes.down.size * sizes.right.size).flat_map(|tap| {
        let (at_y, at_x) = (tap / sizes.right.size, tap % sizes.right.size);
        let place = sizes.down.place(y, at_y).zip(sizes.right.place(x, at_x));
        place.into_iter().flat_map(move |(from_y, from_x)| {
            inputs_of(sizes, output).map(move |input| {
                let (dims, [channel, nth]) = filter_at(sizes, is_depthwise, input, output);
                let pixel = origin(pictures, sizes.pictures(), [batch, from_y, from_x, input]);
                (pixel, origin(filters, dims, [at_y, at_x, channel, nth]))
            })
        })
    });
    computed::products(cx, pairs)
}

fn of_pictures(cx: &WhyCx<'_>, around: &Around, sizes: &Sizes, is_depthwise: bool) -> Result<Reason, Vec<Fault>> {
    let ([batch, y, x, input], [filters, gradients]) = (around.at, around.numbers);
    let pairs = (0..sizes.down.size * sizes.right.size).flat_map(|tap| {
        let (at_y, at_x) = (tap / sizes.right.size, tap % sizes.right.size);
        let window = sizes.down.window(y, at_y).zip(sizes.right.window(x, at_x));
        window.into_iter().flat_map(move |(to_y, to_x)| {
            outputs_of(sizes, input).map(move |output| {
                let (dims, [channel, nth]) = filter_at(sizes, is_depthwise, input, output);
                let gradient = origin(gradients, sizes.results(), [batch, to_y, to_x, output]);
                (gradient, origin(filters, dims, [at_y, at_x, channel, nth]))
            })
        })
    });
    computed::products(cx, pairs)
}

fn of_filters(cx: &WhyCx<'_>, around: &Around, sizes: &Sizes, is_depthwise: bool) -> Result<Reason, Vec<Fault>> {
    let ([at_y, at_x, channel, nth], [pictures, gradients]) = (around.at, around.numbers);
    let (input, output) = match is_depthwise {
        true => (channel, channel * own_filters(sizes)[3] + nth),
        false => (inputs_of(sizes, nth).start + channel, nth),
    };
    let windows = sizes.batch * sizes.down.count * sizes.right.count;
    let pairs = (0..windows).filter_map(|window| {
        let (y, x) = (window / sizes.right.count % sizes.down.count, window % sizes.right.count);
        let batch = window / (sizes.right.count * sizes.down.count);
        let (from_y, from_x) = sizes.down.place(y, at_y).zip(sizes.right.place(x, at_x))?;
        let pixel = origin(pictures, sizes.pictures(), [batch, from_y, from_x, input]);
        Some((pixel, origin(gradients, sizes.results(), [batch, y, x, output])))
    });
    computed::products(cx, pairs)
}

/// Of Conv2D.
pub fn forward(cx: &WhyCx<'_>, pictures: In<Real>, filters: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, pictures, filters)?;
    of_forward(cx, &around, &sizes::known(cx, &around.shapes[0], &around.shapes[1])?, false)
}

/// Of DepthwiseConv2dNative.
pub fn depthwise(cx: &WhyCx<'_>, pictures: In<Real>, filters: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, pictures, filters)?;
    of_forward(cx, &around, &sizes::known_depthwise(cx, &around.shapes[0], &around.shapes[1])?, true)
}

/// Of Conv2D's gradient for its pictures.
pub fn to_pictures(cx: &WhyCx<'_>, filters: In<Real>, gradients: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, filters, gradients)?;
    of_pictures(cx, &around, &sizes::known(cx, cx.shape(), &around.shapes[0])?, false)
}

/// Of DepthwiseConv2dNative's gradient for its pictures.
pub fn depthwise_to_pictures(cx: &WhyCx<'_>, filters: In<Real>, gradients: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, filters, gradients)?;
    of_pictures(cx, &around, &sizes::known_depthwise(cx, cx.shape(), &around.shapes[0])?, true)
}

/// Of Conv2D's gradient for its filters.
pub fn to_filters(cx: &WhyCx<'_>, pictures: In<Real>, gradients: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, pictures, gradients)?;
    of_filters(cx, &around, &sizes::known(cx, &around.shapes[0], cx.shape())?, false)
}

/// Of DepthwiseConv2dNative's gradient for its filters.
pub fn depthwise_to_filters(cx: &WhyCx<'_>, pictures: In<Real>, gradients: In<Real>) -> Result<Reason, Vec<Fault>> {
    let around = around(cx, pictures, gradients)?;
    of_filters(cx, &around, &sizes::known_depthwise(cx, &around.shapes[0], cx.shape())?, true)
}
