//! `CheckNumerics`: the same tensor, unless it holds NaN or infinity.
//!
//! No edge cases: NaN and infinities are refused, and all else is passed on.

use std::sync::Arc;

use node_core::kernel::Operand as _;
use node_core::type_rule::Floating;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, Reason, RunCx, Tensor, TensorType, WhyCx, for_operand,
    register_block,
};

use crate::division;

const TENSOR: In<Floating> = In::new("tensor", "Any shape.");
const MESSAGE: AttrKey<Arc<str>> = AttrKey::text("message", "", "What is said before what was found.");
const OUTPUT: Out<Floating> = Out::new("output", "The same tensor.");

register_block!(
    BlockSpec::new(
        "CheckNumerics",
        "Logic",
        "The same tensor, unless it holds NaN or infinity.",
        "Passes its input on; a run in which it holds NaN or an infinity stops here, with `message` and the first \
         such element.",
    )
    .ports([TENSOR.port()])
    .attrs([MESSAGE.spec()])
    .ports([OUTPUT.port()])
    .code(CheckNumerics)
);

struct CheckNumerics;

impl Block for CheckNumerics {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        if let Some(tensor) = cx.find_tensor(TENSOR) {
            refuse(cx, tensor)?;
        }
        Ok(vec![cx.input(TENSOR)?.ty.clone()])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(cx.moved(Origin { input: cx.input_number(TENSOR)?, item: 0, flat: cx.flat() }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let tensor = cx.tensor(TENSOR)?;
        refuse(cx, tensor)?;
        Ok(vec![tensor.clone()])
    }
}

fn refuse(cx: &InferCx<'_>, tensor: &Tensor) -> Result<(), Vec<Fault>> {
    let found = for_operand!(tensor.dtype(), T => {
        tensor.slice::<T>().unwrap_or_default().iter().position(|element| !element.as_f64().is_finite())
    }, else None);
    let Some(flat) = found else { return Ok(()) };
    let message = cx.attr(MESSAGE)?;
    let lead = if message.is_empty() { String::new() } else { format!("{message}: ") };
    let value = tensor.element(flat).map(|value| value.to_string()).unwrap_or_default();
    Err(vec![Fault::at("tensor", format!("{lead}element {} is {value}", division::index(tensor, flat)))])
}
