//! `ReciprocalGrad`: gradient of Reciprocal, from its output.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::gradient_of_output;
use crate::numbers::float;

register_block!(
    gradient_of_output(
        "ReciprocalGrad",
        "Gradient of Reciprocal, from its output.",
        "`-dy × y²`, where y is what Reciprocal gave. A gradient of 0 stays 0, whatever y is.",
    )
    .words(|_| Words::Formula("-(y × y) × dy"))
    .kernel(float!(|y, dy| if dy == 0.0 { 0.0 } else { -(y * y) * dy }))
);
