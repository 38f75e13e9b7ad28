//! `MatrixDiagPart`: the diagonals of matrices.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving};

const INPUT: In<Same> = In::new("input", "Matrices; at least two dimensions.").among(DType::NUMERIC);
const DIAGONAL: Out<Same> =
    Out::new("output", "Their diagonals, as long as the shorter side.").aliases(&["diagonal"]).among(DType::NUMERIC);

register_block!(
    BlockSpec::new(
        "MatrixDiagPart",
        "Arrays",
        "The diagonals of matrices.",
        "The diagonal of each matrix along the last two axes.",
    )
    .ports([INPUT.port(), DIAGONAL.port()])
    .code(Mover(MatrixDiagPart))
);

struct MatrixDiagPart;

impl Moving for MatrixDiagPart {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let shape = cx.shape(INPUT)?;
        match shape.dims() {
            None => Ok(PartialShape::unknown()),
            Some([batch @ .., rows, columns]) => {
                let short = rows.zip(*columns).map(|(rows, columns)| rows.min(columns));
                Ok(PartialShape::of_dims(batch.iter().copied().chain([short]).collect()))
            }
            Some(_) => Err(vec![Fault::at("input", format!("must be of matrices, but has shape {shape}"))]),
        }
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = cx;
        let [.., rows, columns] = *from.dims() else { return Ok(Moves::axes(0, [])) };
        let short = rows.min(columns);
        let batch = to.elements() / short.max(1);
        let axes = [(batch, Along::Step((rows * columns) as isize)), (short, Along::Step(columns as isize + 1))];
        Ok(Moves::axes(0, axes))
    }
}
