//! `Sqrt`: square root.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::unary;
use crate::numbers::float;

register_block!(
    unary("Sqrt", "Square root.", "The square root, correctly rounded: NaN below 0, -0 at -0.",)
        .gradient("SqrtGrad")
        .operand(In::<Floating>::new("x", "Any shape."))
        .output::<Floating>("`sqrt(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("sqrt(x)"))
        .kernel(float!(|x| x.sqrt()))
);
