//! `AddN`: the sum of tensors of one shape.
//!
//! No edge cases: it adds as AddV2 does, in the order of the wires.

use node_core::kernel::Operand;
use node_core::type_rule::Real;
use node_core::why::{Named, Origin};
use node_core::{
    Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType, WhyCx,
    for_operand, name, register_block,
};

use crate::numbers::Arithmetic;

const INPUTS: In<Real> = In::new("inputs", "One tensor or more, of one shape.").list(Some("N"));
const OUTPUT: Out<Real> = Out::new("output", "Their sum; the same shape.").aliases(&["sum"]);

register_block!(
    BlockSpec::new(
        "AddN",
        "Math",
        "The sum of tensors of one shape.",
        "Adds the tensors of a list element by element, in the order of their wires and without broadcasting. Integers \
         wrap. TensorFlow adds up to eight at once in an order of its own; the results agree to about 2e-6.",
    )
    .ports([INPUTS.port(), OUTPUT.port()])
    .code(AddN)
);

struct AddN;

impl Block for AddN {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let inputs = cx.list(INPUTS);
        let mut shape = PartialShape::unknown();
        for (item, input) in inputs.iter().enumerate() {
            shape = shape.merge(&input.ty.shape).ok_or_else(|| {
                let message = format!("shape {} differs from the others' shape {shape}", input.ty.shape);
                vec![Fault::at(name::of_item("inputs", item), message)]
            })?;
        }
        let dtype = inputs.first().map(|input| input.ty.dtype).ok_or_else(|| vec![Fault::at("inputs", "is empty")])?;
        Ok(vec![TensorType::new(dtype, shape)])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        let input = cx.input_number(INPUTS)?;
        let from: Vec<Origin> =
            (0..cx.list(INPUTS).len()).map(|item| Origin { input, item, flat: cx.flat() }).collect();
        let told = cx.told(&from)?;
        let sum = |term: fn(&Named) -> String| told.iter().map(term).collect::<Vec<_>>().join(" + ");
        let because = format!("{} = {}", sum(|told| told.name.clone()), sum(|told| told.value.to_string()));
        Ok(Reason { because, from, ..Reason::default() })
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let tensors: Vec<&Tensor> = cx.list(INPUTS).iter().filter_map(|input| input.value.as_ref()).collect();
        let ty = &cx.outputs()[0];
        for_operand!(ty.dtype, T => Ok(vec![sum::<T>(cx, &tensors, ty)?]), else Err(vec![Fault::at("inputs", "adds numbers")]))
    }
}

fn sum<T: Operand + Arithmetic>(cx: &RunCx<'_>, tensors: &[&Tensor], ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let operands: Vec<&[T]> = tensors.iter().map(|tensor| tensor.slice().unwrap_or_default()).collect();
    cx.write::<T>(&ty.shape, 1 << 15, |first, out| {
        for (nth, operand) in operands.iter().enumerate() {
            let part = &operand[first..first + out.len()];
            match nth {
                0 => out.copy_from_slice(part),
                _ => out.iter_mut().zip(part).for_each(|(sum, v)| *sum = sum.plus(*v)),
            }
        }
    })
}
