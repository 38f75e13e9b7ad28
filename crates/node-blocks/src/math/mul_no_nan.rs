//! `MulNoNan`: x × y, or 0 where y is 0.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::elementwise::binary_of;
use crate::numbers::float;

register_block!(
    binary_of::<Floating>(
        "MulNoNan",
        "x × y, or 0 where y is 0.",
        "Element-wise product, broadcast; 0 where y is 0 or -0, even if x is NaN or infinite.",
        DType::FLOATING,
    )
    .output::<Floating>("`x × y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x × y"))
    .kernel(float!(|x, y| if y == 0.0 { 0.0 } else { x * y }))
);
