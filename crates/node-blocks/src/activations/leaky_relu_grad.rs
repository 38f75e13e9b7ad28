//! `LeakyReluGrad`: gradient of LeakyRelu.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{AttrKey, In, register_block};

use crate::elementwise::gradient;
use crate::numbers::for_float;

const ALPHA: AttrKey<f32> = AttrKey::float("alpha", 0.2, "The slope below 0.");

register_block!(
    gradient::<Floating>(
        "LeakyReluGrad",
        "Gradient of LeakyRelu.",
        "The gradient as it is where features > 0, and `alpha` times it elsewhere.",
    )
    .under("Activations")
    .operand(In::<Floating>::new(
        "features",
        "The features passed to the block whose gradient it is; shape of `gradients`."
    ))
    .output::<Floating>("Gradients for the features; shape of `gradients`.", &["backprops"])
    .words(|_| Words::Formula("features > 0 ? gradients : alpha × gradients"))
    .kernel_with(ALPHA, |dtype, alpha| {
        for_float!(dtype, T, K => K::zip(move |g: T, x: T| if x > 0.0 { g } else { g * alpha as T }))
    })
);
