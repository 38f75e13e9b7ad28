//! `GreaterEqual`: x >= y, broadcast.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::binary;
use crate::numbers::asks;

register_block!(
    binary(
        "GreaterEqual",
        "x >= y, broadcast.",
        "True where x is greater than or equal to y, with NumPy's broadcasting. Nothing is greater than or equal \
         to NaN, nor NaN than anything; 0 equals -0.",
    )
    .under("Logic")
    .output::<bool>("`x >= y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x >= y"))
    .kernel(asks!(|x, y| x >= y))
);
