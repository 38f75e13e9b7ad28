//! `EluGrad`: gradient of Elu.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::gradient;
use crate::numbers::float;

register_block!(
    gradient::<Floating>(
        "EluGrad",
        "Gradient of Elu.",
        "The gradient as it is where Elu gave 0 or more, and `gradients × (outputs + 1)` below.",
    )
    .under("Activations")
    .operand(In::<Floating>::new("outputs", "What the block whose gradient it is gave; shape of `gradients`."))
    .output::<Floating>("Gradients for the features; shape of `gradients`.", &["backprops"])
    .words(|_| Words::Formula("outputs < 0 ? (outputs + 1) × gradients : gradients"))
    .kernel(float!(|g, y| if y < 0.0 { (y + 1.0) * g } else { g }))
);
