//! `Fill`: a tensor of one value.
//!
//! No edge cases: it copies an element without looking at it.

use node_core::type_rule::{Index, Same};
use node_core::why::Origin;
use node_core::{
    Block, BlockSpec, Element, Fault, In, InferCx, Kernel, KnownType, Out, PartialShape, Reason, RunCx, Shape, Tensor,
    TensorType, WhyCx, for_dtype, for_operand, register_block,
};

const DIMS: In<Index> = In::new("dims", "The shape to be; a vector.").of("index_type").parameter();
const VALUE: In<Same> = In::new("value", "The value; a scalar.");
const OUTPUT: Out<Same> = Out::new("output", "A tensor of the shape `dims` with `value` everywhere.");

register_block!(
    BlockSpec::new("Fill", "Arrays", "A tensor of one value.", "Makes a tensor of a shape with one value everywhere.")
        .ports([DIMS.port(), VALUE.port(), OUTPUT.port()])
        .code(Fill)
);

struct Fill;

impl Block for Fill {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (dims, value) = (cx.input(DIMS)?, cx.input(VALUE)?);
        for (port, input, rank) in [("dims", dims, 1), ("value", value, 0)] {
            if input.ty.shape.rank().is_some_and(|own| own != rank) {
                let what = if rank == 1 { "a vector" } else { "a scalar" };
                return Err(vec![Fault::at(port, format!("must be {what}, but has shape {}", input.ty.shape))]);
            }
        }
        let shape = match dims.value.as_ref().and_then(Tensor::integers) {
            Some(dims) => (&wanted(&dims)?).into(),
            None => match dims.ty.shape.dims().and_then(|dims| dims[0]) {
                Some(rank) if rank <= node_core::shape::MAX_RANK => PartialShape::of_dims(vec![None; rank]),
                _ => PartialShape::unknown(),
            },
        };
        Ok(vec![TensorType::new(value.ty.dtype, shape)])
    }

    fn kernels(&self, cx: &InferCx<'_>) -> Result<Vec<Kernel>, Vec<Fault>> {
        Ok(for_operand!(cx.dtype(VALUE)?, T => vec![Kernel::map(|value: T| value)], else Vec::new()))
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(cx.moved(Origin { input: cx.input_number(VALUE)?, item: 0, flat: 0 }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let (ty, value) = (&cx.outputs()[0], cx.tensor(VALUE)?);
        for_dtype!(ty.dtype, T => Ok(vec![filled::<T>(cx, ty, value)?]))
    }
}

fn filled<T: Element>(cx: &RunCx<'_>, ty: &KnownType, value: &Tensor) -> Result<Tensor, Vec<Fault>> {
    let value = value.slice::<T>().and_then(|value| value.first()).cloned().unwrap_or_default();
    cx.write::<T>(&ty.shape, 1 << 16, |_, out| out.fill(value.clone()))
}

fn wanted(dims: &[i64]) -> Result<Shape, Vec<Fault>> {
    let wrong = |message: String| vec![Fault::at("dims", message)];
    let dims = dims.iter().map(|dim| usize::try_from(*dim).map_err(|_| wrong(format!("{dim} is no length"))));
    Shape::new(dims.collect::<Result<Vec<_>, _>>()?).map_err(|error| wrong(error.to_string()))
}
