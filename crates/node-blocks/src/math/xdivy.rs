//! `Xdivy`: x / y, or 0 where x is 0.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::division::Quotient;
use crate::elementwise::binary_of;
use crate::numbers::float;

register_block!(
    binary_of::<Floating>(
        "Xdivy",
        "x / y, or 0 where x is 0.",
        "Element-wise quotient, broadcast; 0 where x is 0 or -0, even if y is 0 or NaN.",
        DType::FLOATING,
    )
    .output::<Floating>("`x / y`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x / y"))
    .kernel(float!(|x, y| if x == 0.0 { 0.0 } else { x.over(y) }))
);
