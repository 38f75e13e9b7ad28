//! `Tile`: A tensor repeated along its axes.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::{BlockSpec, Fault, In, InferCx, Out, PartialShape, Shape, register_block};

use super::moves::{Along, Mover, Moves, Moving, strides};
use crate::given;

const INPUT: In<Same> = In::new("input", "Any tensor.");
const MULTIPLES: In<Index> =
    In::new("multiples", "How often along each axis of `input`; a vector.").of("Tmultiples").parameter();
const OUTPUT: Out<Same> = Out::new("output", "`input`, repeated: `multiples[i]` times as long along axis i.");

register_block!(
    BlockSpec::new(
        "Tile",
        "Arrays",
        "A tensor repeated along its axes.",
        "Repeats the whole tensor `multiples[i]` times along axis i.",
    )
    .ports([INPUT.port(), MULTIPLES.port(), OUTPUT.port()])
    .code(Mover(Tile))
);

struct Tile;

impl Moving for Tile {
    const SOURCE: In<Same> = INPUT;

    fn shape(&self, cx: &InferCx<'_>) -> Result<PartialShape, Vec<Fault>> {
        let (dims, multiples) = (cx.shape(INPUT)?.dims(), given::vector(cx, MULTIPLES)?);
        let (Some(dims), Some(multiples)) = (dims, multiples) else {
            return Ok(given::of_rank(given::length(cx, MULTIPLES)?.or(cx.shape(INPUT)?.rank())));
        };
        if dims.len() != multiples.len() {
            let message = format!("has {} numbers, but input has {} dimensions", multiples.len(), dims.len());
            return Err(vec![Fault::at("multiples", message)]);
        }
        let overflow = || vec![Fault::at("multiples", "make a shape that overflows")];
        let times = |(dim, times): (&Option<usize>, &i64)| {
            let times = given::len(*times, "multiples")?;
            dim.map(|dim| dim.checked_mul(times).ok_or_else(overflow)).transpose()
        };
        given::shape(dims.iter().zip(&multiples).map(times).collect::<Result<_, _>>()?, "multiples")
    }

    fn moves(&self, cx: &InferCx<'_>, from: &Shape, to: &Shape) -> Result<Moves, Vec<Fault>> {
        let _ = cx;
        // Each axis is as many times the same as it fits.
        let parts = to.dims().iter().zip(from.dims()).zip(strides(from.dims()));
        let axes = parts.flat_map(|((to, from), stride)| {
            [(to / from.max(&1), Along::Step(0)), (*from, Along::Step(stride as isize))]
        });
        Ok(Moves::axes(0, axes))
    }
}
