//! `Softsign`: x / (1 + |x|).

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary("Softsign", "x / (1 + |x|).", "From -1 to 1, as Tanh, but slower.",)
        .gradient("SoftsignGrad")
        .under("Activations")
        .operand(In::<Floating>::new("features", "Any shape."))
        .output::<Floating>("`features / (1 + |features|)`; shape of `features`.", &["activations"])
        .words(|_| Words::Formula("features / (1 + |features|)"))
        .kernel(float!(|x| x / (1.0 + x.abs())))
);
