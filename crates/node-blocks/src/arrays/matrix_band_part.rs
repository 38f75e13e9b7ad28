//! `MatrixBandPart`: what lies near the diagonals of matrices.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving};
use crate::given;

const INPUT: In<Same> = In::new("input", "Matrices; at least two dimensions.").among(DType::NUMERIC);
const NUM_LOWER: In<Index> =
    In::new("num_lower", "How many diagonals to keep below; a scalar, negative for all.").of("Tindex").parameter();
const NUM_UPPER: In<Index> =
    In::new("num_upper", "How many diagonals to keep above; a scalar, negative for all.").of("Tindex").parameter();
const BAND: Out<Same> =
    Out::new("output", "The matrices, 0 elsewhere; shape of `input`.").aliases(&["band"]).among(DType::NUMERIC);

register_block!(
    BlockSpec::new(
        "MatrixBandPart",
        "Arrays",
        "What lies near the diagonals of matrices.",
        "Keeps what is at most `num_lower` below the diagonal and at most `num_upper` above it, in each matrix \
         along the last two axes; all that are below, or above, where the number is negative. The others become 0.",
    )
    .ports([INPUT.port(), NUM_LOWER.port(), NUM_UPPER.port(), BAND.port()])
    .code(Mover(MatrixBandPart))
);

struct MatrixBandPart;

impl Moving for MatrixBandPart {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let shape = cx.shape(INPUT)?;
        let sides = shape.dims().map(|dims| dims.len().checked_sub(2).map(|batch| (dims[batch], dims[batch + 1])));
        if sides == Some(None) {
            return Err(vec![Fault::at("input", format!("must be of matrices, but has shape {shape}"))]);
        }
        let (rows, columns) = sides.flatten().unwrap_or_default();
        for (port, side) in [(NUM_LOWER, rows), (NUM_UPPER, columns)] {
            if let (Some(number), Some(side)) = (given::scalar(cx, port)?, side)
                && number > side as i64
            {
                return Err(vec![Fault::at(port.name(), format!("is {number}, but the matrices have {side} there"))]);
            }
        }
        Ok(shape.clone())
    }

    fn moves(&self, cx: &InferCx<'_>, _: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let [.., rows, columns] = *to.dims() else { return Ok(Moves::axes(0, [])) };
        let band = |port| {
            given::scalar(cx, port)
                .map(|number| number.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)))
        };
        let (lower, upper) = (band(NUM_LOWER)?, band(NUM_UPPER)?);
        let kept =
            move |row: usize, column: usize| row.saturating_sub(column) <= lower && column.saturating_sub(row) <= upper;
        let matrix = (rows * columns).max(1);
        let is_kept = move |at: &usize| kept(at % matrix / columns, at % columns);
        Ok(Moves::Rows { run: 1, from: Box::new(move |at| Some(at).filter(is_kept)) })
    }
}
