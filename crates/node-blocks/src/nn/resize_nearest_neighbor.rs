//! `ResizeNearestNeighbor`: pictures made larger or smaller, pixel by pixel.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::resizing::{self, ALIGN_CORNERS, Axis, HALF_PIXEL_CENTERS, SIZE};
use crate::arrays::moves::{Along, Mover, Moves, Moving};
use crate::given;

const KINDS: &[DType] = &[
    DType::Float32,
    DType::Float64,
    DType::Float16,
    DType::BFloat16,
    DType::Int8,
    DType::Int16,
    DType::Int32,
    DType::Int64,
    DType::UInt8,
    DType::UInt16,
];
const IMAGES: In<Same> = In::new("images", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const OUTPUT: Out<Same> = Out::new("output", "Pictures of the size to be.").aliases(&["resized_images"]).among(KINDS);

register_block!(
    BlockSpec::new(
        "ResizeNearestNeighbor",
        "Neural networks",
        "Pictures made larger or smaller, pixel by pixel.",
        "Each pixel is the nearest of the input. Where corners are not aligned and pixels not taken at their \
         middles, that is the one before the place.",
    )
    .ports([IMAGES.port(), SIZE.port()])
    .attrs([ALIGN_CORNERS.spec(), HALF_PIXEL_CENTERS.spec()])
    .ports([OUTPUT.port()])
    .code(Mover(ResizeNearestNeighbor))
);

struct ResizeNearestNeighbor;

impl Moving for ResizeNearestNeighbor {
    const SOURCE: In<Same> = IMAGES;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        resizing::shape(cx, given::dims(cx, IMAGES, 4)?)
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let (&[batch, height, width, channels], &[_, high, wide, _]) = (from.dims(), to.dims()) else {
            return Ok(Moves::axes(0, []));
        };
        let row = width * channels;
        let (down, right) = (Axis::of(cx, height, high)?, Axis::of(cx, width, wide)?);
        let places = |axis: Axis, len: usize, stride: usize| {
            (len, Along::At((0..len).map(|at| Some(axis.nearest(at) * stride)).collect()))
        };
        Ok(Moves::axes(
            0,
            [
                (batch, Along::Step((height * row) as isize)),
                places(down, high, row),
                places(right, wide, channels),
                (channels, Along::Step(1)),
            ],
        ))
    }
}
