//! `TruncateMod`: what is left of TruncateDiv.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::division;
use crate::division::Division;
use crate::elementwise::binary_of;
use crate::numbers::real;

register_block!(
    binary_of::<Real>(
        "TruncateMod",
        "What is left of TruncateDiv.",
        "The remainder that has the sign of x (C's `%` and `fmod`), with NumPy's broadcasting. Whole numbers \
         divided by 0 are refused.",
        &[DType::Float32, DType::Float64, DType::Int32, DType::Int64],
    )
    .output::<Real>("`x - y × trunc(x / y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("x - y × trunc(x / y)"))
    .refusing(division::is_whole, division::by_zero)
    .kernel(real!(|x, y| x.truncate_mod(y)))
);
