//! The nudged range: what `min` and `max` become so that 0 is exactly representable.
//!
//! Follows `Nudge` in TensorFlow's `fake_quant_ops_functor.h`, operation by operation in float32. Jacob et al.,
//! "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference" (2018), section 3,
//! says why.
//!
//! TensorFlow's kernels run on threads that take subnormal numbers for 0, and so is done here step by step with all that
//! comes from the range. Steps that are not flushed cannot be subnormal, or make no difference: a whole number times a
//! scale that is 0 or normal, and what is rounded to a whole number at once.

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

/// A number as TensorFlow's kernels take it: one that is subnormal is a zero of its sign.
pub fn flushed(v: f32) -> f32 {
    if v.is_subnormal() { 0f32.copysign(v) } else { v }
}

/// `a / b`, flushed. A CPU looks at the quotient before it is rounded to the steps of subnormal numbers, so that what
/// would be rounded up to the least normal number is flushed too.
fn flushed_quotient(a: f32, b: f32) -> f32 {
    if a.abs() < b * f32::MIN_POSITIVE { 0f32.copysign(a) } else { a / b }
}

/// Nudges `[min, max]` for `num_bits` (2 to 16).
pub fn nudge(min: f32, max: f32, num_bits: i64, narrow_range: bool) -> Nudged {
    let quant_min = f32::from(u8::from(narrow_range));
    let quant_max = ((1i64 << num_bits.clamp(2, 16)) - 1) as f32;
    let (low, high, steps) = (flushed(min), flushed(max), quant_max - quant_min);
    let span = flushed(high - low);
    let scale = flushed_quotient(span, steps);
    let zero_point_from_min = quant_min - low / scale;
    let zero_point = if zero_point_from_min < quant_min {
        quant_min as u16
    } else if zero_point_from_min > quant_max {
        quant_max as u16
    } else {
        zero_point_from_min.round() as u16 // half away from zero; NaN gives 0
    };
    let nudged_min = (quant_min - f32::from(zero_point)) * scale;
    let nudged_max = (quant_max - f32::from(zero_point)) * scale;
    let inv_scale = flushed(steps / span);
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
        self.quantized(self.shifted(x), step)
    }

    /// The same where the steps are so narrow that the distance of a value from the range's end can be subnormal.
    pub fn fake_quant_narrow(&self, x: f32, step: Step) -> f32 {
        self.quantized(flushed(self.shifted(x)), step)
    }

    /// Whether [`fake_quant_narrow`](Nudged::fake_quant_narrow) can differ from [`fake_quant`](Nudged::fake_quant) for
    /// a value that is not subnormal itself: two numbers of at least four times the least normal one lie that far apart.
    pub fn is_narrow(&self) -> bool {
        self.range.scale.abs() < 4.0 * f32::MIN_POSITIVE
    }

    fn quantized(&self, shifted: f32, step: Step) -> f32 {
        let steps = match step {
            Step::Multiply => shifted * self.inv_scale,
            Step::Divide => shifted / self.range.scale,
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
        flushed(self.range.min) == 0.0 && flushed(self.range.max) == 0.0
    }

    /// The forward kernel.
    pub fn forward(self, step: Step) -> Kernel {
        match step {
            _ if self.is_narrow() => Kernel::map(move |x: f32| self.fake_quant_narrow(x, step)),
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
