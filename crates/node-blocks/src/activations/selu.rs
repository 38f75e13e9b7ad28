//! `Selu`: scaled Elu.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use super::{SCALE, SCALE_ALPHA};
use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Selu",
        "Scaled Elu.",
        "`1.0507 × x` above 0 and `1.7581 × (exp(x) - 1)` below: the scales for which layers keep mean 0 and \
         variance 1. The same bits on every machine; TensorFlow's differ from them by up \
         to 2e-6 of the value, or by 1e-7: it computes `exp(x) - 1`, which loses the digits of a small x.",
    )
    .gradient("SeluGrad")
    .under("Activations")
    .operand(In::<Floating>::new("features", "Any shape."))
    .output::<Floating>(
        "`features < 0 ? 1.7581 × (exp(features) - 1) : 1.0507 × features`; shape of `features`.",
        &["activations"]
    )
    .words(|_| Words::Formula("features < 0 ? 1.7581 × (exp(features) - 1) : 1.0507 × features"))
    .kernel(float!(|x| if x < 0.0 { SCALE_ALPHA as T * Transcendental::exp_m1(x) } else { SCALE as T * x }))
);
