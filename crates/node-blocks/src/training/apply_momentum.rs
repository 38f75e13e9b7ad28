//! `ApplyMomentum`: a variable moved against a running sum of its gradients.
//!
//! No edge cases: it multiplies, adds and subtracts as Mul, AddV2 and Sub do.

use node_core::type_rule::Floating;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, Reason, Role, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::updating::{Grade, each, elements, for_grade, infer, number};

const VAR: In<Floating> = In::new("var", "The Variable; any shape.");
const ACCUM: In<Floating> = In::new("accum", "The running sum, another Variable; shape of `var`.");
const LR: In<Floating> = In::new("lr", "The learning rate; a scalar.");
const GRAD: In<Floating> = In::new("grad", "The gradient; shape of `var`.");
const MOMENTUM: In<Floating> = In::new("momentum", "What is left of the sum; a scalar.");
const USE_LOCKING: AttrKey<bool> =
    AttrKey::bool("use_locking", false, "Taken for TensorFlow's sake: updates never meet here.");
const USE_NESTEROV: AttrKey<bool> =
    AttrKey::bool("use_nesterov", false, "Whether the gradient is looked at where the momentum will have led.");
const OUT: Out<Floating> = Out::new("out", "What `var` is after the step.").aliases(&["output"]);
const ACCUM_OUT: Out<Floating> = Out::new("accum_out", "What `accum` is after the step; TensorFlow does not show it.");

register_block!(
    BlockSpec::new(
        "ApplyMomentum",
        "Training",
        "A variable moved against a running sum of its gradients.",
        "`accum` becomes `accum momentum + grad`, and `var` becomes `var - accum lr`; with `use_nesterov` it becomes \
         `var - (grad lr + accum momentum lr)`. Both at the end of the step: other blocks see what they were before.",
    )
    .aliases(["MomentumOptimizer"])
    .role(Role::Update)
    .ports([VAR.port(), ACCUM.port(), LR.port(), GRAD.port(), MOMENTUM.port(), OUT.port(), ACCUM_OUT.port()])
    .attrs([USE_LOCKING.spec(), USE_NESTEROV.spec()])
    .code(ApplyMomentum)
);

struct ApplyMomentum;

impl Block for ApplyMomentum {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx, &["lr", "momentum"])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(Reason::of_itself(match cx.output() {
            0 => "var - (accum * momentum + grad) * lr, or Nesterov's",
            _ => "accum * momentum + grad",
        }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let nesterov = cx.attr(USE_NESTEROV)?;
        for_grade!(cx.dtype(VAR)?, T => moved::<T>(cx, nesterov))
    }
}

fn moved<T: Grade>(cx: &RunCx<'_>, nesterov: bool) -> Result<Vec<Tensor>, Vec<Fault>> {
    let (lr, momentum) = (number::<T>(cx, "lr")?, number::<T>(cx, "momentum")?);
    let [var, accum, grad] = ["var", "accum", "grad"].map(|port| elements::<T>(cx, port));
    each(cx, |output, at| {
        let sum = accum[at].times(momentum).plus(grad[at]);
        match (output, nesterov) {
            (0, false) => var[at].minus(sum.times(lr)),
            (0, true) => var[at].minus(grad[at].times(lr).plus(sum.times(momentum).times(lr))),
            _ => sum,
        }
    })
}
