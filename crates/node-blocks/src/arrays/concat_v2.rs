//! `ConcatV2`: tensors one after the other along an axis.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx, name,
    register_block,
};

use super::copy;
use crate::axis;

const VALUES: In<Same> = In::new("values", "Two tensors or more, alike in all dimensions but `axis`.").list(Some("N"));
const AXIS: In<Index> = In::new("axis", "The dimension along which they follow one another; a scalar.").parameter();
const OUTPUT: Out<Same> = Out::new("output", "The tensors, one after the other along `axis`.");

register_block!(
    BlockSpec::new(
        "ConcatV2",
        "Arrays",
        "Tensors one after the other along an axis.",
        "Concatenates the tensors of a list along `axis`, in the order of their wires; a negative axis counts from the \
         end. All other dimensions must agree.",
    )
    .ports([VALUES.port(), AXIS.port(), OUTPUT.port()])
    .aliases(["Concat", "Concatenate"])
    .code(ConcatV2)
);

struct ConcatV2;

impl Block for ConcatV2 {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let values = cx.list(VALUES);
        if values.len() < 2 {
            return Err(vec![Fault::at("values", "takes two tensors or more; wire another one to it").still_open()]);
        }
        let Some(at) = place(cx)? else {
            let rank = values.iter().find_map(|value| value.ty.shape.rank());
            let shape = rank.map_or_else(PartialShape::unknown, |rank| PartialShape::of_dims(vec![None; rank]));
            return Ok(vec![TensorType::new(values[0].ty.dtype, shape)]);
        };
        let mut together: Option<Vec<Option<usize>>> = None;
        let mut length = Some(0usize);
        for (item, value) in values.iter().enumerate() {
            let Some(dims) = value.ty.shape.dims() else {
                length = None;
                continue;
            };
            length = length.zip(dims.get(at).copied().flatten()).and_then(|(sum, own)| sum.checked_add(own));
            let open = dims.iter().enumerate().map(|(axis, dim)| dim.filter(|_| axis != at)).collect();
            let open = PartialShape::of_dims(open);
            let merged = match &together {
                None => Some(open),
                Some(dims) => PartialShape::of_dims(dims.clone()).merge(&open),
            };
            match merged.as_ref().and_then(PartialShape::dims) {
                Some(dims) => together = Some(dims.to_vec()),
                None => {
                    let message = format!("shape {} differs from the others' beside axis {at}", value.ty.shape);
                    return Err(vec![Fault::at(name::of_item("values", item), message)]);
                }
            }
        }
        let shape = together.map_or_else(PartialShape::unknown, |dims| axis::with(&dims, at, length));
        Ok(vec![TensorType::new(values[0].ty.dtype, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let (at, input) = (place(cx)?.unwrap_or_default(), cx.input_number(VALUES)?);
        let run = |item| Ok(cx.operand_type(input, item)?.shape.dims()[at..].iter().product());
        let runs = (0..cx.list(VALUES).len()).map(run).collect::<Result<Vec<usize>, Vec<Fault>>>()?;
        let (item, flat) = copy::part_of(&runs, cx.flat());
        Ok(cx.moved(Origin { input, item, flat }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let at = place(cx)?.unwrap_or_default();
        let tensors = cx.list(VALUES).iter().filter_map(|value| value.value.as_ref());
        let parts: Vec<(&Tensor, usize)> =
            tensors.map(|tensor| (tensor, tensor.shape().dims()[at..].iter().product())).collect();
        Ok(vec![copy::joined(cx, &parts, &cx.outputs()[0])?])
    }
}

/// The axis, if it and a tensor's number of dimensions are known.
fn place(cx: &InferCx<'_>) -> Result<Option<usize>, Vec<Fault>> {
    let given = cx.input(AXIS)?;
    if given.ty.shape.rank().is_some_and(|rank| rank != 0) {
        return Err(vec![Fault::at("axis", format!("must be a scalar, but has shape {}", given.ty.shape))]);
    }
    let known = given.value.as_ref().and_then(|value| value.integers()?.first().copied());
    let rank = cx.list(VALUES).iter().find_map(|value| value.ty.shape.rank());
    match (known, rank) {
        (_, Some(0)) => Err(vec![Fault::at("values", "scalars cannot be concatenated; Pack makes a vector of them")]),
        (Some(known), Some(rank)) => axis::of(known, rank, "axis").map(Some),
        _ => Ok(None),
    }
}
