//! What of a tensor is no finite number.

use node_core::kernel::simd::tally;
use node_core::kernel::{Chunk, Operand};
use node_core::{DType, for_operand};

/// How many elements a tensor has, and how many of them are no finite numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// All elements.
    pub count: u64,
    /// Those that are NaN.
    pub nan: u64,
    /// Those that are negative infinity.
    pub negative_infinite: u64,
    /// Those that are positive infinity.
    pub positive_infinite: u64,
}

impl Health {
    /// Whether it can be in doubt at all: of other types every element is finite.
    pub fn is_open(dtype: DType) -> bool {
        dtype.is_floating()
    }

    /// That of a tensor all of whose elements are finite.
    pub fn fine(count: u64) -> Health {
        Health { count, ..Health::default() }
    }

    /// Counts elements.
    pub fn see(&mut self, elements: &Chunk<'_>) {
        self.count += elements.len() as u64;
        match elements {
            Chunk::Float32(v) => {
                let mut others = 0;
                tally(&mut others, v, |x: f32| !x.is_finite());
                if others > 0 {
                    self.see_others(v.iter().map(|x| f64::from(*x)));
                }
            }
            others => for_operand!(others.dtype(), T => {
                self.see_others(T::read(others).unwrap_or_default().iter().map(|x| x.as_f64()));
            }, else {}),
        }
    }

    fn see_others(&mut self, elements: impl Iterator<Item = f64>) {
        for x in elements {
            self.nan += u64::from(x.is_nan());
            self.negative_infinite += u64::from(x == f64::NEG_INFINITY);
            self.positive_infinite += u64::from(x == f64::INFINITY);
        }
    }

    /// Counts what another has counted too.
    pub fn merge(&mut self, other: &Health) {
        self.count += other.count;
        self.nan += other.nan;
        self.negative_infinite += other.negative_infinite;
        self.positive_infinite += other.positive_infinite;
    }

    /// How many are infinite, of either sign.
    pub fn infinite(&self) -> u64 {
        self.negative_infinite + self.positive_infinite
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node_core::Tensor;

    fn of(tensor: &Tensor) -> Health {
        let mut health = Health::default();
        health.see(&Chunk::of(tensor).unwrap());
        health
    }

    #[test]
    fn tells_nan_from_infinite() {
        let [nan, inf] = [f32::NAN, f32::INFINITY];
        let health = |count, nan, negative_infinite, positive_infinite| Health {
            count,
            nan,
            negative_infinite,
            positive_infinite,
        };
        assert_eq!(of(&Tensor::vector(vec![1.0, nan, inf, -inf, -0.0, -nan, inf])), health(7, 2, 1, 2));
        assert_eq!(of(&Tensor::vector(vec![f64::MAX, f64::NEG_INFINITY])), health(2, 0, 1, 0));
        assert_eq!(of(&Tensor::vector(vec![1i64, i64::MIN])), Health::fine(2));
        assert_eq!(of(&Tensor::vector(vec![f32::MAX, f32::MIN_POSITIVE / 2.0])), Health::fine(2));
        assert_eq!(of(&Tensor::vector(Vec::<f32>::new())), Health::default());
    }
}
