//! `Minimum`: the lesser of x and y, broadcast.

use node_core::register_block;
use node_core::type_rule::Real;
use node_core::why::Words;

use crate::elementwise::binary;
use crate::numbers::{Extreme, real};

register_block!(
    binary(
        "Minimum",
        "The lesser of x and y, broadcast.",
        "The lesser of two, with NumPy's broadcasting. NaN wins over every number.",
    )
    .output::<Real>("`min(x, y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("min(x, y)"))
    .kernel(real!(|x, y| x.lesser(y)))
);
