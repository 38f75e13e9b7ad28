//! `SqrtGrad`: gradient of Sqrt, from its output.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::gradient_of_output;
use crate::numbers::float;

register_block!(
    gradient_of_output(
        "SqrtGrad",
        "Gradient of Sqrt, from its output.",
        "`0.5 × dy / y`, where y is what Sqrt gave. A gradient of 0 stays 0, whatever y is.",
    )
    .words(|_| Words::Formula("0.5 × dy / y"))
    .kernel(float!(|y, dy| if dy == 0.0 { 0.0 } else { 0.5 * dy / y }))
);
