//! `Prod`: the product over axes.

use node_core::kernel::Operand;
use node_core::{Fault, KnownType, RunCx, Tensor, for_operand, register_block};

use super::fold::fold;
use super::groups::Groups;
use crate::computed;
use crate::numbers::{Arithmetic, Castable, Exact};

register_block!(
    fold(
        "Prod",
        "Product over axes.",
        "The product over the axes in `axis`, or over all when it is left unconnected, multiplied in row-major order in the \
         data type; TensorFlow multiplies in another order, and agrees to about 2e-6. The product of no elements is 1. \
         Integers wrap.",
    )
    .output("The products; the shape of `input` without the reduced axes.")
    .compute(products)
    .why(|cx, from| computed::joined(cx, from, " × ", "1, the product of nothing"))
);

fn products(cx: &RunCx<'_>, input: &Tensor, groups: &Groups, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    fn of<T: Operand + Arithmetic + Castable>(
        cx: &RunCx<'_>,
        elements: &[T],
        groups: &Groups,
        ty: &KnownType,
    ) -> Result<Tensor, Vec<Fault>> {
        cx.fill::<T>(&ty.shape, (1 << 15) / groups.count().max(1), |first, out| {
            for (result, out) in (first..).zip(out) {
                let one = T::of(Exact::Whole(1));
                *out = groups.of(result).fold(one, |product, flat| product.times(elements[flat]));
            }
        })
    }
    for_operand!(ty.dtype, T => of::<T>(cx, input.slice().unwrap_or_default(), groups, ty),
        else Err(vec![Fault::at("input", "must be of numbers")]))
}
