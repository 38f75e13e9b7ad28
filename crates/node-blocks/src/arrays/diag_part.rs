//! `DiagPart`: the diagonal of a tensor.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving};

const KINDS: &[DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::Int32, DType::Int64];
const INPUT: In<Same> =
    In::new("input", "A tensor of an even number of dimensions, the first half as the second.").among(KINDS);
const DIAGONAL: Out<Same> =
    Out::new("output", "Its diagonal; the first half of the axes.").aliases(&["diagonal"]).among(KINDS);

register_block!(
    BlockSpec::new(
        "DiagPart",
        "Arrays",
        "The diagonal of a tensor.",
        "Of a tensor whose first half of axes is as its second: element [i…] is `input[i…, i…]`.",
    )
    .ports([INPUT.port(), DIAGONAL.port()])
    .code(Mover(DiagPart))
);

struct DiagPart;

impl Moving for DiagPart {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let shape = cx.shape(INPUT)?;
        let Some(dims) = shape.dims() else { return Ok(PartialShape::unknown()) };
        let (first, second) = dims.split_at(dims.len() / 2);
        let (first, second) = (PartialShape::of_dims(first.to_vec()), PartialShape::of_dims(second.to_vec()));
        match first.merge(&second) {
            Some(half) if !dims.is_empty() => Ok(half),
            _ => Err(vec![Fault::at(
                "input",
                format!("has shape {shape}, the second half of which must be as the first"),
            )]),
        }
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = (cx, from);
        let n = to.elements();
        Ok(Moves::axes(0, [(n, Along::Step(n as isize + 1))]))
    }
}
