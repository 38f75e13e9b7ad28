//! The nudged range: what `min` and `max` become so that 0 is exactly representable.
//!
//! Follows `Nudge` in TensorFlow's `fake_quant_ops_functor.h`, operation by operation in float32. Jacob et al.,
//! "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (2018), section 3,
//! says why.

use node_core::{Kernel, QuantRange};

/// A range in force, with what the kernels need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudged {
    /// The range as asked for and as nudged.
    pub range: QuantRange,
    /// `(qmax - qmin) / (max - min)`, which is not always `1 / scale`.
    pub inv_scale: f32,
    /// `floor(-nudged_min · inv_scale + 0.5)`: what the forward kernels subtract.
    pub quant_zero: f32,
}

/// Nudges `[min, max]` for `num_bits` (2 to 16).
pub fn nudge(min: f32, max: f32, num_bits: i64, narrow_range: bool) -> Nudged {
    let quant_min = f32::from(u8::from(narrow_range));
    let quant_max = ((1i64 << num_bits.clamp(2, 16)) - 1) as f32;
    let scale = (max - min) / (quant_max - quant_min);
    let zero_point_from_min = quant_min - min / scale;
    let zero_point = if zero_point_from_min < quant_min {
        quant_min as u16
    } else if zero_point_from_min > quant_max {
        quant_max as u16
    } else {
        zero_point_from_min.round() as u16 // half away from zero; NaN gives 0
    };
    let nudged_min = (quant_min - f32::from(zero_point)) * scale;
    let nudged_max = (quant_max - f32::from(zero_point)) * scale;
    let inv_scale = (quant_max - quant_min) / (max - min);
    let quant_zero = (-nudged_min * inv_scale + 0.5).floor();
    let range = QuantRange { min, max, nudged_min, nudged_max, scale, zero_point: i64::from(zero_point) };
    Nudged { range, inv_scale, quant_zero }
}

/// How a forward kernel gets from a shifted value to a step: the two differ in the last bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Times `inv_scale` (Args, PerChannel).
    Multiply,
    /// Divided by `scale` (Vars).
    Divide,
}

impl Nudged {
    fn shifted(&self, x: f32) -> f32 {
        let QuantRange { nudged_min, nudged_max, .. } = self.range;
        let capped = if nudged_max < x { nudged_max } else { x };
        let clamped = if capped < nudged_min { nudged_min } else { capped };
        clamped - nudged_min
    }

    /// Quantizes and dequantizes one value.
    pub fn fake_quant(&self, x: f32, step: Step) -> f32 {
        let steps = match step {
            Step::Multiply => self.shifted(x) * self.inv_scale,
            Step::Divide => self.shifted(x) / self.range.scale,
        };
        (steps - self.quant_zero + 0.5).floor() * self.range.scale
    }

    /// 1 if the gradient passes at `x`, else 0; the gradient is multiplied by it.
    pub fn mask(&self, x: f32) -> f32 {
        if x >= self.range.nudged_min && x <= self.range.nudged_max { 1.0 } else { 0.0 }
    }

    /// 1 if `x` lies below the range, else 0.
    pub fn below(&self, x: f32) -> f32 {
        if x < self.range.nudged_min { 1.0 } else { 0.0 }
    }

    /// 1 if `x` lies above the range, else 0.
    pub fn above(&self, x: f32) -> f32 {
        if x > self.range.nudged_max { 1.0 } else { 0.0 }
    }

    /// Whether `min = max = 0`: the blocks whose range is computed then give zeros and pass all gradients.
    pub fn is_zero(&self) -> bool {
        self.range.min == 0.0 && self.range.max == 0.0
    }

    /// The forward kernel.
    pub fn forward(self, step: Step) -> Kernel {
        match step {
            Step::Multiply => Kernel::map(move |x: f32| self.fake_quant(x, Step::Multiply)),
            Step::Divide => Kernel::map(move |x: f32| self.fake_quant(x, Step::Divide)),
        }
    }

    /// The gradient kernel, over gradients and inputs.
    pub fn gradient(self) -> Kernel {
        Kernel::zip(move |gradient: f32, x: f32| gradient * self.mask(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_in_force() {
        for ((min, max, bits, narrow), (nudged_min, nudged_max, zero_point)) in [
            ((-6.0, 6.0, 8, false), (-6.0235295, 5.9764705, 128)),
            ((-6.0, 6.0, 8, true), (-6.0, 6.0, 128)),
            ((0.0, 6.0, 8, false), (0.0, 6.0, 0)),
            ((5.0, 20.0, 8, false), (0.0, 15.0, 0)),
            ((-20.0, -5.0, 8, false), (-15.0, 0.0, 255)),
            ((0.0, 0.0, 8, false), (0.0, 0.0, 0)),
        ] {
            let range = nudge(min, max, bits, narrow).range;
            let got = (range.nudged_min, range.nudged_max, range.zero_point);
            assert_eq!(got, (nudged_min, nudged_max, zero_point), "{min} {max} {bits} {narrow}");
        }
    }
}
