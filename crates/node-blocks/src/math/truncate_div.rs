//! `TruncateDiv`: x / y, rounded towards 0.

use node_core::register_block;
use node_core::type_rule::Real;
use node_core::why::Words;

use crate::division;
use crate::division::Division;
use crate::elementwise::binary;
use crate::numbers::real;

register_block!(
    binary(
        "TruncateDiv",
        "x / y, rounded towards 0.",
        "The quotient, rounded towards 0 (C's `/` of whole numbers), with NumPy's broadcasting. Whole numbers \
         divided by 0 are refused.",
    )
    .output::<Real>("`trunc(x / y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("trunc(x / y)"))
    .refusing(division::is_whole, division::by_zero)
    .kernel(|dtype| division::narrow_quotient(dtype, f32::trunc).or_else(|| (real!(|x, y| x.truncate_div(y)))(dtype)))
);
