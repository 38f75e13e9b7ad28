//! `All`: whether all are true, over axes.
//!
//! No edge cases: there are two values, and both are tried.

use node_core::{Kernel, Scalar, register_block};

use super::fold::fold;
use crate::computed;

register_block!(
    fold(
        "All",
        "Whether all elements hold, over axes.",
        "True where every element over the axes in `axis`, or over all when it is left unconnected, is true. Of no elements: true.",
    )
    .of_booleans()
    .output("Whether all hold; the shape of `input` without the reduced axes.")
    .kernel(|_, axes| Some(Kernel::elements::<bool>().min::<bool>(axes)))
    .why(|cx, from| {
        for origin in &from {
            if cx.scalar_at(*origin)? == Scalar::Bool(false) {
                let name = cx.name_of(*origin);
                return Ok(computed::from(cx, format!("{name} is false"), vec![*origin]));
            }
        }
        Ok(computed::from(cx, format!("none of {} is false", from.len()), from))
    })
);
