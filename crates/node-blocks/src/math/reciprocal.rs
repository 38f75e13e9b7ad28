//! `Reciprocal`: 1 / x.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::division::Quotient;
use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary("Reciprocal", "1 / x.", "The reciprocal: infinities at 0 and -0.",)
        .aliases(["Inv"])
        .gradient("ReciprocalGrad")
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<Floating>("`1 / x`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("1 / x"))
        .kernel(float!(|x| (1.0 as T).over(x)))
);
