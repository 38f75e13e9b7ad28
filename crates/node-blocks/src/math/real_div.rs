//! `RealDiv`: x / y, broadcast.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::division::Quotient;
use crate::elementwise::binary_of;
use crate::numbers::float;

register_block!(
    binary_of::<Floating>(
        "RealDiv",
        "x / y, broadcast.",
        "Element-wise quotient of floating-point numbers, with NumPy's broadcasting: x / 0 is an infinity, 0 / 0 \
         NaN.",
        DType::FLOATING,
    )
    .aliases(["Divide", "Div"])
    .output::<Floating>("`x / y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x / y"))
    .kernel(float!(|x, y| x.over(y)))
);
