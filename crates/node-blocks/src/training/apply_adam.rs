//! `ApplyAdam`: a variable moved by Adam.
//!
//! No edge cases: its operations are those of Mul, AddV2, Sub, RealDiv and Sqrt.

use node_core::type_rule::Floating;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, Out, Reason, Role, RunCx, Tensor, TensorType, WhyCx, register_block,
};

use super::updating::{Grade, each, elements, for_grade, infer, number};

const VAR: In<Floating> = In::new("var", "The Variable; any shape.");
const M: In<Floating> = In::new("m", "The running mean of the gradient, a Variable; shape of `var`.");
const V: In<Floating> = In::new("v", "The running mean of its square, a Variable; shape of `var`.");
const BETA1_POWER: In<Floating> =
    In::new("beta1_power", "`beta1` to the number of this step, counted from 1; a scalar.");
const BETA2_POWER: In<Floating> =
    In::new("beta2_power", "`beta2` to the number of this step, counted from 1; a scalar.");
const LR: In<Floating> = In::new("lr", "The learning rate; a scalar.");
const BETA1: In<Floating> = In::new("beta1", "What is left of `m`; a scalar, 0.9 say.");
const BETA2: In<Floating> = In::new("beta2", "What is left of `v`; a scalar, 0.999 say.");
const EPSILON: In<Floating> = In::new("epsilon", "What is added to the root of `v`; a scalar, 1e-8 say.");
const GRAD: In<Floating> = In::new("grad", "The gradient; shape of `var`.");
const USE_LOCKING: AttrKey<bool> =
    AttrKey::bool("use_locking", false, "Taken for TensorFlow's sake: updates never meet here.");
const USE_NESTEROV: AttrKey<bool> = AttrKey::bool("use_nesterov", false, "Whether it is Nadam.");
const OUT: Out<Floating> = Out::new("out", "What `var` is after the step.").aliases(&["output"]);
const M_OUT: Out<Floating> = Out::new("m_out", "What `m` is after the step; TensorFlow does not show it.");
const V_OUT: Out<Floating> = Out::new("v_out", "What `v` is after the step; TensorFlow does not show it.");

register_block!(
    BlockSpec::new(
        "ApplyAdam",
        "Training",
        "A variable moved by Adam.",
        "With `rate = lr √(1 - beta2_power) / (1 - beta1_power)`: `m` becomes `m + (grad - m)(1 - beta1)`, `v` becomes \
         `v + (grad² - v)(1 - beta2)`, and `var` becomes `var - m rate / (√v + epsilon)`; with `use_nesterov` it becomes \
         `var - (grad (1 - beta1) + beta1 m) rate / (√v + epsilon)`. All at the end of the step. The powers are Pow of \
         the betas and Step + 1.",
    )
    .aliases(["AdamOptimizer"])
    .role(Role::Update)
    .ports([VAR.port(), M.port(), V.port(), BETA1_POWER.port(), BETA2_POWER.port(), LR.port()])
    .ports([BETA1.port(), BETA2.port(), EPSILON.port(), GRAD.port(), OUT.port(), M_OUT.port(), V_OUT.port()])
    .attrs([USE_LOCKING.spec(), USE_NESTEROV.spec()])
    .code(ApplyAdam)
);

struct ApplyAdam;

const SCALARS: [&str; 6] = ["beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon"];

impl Block for ApplyAdam {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        infer(cx, &SCALARS)
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        Ok(Reason::of_itself(match cx.output() {
            0 => "var - m * rate / (sqrt(v) + epsilon), with m and v as this step makes them",
            1 => "m + (grad - m) * (1 - beta1)",
            _ => "v + (grad * grad - v) * (1 - beta2)",
        }))
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let nesterov = cx.attr(USE_NESTEROV)?;
        for_grade!(cx.dtype(VAR)?, T => moved::<T>(cx, nesterov))
    }
}

fn moved<T: Grade>(cx: &RunCx<'_>, nesterov: bool) -> Result<Vec<Tensor>, Vec<Fault>> {
    let mut numbers = [T::default(); 6];
    for (number_of, port) in numbers.iter_mut().zip(SCALARS) {
        *number_of = number::<T>(cx, port)?;
    }
    let [power1, power2, lr, beta1, beta2, epsilon] = numbers;
    let (rest1, rest2) = (T::one().minus(beta1), T::one().minus(beta2));
    let rate = lr.times(T::one().minus(power2).root()).over(T::one().minus(power1));
    let [var, m, v, grad] = ["var", "m", "v", "grad"].map(|port| elements::<T>(cx, port));
    each(cx, |output, at| {
        let mean = m[at].plus(grad[at].minus(m[at]).times(rest1));
        let square = v[at].plus(grad[at].times(grad[at]).minus(v[at]).times(rest2));
        match output {
            0 => {
                let towards = if nesterov { grad[at].times(rest1).plus(beta1.times(mean)) } else { mean };
                var[at].minus(towards.times(rate).over(square.root().plus(epsilon)))
            }
            1 => mean,
            _ => square,
        }
    })
}
