//! Philox 4x32-10, the counter-based generator that TensorFlow draws from (Salmon et al., 2011).

/// A place in the sequence of a key: four numbers of 32 bits are made from each count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Philox {
    key: [u32; 2],
    count: u128,
}

impl Philox {
    /// As TensorFlow begins for these seeds.
    pub fn new(seed: u64, seed2: u64) -> Philox {
        Philox { key: [seed as u32, (seed >> 32) as u32], count: u128::from(seed2) << 64 }
    }

    /// So many counts later.
    pub fn skipped(self, counts: u64) -> Philox {
        Philox { count: self.count.wrapping_add(u128::from(counts)), ..self }
    }

    /// The four numbers of this count; it goes on to the next.
    pub fn next(&mut self) -> [u32; 4] {
        let mut counter = [0, 32, 64, 96].map(|shift| (self.count >> shift) as u32);
        let mut key = self.key;
        for round in 0..10 {
            if round > 0 {
                key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
            }
            let product = |factor: u32, number: u32| {
                let product = u64::from(factor) * u64::from(number);
                (product as u32, (product >> 32) as u32)
            };
            let ((low0, high0), (low1, high1)) = (product(0xD251_1F53, counter[0]), product(0xCD9E_8D57, counter[2]));
            counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        }
        self.count = self.count.wrapping_add(1);
        counter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_numbers_come() {
        // Random123's known answers for philox4x32 with 10 rounds.
        let mut zeros = Philox { key: [0; 2], count: 0 };
        assert_eq!(zeros.next(), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let mut ones = Philox { key: [u32::MAX; 2], count: u128::MAX };
        assert_eq!(ones.next(), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(ones.count, 0);
    }
}
