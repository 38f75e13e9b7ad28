//! `Mean`: the mean over axes.

use node_core::{DType, register_block};

use super::fold::fold;
use crate::numbers::{Summed, real_fold};

register_block!(
    fold(
        "Mean",
        "Mean over axes.",
        "The mean over the axes in `axis`, or over all when it is left unconnected. float32 is summed in double \
         precision in a fixed order, so the bits never depend on threads; TensorFlow agrees to about 1e-6. \
         The mean of no elements is NaN, that of no integers is refused (TensorFlow gives 0). \
         Integers are summed as int64, which wraps around, and divided towards zero, as in TensorFlow.",
    )
    .output("The means; the shape of `input` without the reduced axes.")
    .of_none(DType::is_floating)
    .mean()
    .kernel(real_fold!(|elements, axes| elements.sum(axes, T::average)))
);
