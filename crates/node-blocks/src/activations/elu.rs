//! `Elu`: x, or exp(x) - 1 below 0.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Elu",
        "x, or exp(x) - 1 below 0.",
        "Exponential linear: goes smoothly to -1 below 0. The same bits on every machine; \
         TensorFlow's differ from them by up to 2e-6 of the value, or by 1e-7: it computes `exp(x) - 1`, \
         which loses the digits of a small x.",
    )
    .gradient("EluGrad")
    .under("Activations")
    .operand(In::<Floating>::new("features", "Any shape."))
    .output::<Floating>("`features < 0 ? exp(features) - 1 : features`; shape of `features`.", &["activations"])
    .words(|_| Words::Formula("features < 0 ? exp(features) - 1 : features"))
    .kernel(float!(|x| if x < 0.0 { Transcendental::exp_m1(x) } else { x }))
);
