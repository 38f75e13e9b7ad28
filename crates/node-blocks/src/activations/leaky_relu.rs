//! `LeakyRelu`: x, or alpha × x below 0.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{AttrKey, In, register_block};

use crate::elementwise::unary;
use crate::numbers::for_float;

const ALPHA: AttrKey<f32> = AttrKey::float("alpha", 0.2, "The slope below 0.");

register_block!(
    unary("LeakyRelu", "x, or alpha × x below 0.", "Rectified linear with a slope of `alpha` below 0.",)
        .gradient("LeakyReluGrad")
        .under("Activations")
        .operand(In::<Floating>::new("features", "Any shape."))
        .output::<Floating>("`features > 0 ? features : alpha × features`; shape of `features`.", &["activations"])
        .words(|_| Words::Formula("features > 0 ? features : alpha × features"))
        .kernel_with(ALPHA, |dtype, alpha| {
            for_float!(dtype, T, K => K::map(move |x: T| if x > 0.0 { x } else { x * alpha as T }))
        })
);
