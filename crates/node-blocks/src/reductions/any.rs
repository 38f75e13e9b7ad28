//! `Any`: whether one is true, over axes.
//!
//! No edge cases: there are two values, and both are tried.

use node_core::{Kernel, Scalar, register_block};

use super::fold::fold;
use crate::computed;

register_block!(
    fold(
        "Any",
        "Whether an element holds, over axes.",
        "True where at least one element over the axes in `axis`, or over all when it is left unconnected, is true. Of no elements: false.",
    )
    .of_booleans()
    .output("Whether one holds; the shape of `input` without the reduced axes.")
    .kernel(|_, axes| Some(Kernel::elements::<bool>().max::<bool>(axes)))
    .why(|cx, from| {
        for origin in &from {
            if cx.scalar_at(*origin)? == Scalar::Bool(true) {
                let name = cx.name_of(*origin);
                return Ok(computed::from(cx, format!("{name} is true"), vec![*origin]));
            }
        }
        Ok(computed::from(cx, format!("none of {} is true", from.len()), from))
    })
);
