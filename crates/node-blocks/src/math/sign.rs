//! `Sign`: -1, 0 or 1.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::unary;
use crate::numbers::{Signed, real};

register_block!(
    unary("Sign", "-1, 0 or 1.", "-1 below 0, 1 above it, and 0 at 0 and -0; NaN stays NaN.",)
        .operand(In::<Real>::new("x", "Any shape.").among(DType::SIGNED))
        .output::<Real>("`sign(x)`; shape of `x`.", &["y"])
        .words(|_| Words::Formula("sign(x)"))
        .kernel(real!(|x| x.sign()))
);
