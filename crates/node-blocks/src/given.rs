//! What is given by inputs that are parameters: whole numbers, as far as they are known.

use node_core::type_rule::PortTypes;
use node_core::{Fault, In, InferCx, PartialShape, Shape, Tensor};

/// The whole numbers of a vector, if they are known by now; a scalar counts as one.
pub fn vector<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<Option<Vec<i64>>, Vec<Fault>> {
    let input = cx.input(port)?;
    if let Some(rank) = input.ty.shape.rank().filter(|rank| *rank > 1) {
        return Err(vec![Fault::at(port.name(), format!("must be a vector, but has {rank} dimensions"))]);
    }
    Ok(input.value.as_ref().and_then(Tensor::integers))
}

/// How long a vector is, if that is known.
pub fn length<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<Option<usize>, Vec<Fault>> {
    Ok(cx.shape(port)?.dims().and_then(|dims| dims.first().copied().flatten()))
}

/// A whole number, if it is known by now.
pub fn scalar<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<Option<i64>, Vec<Fault>> {
    must_be_scalar(cx, port)?;
    Ok(cx.input(port)?.value.as_ref().and_then(|value| value.integers()?.first().copied()))
}

/// Refuses an input that is no scalar.
pub fn must_be_scalar<T: PortTypes>(cx: &InferCx<'_>, port: In<T>) -> Result<(), Vec<Fault>> {
    let shape = cx.shape(port)?;
    match shape.rank() {
        None | Some(0) => Ok(()),
        Some(_) => Err(vec![Fault::at(port.name(), format!("must be a scalar, but has shape {shape}"))]),
    }
}

/// The dimensions of an input, if it is known how many there are; refused if they are not `rank`.
pub fn dims<'a, T: PortTypes>(
    cx: &InferCx<'a>,
    port: In<T>,
    rank: usize,
) -> Result<Option<&'a [Option<usize>]>, Vec<Fault>> {
    let shape = cx.shape(port)?;
    match shape.dims() {
        Some(dims) if dims.len() != rank => {
            let many = if rank == 1 { "one dimension".to_owned() } else { format!("{rank} dimensions") };
            Err(vec![Fault::at(port.name(), format!("must have {many}, but has shape {shape}"))])
        }
        dims => Ok(dims),
    }
}

/// A length, refused if it is negative.
pub fn len(length: i64, port: &'static str) -> Result<usize, Vec<Fault>> {
    usize::try_from(length).map_err(|_| vec![Fault::at(port, format!("{length} is no length"))])
}

/// A shape that is not too large to be one.
pub fn shape(dims: Vec<Option<usize>>, port: &'static str) -> Result<PartialShape, Vec<Fault>> {
    let known: Vec<usize> = dims.iter().flatten().copied().collect();
    Shape::new(&known).map_err(|error| vec![Fault::at(port, error.to_string())])?;
    Ok(PartialShape::of_dims(dims))
}

/// A shape of this many dimensions, none of which is known.
pub fn of_rank(rank: Option<usize>) -> PartialShape {
    match rank {
        Some(rank) if rank <= node_core::shape::MAX_RANK => PartialShape::of_dims(vec![None; rank]),
        _ => PartialShape::unknown(),
    }
}
