//! `Pow`: x to the power of y, broadcast.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, register_block};

use crate::division;
use crate::division::Division;
use crate::elementwise::binary_of;
use crate::numbers::real;

register_block!(
    binary_of::<Real>(
        "Pow",
        "x to the power of y, broadcast.",
        "Powers, with NumPy's broadcasting. Whole numbers wrap; negative exponents of theirs are refused. The same \
         bits on every machine; TensorFlow's differ from them by up to 2e-6 of the value.",
        DType::SIGNED,
    )
    .output::<Real>("`pow(x, y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("pow(x, y)"))
    .refusing(division::is_whole, division::to_negative)
    .kernel(real!(|x, y| x.power(y)))
);
