//! `Ceil`: rounded towards infinity.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary("Ceil", "Rounded towards infinity.", "The least whole number that is not less than x.",)
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<Floating>("`ceil(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("ceil(x)"))
        .kernel(float!(|x| x.ceil()))
);
