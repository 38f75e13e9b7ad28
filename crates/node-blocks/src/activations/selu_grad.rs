//! `SeluGrad`: gradient of Selu.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use super::{SCALE, SCALE_ALPHA};
use crate::elementwise::gradient;
use crate::numbers::float;

register_block!(
    gradient::<Floating>(
        "SeluGrad",
        "Gradient of Selu.",
        "`gradients × (outputs + 1.7581)` where Selu gave less than 0, and `gradients × 1.0507` elsewhere.",
    )
    .under("Activations")
    .operand(In::<Floating>::new("outputs", "What the block whose gradient it is gave; shape of `gradients`."))
    .output::<Floating>("Gradients for the features; shape of `gradients`.", &["backprops"])
    .words(|_| Words::Formula("outputs < 0 ? gradients × (outputs + 1.7581) : gradients × 1.0507"))
    .kernel(float!(|g, y| if y < 0.0 { g * (y + SCALE_ALPHA as T) } else { g * SCALE as T }))
);
