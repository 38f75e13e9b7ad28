//! `Max`: the greatest element over axes.

use node_core::register_block;

use super::fold::fold;
use crate::numbers::real_fold;

register_block!(
    fold(
        "Max",
        "Greatest element over axes.",
        "The greatest element over the axes in `axis`, or over all when it is left unconnected. NaN wins over \
         every number; the greatest of no elements is the least value of the type (-infinity for floats).",
    )
    .output("The greatest elements; the shape of `input` without the reduced axes.")
    .kernel(real_fold!(|elements, axes| elements.max::<T>(axes)))
);
