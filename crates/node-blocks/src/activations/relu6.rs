//! `Relu6`: min(max(features, 0), 6).

use node_core::dtype::Kind;
use node_core::type_rule::Real;
use node_core::why::Words;
use node_core::{In, Kernel, register_block};

use crate::elementwise::unary;
use crate::numbers::{narrowed, real};

register_block!(
    unary(
        "Relu6",
        "min(max(x, 0), 6).",
        "Rectified linear with a ceiling of 6, made for activations that are to be quantized. \
         NaN stays NaN; -0 becomes 0, but stays in narrow floats.",
    )
    .aliases(["ReLU6"])
    .gradient("Relu6Grad")
    .under("Activations")
    .operand(In::<Real>::new("features", "Any shape."))
    .output::<Real>("`min(max(features, 0), 6)`; shape of `features`.", &["activations"])
    .words(|_| Words::Formula("min(max(features, 0), 6)"))
    .kernel(|dtype| match dtype.kind() {
        Kind::Narrow => narrowed(
            dtype,
            Kernel::map(|x: f32| {
                let floored = if x < 0.0 { 0.0 } else { x };
                if floored > 6.0 { 6.0 } else { floored }
            }),
        ),
        _ => (real!(|x| {
            let floored = if x <= 0 as T { 0 as T } else { x };
            if floored > 6 as T { 6 as T } else { floored }
        }))(dtype),
    })
);
