//! `ResizeBilinear`: pictures made larger or smaller, smoothly.
//!
//! No edge cases: it adds and multiplies elements, as Add and Mul do.

use node_core::kernel::Operand as _;
use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, DType, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use super::resizing::{self, ALIGN_CORNERS, Axis, HALF_PIXEL_CENTERS, SIZE};
use crate::{computed, given};

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
const IMAGES: In<Real> = In::new("images", "Pictures; shape [batch, height, width, channels].").among(KINDS);
const OUTPUT: Out<f32> = Out::new("output", "Pictures of the size to be, as float32.").aliases(&["resized_images"]);

register_block!(
    BlockSpec::new(
        "ResizeBilinear",
        "Neural networks",
        "Pictures made larger or smaller, smoothly.",
        "Each pixel lies between four of the input, and is made of them by how near it is to each: `top + (bottom \
         - top) × y`, where top and bottom are `left + (right - left) × x`. Computed in float32, whatever the type.",
    )
    .ports([IMAGES.port(), SIZE.port()])
    .attrs([ALIGN_CORNERS.spec(), HALF_PIXEL_CENTERS.spec()])
    .ports([OUTPUT.port()])
    .code(ResizeBilinear)
);

struct ResizeBilinear;

impl Block for ResizeBilinear {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        Ok(vec![TensorType::new(DType::Float32, resizing::shape(cx, given::dims(cx, IMAGES, 4)?)?)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(IMAGES)?;
        let from = cx.operand_type(input, 0)?.shape;
        let (&[_, height, width, channels], &[_, high, wide, _]) = (from.dims(), cx.shape().dims()) else {
            return Ok(Reason::of_itself("made of four pixels"));
        };
        let at = cx.shape().position(cx.flat());
        let (top, bottom, y) = Axis::of(cx, height, high)?.between(at[1]);
        let (left, right, x) = Axis::of(cx, width, wide)?.between(at[2]);
        let flat = |row: usize, column: usize| ((at[0] * height + row) * width + column) * channels + at[3];
        let corners = [(top, left), (top, right), (bottom, left), (bottom, right)];
        let from = corners.map(|(row, column)| Origin { input, item: 0, flat: flat(row, column) }).to_vec();
        let because = format!("between rows {top} and {bottom} (at {y}) and columns {left} and {right} (at {x})");
        Ok(computed::from(cx, because, from))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (images, ty) = (cx.tensor(IMAGES)?, &cx.outputs()[0]);
        let (&[_, height, width, channels], &[_, high, wide, _]) = (images.shape().dims(), ty.shape.dims()) else {
            return Err(vec![Fault::block("has pictures of another rank; this is a bug in the block")]);
        };
        let (down, across) = (Axis::of(cx, height, high)?, Axis::of(cx, width, wide)?);
        let columns: Vec<(usize, usize, f32)> = (0..wide).map(|at| across.between(at)).collect();
        for_operand!(images.dtype(), T => {
            let pixels = images.slice::<T>().unwrap_or_default();
            let row = wide * channels;
            Ok(vec![cx.fill::<f32>(&ty.shape, row, |first, out| {
                let number = first / row.max(1);
                let (picture, (top, bottom, y)) = (number / high * height, down.between(number % high));
                let rows = [top, bottom].map(|row| &pixels[(picture + row) * width * channels..(picture + row + 1) * width * channels]);
                for ((left, right, x), out) in columns.iter().zip(out.chunks_mut(channels.max(1))) {
                    for (channel, out) in out.iter_mut().enumerate() {
                        let pixel = |row: usize, column: usize| rows[row][column * channels + channel].as_f64() as f32;
                        let across = |row: usize| pixel(row, *left) + (pixel(row, *right) - pixel(row, *left)) * x;
                        *out = across(0) + (across(1) - across(0)) * y;
                    }
                }
            })?])
        }, else Err(vec![Fault::at("images", "must be of numbers")]))
    }
}
