//! `RandomStandardNormal`: numbers of the normal distribution.
//!
//! No edge cases: it looks at no element.

use node_core::register_block;

use super::filling::{Distribution, block, groups, normal, normal_double};
use super::philox::Philox;

register_block!(block(
    [
        "RandomStandardNormal",
        "Numbers of the normal distribution.",
        "Numbers with mean 0 and standard deviation 1, by the method of Box and Muller; TensorFlow's to about 2e-6, since logarithm and sine are of another library."
    ],
    &["random.normal", "randn"],
    Normal,
));

struct Normal;

impl Distribution for Normal {
    fn singles(&self, base: Philox, first: usize, out: &mut [f32]) {
        groups(base, 1, first, out, |philox| {
            let [a, b, c, d] = philox.next();
            let ([first, second], [third, fourth]) = (normal([a, b]), normal([c, d]));
            [first, second, third, fourth]
        });
    }

    fn doubles(&self, base: Philox, first: usize, out: &mut [f64]) {
        groups(base, 1, first, out, |philox| normal_double(philox.next()));
    }
}
