//! `ClipByValue`: elements kept between two bounds.

use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::ternary;
use crate::numbers::real;

register_block!(
    ternary(
        "ClipByValue",
        "max(min(t, clip_value_max), clip_value_min).",
        "Keeps every element between two bounds, which are scalars or have `t`'s shape. Unlike fake quantization it \
         does not nudge them. Where the bounds are the wrong way round, `clip_value_min` wins.",
    )
    .operand(In::<Real>::new("t", "The values; any shape."))
    .operand(In::<Real>::new("clip_value_min", "The least value; a scalar, or shape of `t`."))
    .operand(In::<Real>::new("clip_value_max", "The greatest value; a scalar, or shape of `t`."))
    .of_first()
    .output::<Real>("The values, clipped; shape of `t`.", &[])
    .words(|_| Words::Formula("max(min(t, clip_value_max), clip_value_min)"))
    .kernel(real!(|t, min, max| {
        let capped = if max < t { max } else { t };
        if capped < min { min } else { capped }
    }))
);
