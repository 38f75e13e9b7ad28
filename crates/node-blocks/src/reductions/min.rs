//! `Min`: the least element over axes.

use node_core::register_block;

use super::fold::fold;
use crate::numbers::real_fold;

register_block!(
    fold(
        "Min",
        "Least element over axes.",
        "The least element over the axes in `axis`, or over all when it is left unconnected. NaN wins over every \
         number; the least of no elements is the greatest value of the type (infinity for floats).",
    )
    .output("The least elements; the shape of `input` without the reduced axes.")
    .kernel(real_fold!(|elements, axes| elements.min::<T>(axes)))
);
