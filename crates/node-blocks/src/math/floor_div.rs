//! `FloorDiv`: x / y, rounded down.

use node_core::register_block;
use node_core::type_rule::Real;
use node_core::why::Words;

use crate::division;
use crate::division::Division;
use crate::elementwise::binary;
use crate::numbers::real;

register_block!(
    binary(
        "FloorDiv",
        "x / y, rounded down.",
        "The quotient, rounded towards negative infinity (Python's `//`), with NumPy's broadcasting. Whole numbers \
         divided by 0 are refused.",
    )
    .output::<Real>("`floor(x / y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("floor(x / y)"))
    .refusing(division::is_whole, division::by_zero)
    .kernel(|dtype| division::narrow_quotient(dtype, f32::floor).or_else(|| (real!(|x, y| x.floor_div(y)))(dtype)))
);
