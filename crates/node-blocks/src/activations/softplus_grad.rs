//! `SoftplusGrad`: gradient of Softplus.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::gradient;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    gradient::<Floating>(
        "SoftplusGrad",
        "Gradient of Softplus.",
        "`gradients / (exp(-features) + 1)`. The same bits on every machine; TensorFlow's differ from them by up \
         to 2e-6 of the value.",
    )
    .under("Activations")
    .operand(In::<Floating>::new(
        "features",
        "The features passed to the block whose gradient it is; shape of `gradients`."
    ))
    .output::<Floating>("Gradients for the features; shape of `gradients`.", &["backprops"])
    .words(|_| Words::Formula("gradients / (exp(-features) + 1)"))
    .kernel(float!(|g, x| g / (Transcendental::exp(-x) + 1.0)))
);
