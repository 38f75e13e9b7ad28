//! `Sub`: element-wise difference.

use node_core::register_block;
use node_core::type_rule::Real;
use node_core::why::Words;

use crate::elementwise::binary;
use crate::numbers::{Arithmetic, real};

register_block!(
    binary("Sub", "x - y, broadcast.", "Element-wise difference with NumPy's broadcasting. Integers wrap.")
        .aliases(["Subtract"])
        .output::<Real>("`x - y`; the shape to which `x` and `y` broadcast.", &["z"])
        .words(|_| Words::Formula("x - y"))
        .kernel(real!(|x, y| x.minus(y)))
);
