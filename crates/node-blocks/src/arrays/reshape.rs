//! `Reshape`: the same elements in another shape.
//!
//! No edge cases: it looks at no element.

use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, Out, PartialShape, Reason, RunCx, Shape, Tensor, TensorType, WhyCx,
    register_block,
};

const TENSOR: In<Same> = In::new("tensor", "Any tensor.");
const SHAPE: In<Index> =
    In::new("shape", "The shape to be; a vector. One length may be -1: it follows from the number of elements.")
        .of("Tshape")
        .parameter();
const OUTPUT: Out<Same> = Out::new("output", "The same elements, row-major, in the shape `shape`.");

register_block!(
    BlockSpec::new(
        "Reshape",
        "Arrays",
        "The same elements in another shape.",
        "Gives a tensor another shape of as many elements; their order stays. Nothing is copied.",
    )
    .ports([TENSOR.port(), SHAPE.port(), OUTPUT.port()])
    .code(Reshape)
);

struct Reshape;

impl Block for Reshape {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (tensor, shape) = (cx.input(TENSOR)?, cx.input(SHAPE)?);
        let of = |shape: PartialShape| vec![TensorType::new(tensor.ty.dtype, shape)];
        if shape.ty.shape.rank().is_some_and(|rank| rank != 1) {
            return Err(vec![Fault::at("shape", format!("must be a vector, but has shape {}", shape.ty.shape))]);
        }
        let Some(given) = shape.value.as_ref().and_then(Tensor::integers) else {
            let rank =
                shape.ty.shape.dims().and_then(|dims| dims[0]).filter(|rank| *rank <= node_core::shape::MAX_RANK);
            return Ok(of(rank.map_or_else(PartialShape::unknown, |rank| PartialShape::of_dims(vec![None; rank]))));
        };
        Ok(of(wanted(&given, tensor.ty.shape.known().as_ref())?))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(cx.moved(Origin { input: cx.input_number(TENSOR)?, item: 0, flat: cx.flat() }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let misfit = || vec![Fault::at("shape", "does not hold as many elements")];
        Ok(vec![cx.tensor(TENSOR)?.clone().reshaped(&cx.outputs()[0].shape).ok_or_else(misfit)?])
    }
}

/// The shape that is asked for, of a tensor of `from`, where that is known.
fn wanted(given: &[i64], from: Option<&Shape>) -> Result<PartialShape, Vec<Fault>> {
    let wrong = |message: String| vec![Fault::at("shape", message)];
    let mut dims = Vec::with_capacity(given.len());
    for length in given {
        match (usize::try_from(*length), length) {
            (Ok(length), _) => dims.push(Some(length)),
            (Err(_), -1) => dims.push(None),
            _ => return Err(wrong(format!("{length} is no length"))),
        }
    }
    let open = dims.iter().filter(|dim| dim.is_none()).count();
    if open > 1 {
        return Err(wrong("more than one length is -1".to_owned()));
    }
    let known: Vec<usize> = dims.iter().flatten().copied().collect();
    let others = Shape::new(&known).map_err(|error| wrong(error.to_string()))?.elements();
    let asked = PartialShape::of_dims(dims.clone());
    let Some(from) = from else { return Ok(asked) };
    let elements = from.elements();
    let message = || format!("a tensor of shape {from} has {elements} elements, which do not fill {asked}");
    match open {
        0 if others == elements => Ok(asked),
        1 if others == 0 && elements == 0 => {
            Err(wrong(format!("{asked}: any length would do for -1, where another is 0; name it")))
        }
        1 if others > 0 && elements % others == 0 => {
            Ok(PartialShape::of_dims(dims.into_iter().map(|dim| dim.or(Some(elements / others))).collect()))
        }
        _ => Err(wrong(message())),
    }
}
