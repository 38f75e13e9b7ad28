//! `Less`: x < y, broadcast.

use node_core::register_block;
use node_core::why::Words;

use crate::elementwise::binary;
use crate::numbers::asks;

register_block!(
    binary(
        "Less",
        "x < y, broadcast.",
        "True where x is less than y, with NumPy's broadcasting. Nothing is less than NaN, nor NaN than anything; \
         0 equals -0.",
    )
    .under("Logic")
    .output::<bool>("`x < y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x < y"))
    .kernel(asks!(|x, y| x < y))
);
