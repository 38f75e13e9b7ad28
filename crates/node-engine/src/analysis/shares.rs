//! Where the elements of a tensor lie: below, inside or above a range.

use node_core::tensor::Data;
use node_core::{QuantRange, Quantization, Tensor};

/// Numbers of elements, by where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Below the nudged range.
    pub below: u64,
    /// Inside the range; every number where there is none.
    pub inside: u64,
    /// Above the nudged range.
    pub above: u64,
    /// NaN; without a range infinities too.
    pub odd: u64,
}

impl Shares {
    /// Of the elements that a block quantizes; with several ranges, one for each channel of the last dimension.
    pub fn of_quantized(tensor: &Tensor, quantization: &Quantization) -> Option<Shares> {
        let elements = tensor.slice::<f32>()?;
        let mut shares = Shares::default();
        for (x, range) in elements.iter().zip(quantization.ranges.iter().cycle()) {
            *shares.slot(*x, range) += 1;
        }
        Some(shares)
    }

    fn slot(&mut self, x: f32, range: &QuantRange) -> &mut u64 {
        if x.is_nan() {
            &mut self.odd
        } else if x < range.nudged_min {
            &mut self.below
        } else if x > range.nudged_max {
            &mut self.above
        } else {
            &mut self.inside
        }
    }

    /// Of a tensor without a range: numbers, and those that are none.
    pub fn of_tensor(tensor: &Tensor) -> Shares {
        let odd = match tensor.data() {
            Data::Float32(b) => b.as_slice().iter().filter(|x| !x.is_finite()).count(),
            Data::Float64(b) => b.as_slice().iter().filter(|x| !x.is_finite()).count(),
            _ => 0,
        };
        Shares { inside: (tensor.len() - odd) as u64, odd: odd as u64, ..Shares::default() }
    }

    /// The number of elements.
    pub fn total(&self) -> u64 {
        self.below + self.inside + self.above + self.odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_channel() {
        let range = |low: f32, high: f32| QuantRange {
            min: low,
            max: high,
            nudged_min: low,
            nudged_max: high,
            scale: 1.0,
            zero_point: 0,
        };
        let quantization = Quantization { input: "inputs", ranges: vec![range(-1.0, 1.0), range(0.0, 10.0)] };
        let tensor = Tensor::vector(vec![-2f32, 5.0, 1.0, -0.5, f32::NAN, f32::INFINITY]);
        let shares = Shares::of_quantized(&tensor, &quantization);
        assert_eq!(shares, Some(Shares { below: 2, inside: 2, above: 1, odd: 1 }));
        assert_eq!(Shares::of_tensor(&tensor), Shares { inside: 4, odd: 2, ..Shares::default() });
    }
}
