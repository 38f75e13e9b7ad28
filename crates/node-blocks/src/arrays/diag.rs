//! `Diag`: A tensor with this diagonal.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Mover, Moves, Moving};
use crate::given;

const KINDS: &[DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::Int32, DType::Int64];
const DIAGONAL: In<Same> = In::new("diagonal", "The diagonal; at least one dimension.").among(KINDS);
const OUTPUT: Out<Same> = Out::new("output", "A tensor with it; the axes of `diagonal` twice.").among(KINDS);

register_block!(
    BlockSpec::new(
        "Diag",
        "Arrays",
        "A tensor with this diagonal.",
        "The output has the axes of `diagonal` twice: element [i…, i…] is `diagonal[i…]`, all others are 0.",
    )
    .ports([DIAGONAL.port(), OUTPUT.port()])
    .code(Mover(Diag))
);

struct Diag;

impl Moving for Diag {
    const SOURCE: In<Same> = DIAGONAL;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let Some(dims) = cx.shape(DIAGONAL)?.dims() else { return Ok(PartialShape::unknown()) };
        if dims.is_empty() {
            return Err(vec![Fault::at("diagonal", "is a scalar, which is no diagonal")]);
        }
        given::shape(dims.iter().chain(dims).copied().collect(), "diagonal")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = (cx, to);
        let n = from.elements().max(1);
        Ok(Moves::Rows { run: 1, from: Box::new(move |at| (at / n == at % n).then_some(at / n)) })
    }
}
