//! `Softplus`: log(1 + exp(x)).

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    unary(
        "Softplus",
        "log(1 + exp(x)).",
        "A smooth Relu. Where x is so large that `exp(x)` swallows 1 it is x itself, and where so small that 1 \
         swallows `exp(x)`, that. The same bits on every machine; TensorFlow's differ \
         from them by up to 2e-6 of the value.",
    )
    .gradient("SoftplusGrad")
    .under("Activations")
    .operand(In::<Floating>::new("features", "Any shape."))
    .output::<Floating>("`log(1 + exp(features))`; shape of `features`.", &["activations"])
    .words(|_| Words::Formula("log(1 + exp(features))"))
    .kernel(float!(|x| x.softplus()))
);
