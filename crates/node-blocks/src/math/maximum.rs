//! `Maximum`: the greater of x and y, broadcast.

use node_core::register_block;
use node_core::type_rule::Real;
use node_core::why::Words;

use crate::elementwise::binary;
use crate::numbers::{Extreme, real};

register_block!(
    binary(
        "Maximum",
        "The greater of x and y, broadcast.",
        "The greater of two, with NumPy's broadcasting. NaN wins over every number.",
    )
    .output::<Real>("`max(x, y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("max(x, y)"))
    .kernel(real!(|x, y| x.greater(y)))
);
