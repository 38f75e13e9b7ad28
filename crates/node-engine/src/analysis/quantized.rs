//! What falls where at a quantizer, channel by channel.

use node_core::kernel::Chunk;
use node_core::{QuantRange, Tensor};

use super::Shares;

/// Where the elements of a quantizer's input lie: for each range, of which there is one or one for each channel of the
/// last dimension. `None` where the tensor does not fit the ranges.
pub fn by_channel(input: &Tensor, ranges: &[QuantRange]) -> Option<Vec<Shares>> {
    let elements = input.slice::<f32>()?;
    match ranges {
        [] => None,
        [one] => {
            let mut shares = Shares::default();
            shares.see(&Chunk::of(input)?, 0, &[*one]);
            Some(vec![shares])
        }
        many if input.shape().dims().last() != Some(&many.len()) => None,
        many => {
            let mut shares = vec![Shares::default(); many.len()];
            for row in elements.chunks_exact(many.len()) {
                for ((x, range), shares) in row.iter().zip(many).zip(&mut shares) {
                    shares.see(&Chunk::Float32(std::slice::from_ref(x)), 0, std::slice::from_ref(range));
                }
            }
            Some(shares)
        }
    }
}
