//! `TanhGrad`: gradient of Tanh, from its output.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::gradient_of_output;
use crate::numbers::float;

register_block!(
    gradient_of_output(
        "TanhGrad",
        "Gradient of Tanh, from its output.",
        "`dy × (1 - y²)`, where y is what Tanh gave.",
    )
    .words(|_| Words::Formula("dy × (1 - y × y)"))
    .kernel(float!(|y, dy| dy * (1.0 - y * y)))
);
