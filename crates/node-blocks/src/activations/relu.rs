//! `Relu`: max(x, 0).

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::real;

register_block!(
    unary("Relu", "max(x, 0).", "Rectified linear: what is below 0 becomes 0. NaN stays NaN; -0 becomes 0.",)
        .under("Activations")
        .operand(In::<Real>::new("features", "Any shape."))
        .output::<Real>("`max(features, 0)`; shape of `features`.", &["activations"])
        .words(|_| Words::Formula("max(features, 0)"))
        .kernel(real!(|x| if x <= 0 as T { 0 as T } else { x }))
);
