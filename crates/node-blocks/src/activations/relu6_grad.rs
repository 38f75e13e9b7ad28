//! `Relu6Grad`: the gradient of `Relu6`.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::gradient;
use crate::numbers::{Arithmetic, real};

register_block!(
    gradient::<Real>(
        "Relu6Grad",
        "Gradient of Relu6.",
        "Passes a gradient where 0 < features < 6 and stops it elsewhere, at 0 and 6 and for NaN too. \
         The gradient is multiplied by 1 or 0: stopped, a negative one gives -0, and an infinite one or NaN \
         gives NaN.",
    )
    .under("Activations")
    .operand(In::<Real>::new(
        "features",
        "The features passed to Relu6, or its output: both give the same; shape of `gradients`.",
    ))
    .output::<Real>("Gradients for `features`; shape of `gradients`.", &["backprops"])
    .words(|operands| match operands {
        [_, features] if features.number() > 0.0 && features.number() < 6.0 => {
            Words::Because("gradients × 1", format!("{features} lies between 0 and 6"))
        }
        [_, features] => Words::Because("gradients × 0", format!("{features} does not lie between 0 and 6")),
        _ => Words::Formula("gradients"),
    })
    .kernel(real!(|g, x| g.times(if x > 0 as T && x < 6 as T { 1 as T } else { 0 as T })))
);
