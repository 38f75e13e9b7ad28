//! `MatrixDiag`: matrices with these diagonals.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving};
use crate::given;

const DIAGONAL: In<Same> = In::new("diagonal", "One diagonal or more; at least one dimension.").among(DType::NUMERIC);
const OUTPUT: Out<Same> = Out::new("output", "The matrices; the last axis of `diagonal` twice.").among(DType::NUMERIC);

register_block!(
    BlockSpec::new(
        "MatrixDiag",
        "Arrays",
        "Matrices with these diagonals.",
        "Each vector along the last axis becomes the diagonal of a square matrix that is 0 elsewhere.",
    )
    .ports([DIAGONAL.port(), OUTPUT.port()])
    .code(Mover(MatrixDiag))
);

struct MatrixDiag;

impl Moving for MatrixDiag {
    const SOURCE: In<Same> = DIAGONAL;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(dims) = cx.shape(DIAGONAL)?.dims() else { return Ok(PartialShape::unknown()) };
        let Some(last) = dims.last() else {
            return Err(vec![Fault::at("diagonal", "is a scalar, which is no diagonal")]);
        };
        given::shape(dims.iter().chain([last]).copied().collect(), "diagonal")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = (cx, to);
        let n = from.dims().last().copied().unwrap_or_default();
        let matrix = (n * n).max(1);
        let from = move |at: usize| {
            let (row, column) = (at % matrix / n, at % n);
            (row == column).then_some(at / matrix * n + row)
        };
        Ok(Moves::Rows { run: 1, from: Box::new(from) })
    }
}
