//! `TruncatedNormal`: numbers of the normal distribution that are not far from 0.
//!
//! No edge cases: it looks at no element.

use node_core::register_block;

use super::filling::{Distribution, block, groups, normal, normal_double};
use super::philox::Philox;

register_block!(block(
    [
        "TruncatedNormal",
        "Numbers of the normal distribution that are not far from 0.",
        "As RandomStandardNormal, but numbers at 2 or beyond, on either side, are left out and others drawn: what weights are commonly begun with."
    ],
    &["random.truncated_normal"],
    Truncated,
));

struct Truncated;

/// Beyond this numbers are left out.
const MOST: f64 = 2.0;

impl Distribution for Truncated {
    fn singles(&self, base: Philox, first: usize, out: &mut [f32]) {
        groups(base, 256, first, out, |philox| {
            let (mut kept, mut count) = ([0.0; 4], 0);
            loop {
                let [a, b, c, d] = philox.next();
                for number in normal([a, b]).into_iter().chain(normal([c, d])) {
                    if f64::from(number.abs()) < MOST && count < 4 {
                        kept[count] = number;
                        count += 1;
                    }
                }
                if count == 4 {
                    return kept;
                }
            }
        });
    }

    fn doubles(&self, base: Philox, first: usize, out: &mut [f64]) {
        groups(base, 128, first, out, |philox| {
            let (mut kept, mut count) = ([0.0; 2], 0);
            loop {
                for number in normal_double(philox.next()) {
                    if number.abs() < MOST && count < 2 {
                        kept[count] = number;
                        count += 1;
                    }
                }
                if count == 2 {
                    return kept;
                }
            }
        });
    }
}
