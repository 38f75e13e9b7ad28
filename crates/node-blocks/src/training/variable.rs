//! `Variable`: a tensor that stays from step to step.
//!
//! No edge cases: it copies elements without looking at them.

use node_core::type_rule::Same;
use node_core::{
    AttrKey, Block, BlockSpec, DType, Fault, In, InferCx, Out, PartialShape, Reason, Role, RunCx, Tensor, TensorType,
    WhyCx, register_block,
};

const DTYPE: AttrKey<DType> = AttrKey::dtype("dtype", "The data type; that of `initial` if not set, else float32.");
const SHAPE: AttrKey<PartialShape> = AttrKey::shape("shape", "The shape, -1 for unknown dimensions; any if not set.");
const INITIAL: In<Same> = In::new("initial", "What it is before the first step.")
    .of("dtype")
    .optional()
    .aliases(&["initial_value", "initvalues"]);
const OUTPUT: Out<Same> = Out::new("output", "What it is as the step begins.").of("dtype").aliases(&["ref"]);

register_block!(
    BlockSpec::new(
        "Variable",
        "Training",
        "A tensor that stays from step to step.",
        "Gives what it is as a step begins: `initial` before the first, then what an update (Assign…, Apply…) has made of \
         it at the end of the step before. Only steps change it: Run › Training, or `nudge run --steps N`. The page's file \
         keeps the initial value; \"keep these values\" writes what has become of it there.",
    )
    .aliases(["VariableV2", "VarHandleOp", "weights"])
    .role(Role::Variable)
    .attrs([DTYPE.spec(), SHAPE.spec()])
    .ports([INITIAL.port(), OUTPUT.port()])
    .code(Variable)
);

struct Variable;

impl Block for Variable {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let shape = cx.find_attr(SHAPE).unwrap_or_default();
        let initial = cx.find(INITIAL).map(|initial| &initial.ty);
        let dtype = cx.find_attr(DTYPE).or(initial.map(|ty| ty.dtype)).unwrap_or(DType::Float32);
        if let Some(held) = cx.fed() {
            return match held.dtype() == dtype && shape.admits(held.shape()) {
                true => Ok(vec![held.tensor_type()]),
                false => {
                    let message = format!(
                        "is {} {} after the steps so far, but is declared {dtype} {shape}; reset the training, or declare \
                         what it is",
                        held.dtype(),
                        held.shape()
                    );
                    Err(vec![Fault::at("output", message)])
                }
            };
        }
        let Some(initial) = initial else {
            return Err(vec![
                Fault::at("initial", "is missing: a Variable must be something before the first step").still_open(),
            ]);
        };
        match initial.shape.merge(&shape) {
            Some(both) => Ok(vec![TensorType::new(dtype, both)]),
            None => {
                let message = format!("has shape {}, but shape says {shape}", initial.shape);
                Err(vec![Fault::at("initial", message)])
            }
        }
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        match cx.fed() {
            Some(_) => Ok(Reason::of_itself("as the last step has left it")),
            None => Ok(cx.moved(node_core::why::Origin { input: cx.input_number(INITIAL)?, item: 0, flat: cx.flat() })),
        }
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        match cx.fed() {
            Some(held) => Ok(vec![held.clone()]),
            None => Ok(vec![cx.tensor(INITIAL)?.clone()]),
        }
    }
}
