//! `ReluGrad`: gradient of Relu.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::gradient;
use crate::numbers::{Arithmetic, real};

register_block!(
    gradient::<Real>(
        "ReluGrad",
        "Gradient of Relu.",
        "Passes a gradient where features > 0 and stops it elsewhere, for NaN too. The gradient is multiplied by 1 \
         or 0: stopped, a negative one gives -0, and an infinite one or NaN gives NaN.",
    )
    .under("Activations")
    .operand(In::<Real>::new(
        "features",
        "The features passed to Relu, or its output: both give the same; shape of `gradients`."
    ))
    .output::<Real>("Gradients for the features; shape of `gradients`.", &["backprops"])
    .words(|operands| match operands {
        [_, features] if features.number() > 0.0 => Words::Because("gradients × 1", format!("{features} is above 0")),
        [_, features] => Words::Because("gradients × 0", format!("{features} is not above 0")),
        _ => Words::Formula("gradients"),
    })
    .kernel(real!(|g, x| g.times(if x > 0 as T { 1 as T } else { 0 as T })))
);
