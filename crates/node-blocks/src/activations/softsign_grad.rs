//! `SoftsignGrad`: gradient of Softsign.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::gradient;
use crate::numbers::float;

register_block!(
    gradient::<Floating>("SoftsignGrad", "Gradient of Softsign.", "`gradients / (1 + |features|)²`.",)
        .under("Activations")
        .operand(In::<Floating>::new(
            "features",
            "The features passed to the block whose gradient it is; shape of `gradients`."
        ))
        .output::<Floating>("Gradients for the features; shape of `gradients`.", &["backprops"])
        .words(|_| Words::Formula("gradients / (1 + |features|)²"))
        .kernel(float!(|g, x| {
            let below = 1.0 + x.abs();
            g / (below * below)
        }))
);
