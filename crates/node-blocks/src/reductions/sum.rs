//! `Sum`: the sum over axes.

use node_core::register_block;

use super::fold::fold;
use crate::numbers::{Summed, real_fold};

register_block!(
    fold(
        "Sum",
        "Sum over axes.",
        "The sum over the axes in `axis`, or over all when it is left unconnected. float32 is summed in double \
         precision in a fixed order, so the bits never depend on threads; TensorFlow agrees to about 1e-6. \
         The sum of no elements is 0. Integers wrap.",
    )
    .output("The sums; the shape of `input` without the reduced axes.")
    .kernel(real_fold!(|elements, axes| elements.sum(axes, |sum, _| T::total(sum))))
);
