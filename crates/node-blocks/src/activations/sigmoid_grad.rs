//! `SigmoidGrad`: gradient of Sigmoid, from its output.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::gradient_of_output;
use crate::numbers::float;

register_block!(
    gradient_of_output(
        "SigmoidGrad",
        "Gradient of Sigmoid, from its output.",
        "`dy × y × (1 - y)`, where y is what Sigmoid gave.",
    )
    .under("Activations")
    .words(|_| Words::Formula("dy × y × (1 - y)"))
    .kernel(float!(|y, dy| dy * y * (1.0 - y)))
);
