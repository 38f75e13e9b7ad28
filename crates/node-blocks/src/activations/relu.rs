//! `Relu`: max(x, 0).

use node_core::dtype::Kind;
use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, Kernel, register_block};

use crate::elementwise::unary;
use crate::numbers::{narrowed, real};

register_block!(
    unary(
        "Relu",
        "max(x, 0).",
        "Rectified linear: what is below 0 becomes 0. NaN stays NaN; -0 becomes 0, but stays in narrow floats.",
    )
    .gradient("ReluGrad")
    .under("Activations")
    .operand(In::<Real>::new("features", "Any shape."))
    .output::<Real>("`max(features, 0)`; shape of `features`.", &["activations"])
    .words(|_| Words::Formula("max(features, 0)"))
    .kernel(|dtype| match dtype.kind() {
        Kind::Narrow => narrowed(dtype, Kernel::map(|x: f32| if x < 0.0 { 0.0 } else { x })),
        _ => (real!(|x| if x <= 0 as T { 0 as T } else { x }))(dtype),
    })
);
