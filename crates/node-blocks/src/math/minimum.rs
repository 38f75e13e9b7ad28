//! `Minimum`: the lesser of x and y, broadcast.

use node_core::dtype::Kind;
use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{Kernel, register_block};

use crate::elementwise::binary;
use crate::numbers::{Extreme, narrowed, real};

register_block!(
    binary(
        "Minimum",
        "The lesser of x and y, broadcast.",
        "The lesser of two, with NumPy's broadcasting. NaN wins over every number.",
    )
    .output::<Real>("`min(x, y)`; the shape to which `x` and `y` broadcast.", &["z"])
    .words(|_| Words::Formula("min(x, y)"))
    .kernel(|dtype| match dtype.kind() {
        // Of equals, 0 and -0, the first: in other floats the second.
        Kind::Narrow => narrowed(dtype, Kernel::zip(|x: f32, y: f32| if x > y || y.is_nan() { y } else { x })),
        _ => (real!(|x, y| x.lesser(y)))(dtype),
    })
);
