//! `Atan2`: the angle of a point.

use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{In, register_block};

use crate::elementwise::ternary;
use crate::numbers::float;
use crate::transcendental::Transcendental;

register_block!(
    ternary(
        "Atan2",
        "The angle of a point.",
        "The angle, in radians from -π to π, of the point (x, y), with NumPy's broadcasting; TensorFlow's \
         `tf.math.atan2`. The same bits on every machine; TensorFlow's differ from them by up to 2e-6 of the value.",
    )
    .operand(In::<Floating>::new("y", "How far up; any shape."))
    .operand(In::<Floating>::new("x", "How far right; its shape broadcasts with `y`'s."))
    .output::<Floating>("`atan2(y, x)`; the shape to which both broadcast.", &["z"])
    .words(|_| Words::Formula("atan2(y, x)"))
    .kernel(float!(|y, x| Transcendental::atan2(y, x)))
);
