//! `RandomUniform`: numbers from 0 to 1, all equally likely.
//!
//! No edge cases: it looks at no element.

use node_core::register_block;

use super::filling::{Distribution, block, groups, uniform, uniform_double};
use super::philox::Philox;

register_block!(block(
    [
        "RandomUniform",
        "Numbers from 0 to 1, all equally likely.",
        "Numbers from 0 to 1 without 1: multiples of 2⁻²³, of 2⁻⁵² in float64, of 2⁻¹⁰ in float16 and 2⁻⁷ in bfloat16."
    ],
    &["random.uniform", "rand"],
    Uniform,
));

struct Uniform;

impl Distribution for Uniform {
    fn singles(&self, base: Philox, first: usize, out: &mut [f32]) {
        groups(base, 1, first, out, |philox| philox.next().map(uniform));
    }

    fn doubles(&self, base: Philox, first: usize, out: &mut [f64]) {
        groups(base, 1, first, out, |philox| {
            let [a, b, c, d] = philox.next();
            [uniform_double([a, b]), uniform_double([c, d])]
        });
    }

    fn narrow(&self, base: Philox, first: usize, out: &mut [f32], bits: u32) {
        let one = |number: u32| (number & ((1 << bits) - 1)) as f32 / (1_u32 << bits) as f32;
        groups(base, 1, first, out, |philox| philox.next().map(one));
    }
}
