//! `Floor`: rounded towards negative infinity.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary("Floor", "Rounded towards negative infinity.", "The greatest whole number that is not greater than x.",)
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<Floating>("`floor(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("floor(x)"))
        .kernel(float!(|x| x.floor()))
);
