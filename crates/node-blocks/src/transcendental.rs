//! Functions of floating-point numbers that no processor has: the same bits on every machine, whatever its system.
//!
//! float64 takes them from `libm`, and so does float32 where a loop is not what matters. `exp` of float32 is written so
//! that a loop over it is turned into wide instructions; it is within 1 unit in the last place of the exact value where
//! that is normal, and 0 below.

/// A floating-point number.
pub trait Transcendental: Copy {
    /// e^x.
    fn exp(self) -> Self;
    /// e^x - 1, exact near 0.
    fn exp_m1(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// ln(1 + x), exact near 0.
    fn ln_1p(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Tangent of an angle in radians.
    fn tan(self) -> Self;
    /// Arcsine, in radians.
    fn asin(self) -> Self;
    /// Arccosine, in radians.
    fn acos(self) -> Self;
    /// Arctangent, in radians.
    fn atan(self) -> Self;
    /// The angle of the point (x, self), in radians.
    fn atan2(self, x: Self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// Error function.
    fn erf(self) -> Self;
    /// 1 - erf(x), exact where that is small.
    fn erfc(self) -> Self;
    /// Logarithm of the absolute value of the gamma function.
    fn lgamma(self) -> Self;
    /// Derivative of lgamma.
    fn digamma(self) -> Self;
    /// x^y.
    fn pow(self, y: Self) -> Self;
    /// The remainder of a division towards zero.
    fn fmod(self, y: Self) -> Self;
    /// 1 / (1 + e^-x).
    fn sigmoid(self) -> Self;
    /// ln(1 + e^x).
    fn softplus(self) -> Self;
}

macro_rules! transcendental {
    ($t:ident, $exp:path, $tanh:path, $($name:ident = $function:ident),*; $($name2:ident = $function2:ident),*) => {
        impl Transcendental for $t {
            #[inline]
            fn exp(self) -> $t {
                $exp(self)
            }

            #[inline]
            fn tanh(self) -> $t {
                $tanh(self)
            }

            $(#[inline]
            fn $name(self) -> $t {
                libm::$function(self)
            })*

            $(#[inline]
            fn $name2(self, other: $t) -> $t {
                libm::$function2(self, other)
            })*

            fn digamma(self) -> $t {
                digamma(f64::from(self)) as $t
            }

            #[inline]
            fn sigmoid(self) -> $t {
                1.0 / (1.0 + Transcendental::exp(-self))
            }

            fn softplus(self) -> $t {
                let limit = -($t::EPSILON.ln() + 2.0);
                if self > limit {
                    return self;
                }
                let exp = Transcendental::exp(self);
                if self < -limit { exp } else { exp.ln_1p() }
            }
        }
    };
}

transcendental!(f32, exp_f32, tanh_f32, exp_m1 = expm1f, ln = logf, ln_1p = log1pf, sin = sinf, cos = cosf, tan = tanf,
    asin = asinf, acos = acosf, atan = atanf, sinh = sinhf, cosh = coshf, asinh = asinhf, acosh = acoshf,
    atanh = atanhf, erf = erff, erfc = erfcf, lgamma = lgammaf; atan2 = atan2f, pow = powf, fmod = fmodf);
transcendental!(f64, libm::exp, libm::tanh, exp_m1 = expm1, ln = log, ln_1p = log1p, sin = sin, cos = cos, tan = tan, asin = asin,
    acos = acos, atan = atan, sinh = sinh, cosh = cosh, asinh = asinh, acosh = acosh, atanh = atanh,
    erf = erf, erfc = erfc, lgamma = lgamma; atan2 = atan2, pow = pow, fmod = fmod);

/// e^x of a float32 without a branch: x = n ln 2 + r, a polynomial in r, and n added to the exponent.
#[inline]
pub fn exp_f32(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding this leaves a whole number in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    // Beyond these all is 0 or infinite; NaN is kept by what is added at the end.
    let held = x.clamp(-88.0, 89.0);
    let shifted = held * std::f32::consts::LOG2_E + WHOLE;
    let n = shifted - WHOLE;
    let r = held - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for term in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + term;
    }
    let p = p * r * r + r + 1.0;
    // Twice half of n: 2^128 is no float32, but 2^64 × 2^64 times a number below 1 may be one.
    let n = shifted.to_bits().wrapping_sub(WHOLE.to_bits()) as i32;
    let half = n >> 1;
    let power = |n: i32| f32::from_bits((n.wrapping_add(127) << 23) as u32);
    let value = p * power(half) * power(n.wrapping_sub(half));
    if x < -87.336_54 {
        0.0
    } else if x > 88.722_84 {
        f32::INFINITY
    } else if x.is_nan() {
        x
    } else {
        value
    }
}

/// The hyperbolic tangent of a float32 without a branch: a quotient of polynomials, as TensorFlow's kernel has it.
#[inline]
pub fn tanh_f32(x: f32) -> f32 {
    const LIMIT: f32 = 7.905_311;
    let held = x.clamp(-LIMIT, LIMIT);
    let square = held * held;
    let mut over = -2.760_768_5e-16;
    for term in [2.000_188e-13, -8.604_671e-11, 5.122_297e-8, 1.485_722_4e-5, 6.372_619e-4, 4.893_524_6e-3] {
        over = over * square + term;
    }
    let mut under = 1.198_258_4e-6;
    for term in [1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3] {
        under = under * square + term;
    }
    let quotient = held * over / under;
    if x.abs() < 4e-4 || x.is_nan() {
        x
    } else if x.abs() > 8.3 {
        1f32.copysign(x)
    } else {
        quotient
    }
}

/// The derivative of lgamma: reflected to the right, moved up by its recurrence, then its asymptotic series.
fn digamma(x: f64) -> f64 {
    if x <= 0.0 && x == x.floor() {
        return f64::NAN; // a pole
    }
    if x < 0.0 {
        let turn = std::f64::consts::PI;
        return digamma(1.0 - x) - turn / libm::tan(turn * x);
    }
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += 1.0 / x;
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let mut series = 0.0;
    for term in [1.0 / 12.0, -691.0 / 32_760.0, 1.0 / 132.0, -1.0 / 240.0, 1.0 / 252.0, -1.0 / 120.0, 1.0 / 12.0] {
        series = (series + term) * square;
    }
    libm::log(x) - 0.5 / x - series - below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_a_unit_in_the_last_place() {
        let mut worst = 0f64;
        let mut bits = f32::to_bits(-87.3);
        let mut look = |x: f32| {
            let exact = libm::exp(f64::from(x));
            let got = f64::from(exp_f32(x));
            let unit = f64::from((exact as f32).next_up()) - f64::from(exact as f32);
            worst = worst.max((got - exact).abs() / unit);
        };
        while bits > 0x8000_0000 + 997 {
            look(f32::from_bits(bits));
            bits -= 997;
        }
        (0..0x42b1_7217).step_by(997).for_each(|bits| look(f32::from_bits(bits)));
        assert!(worst < 1.1, "{worst}");
    }

    #[test]
    fn exp_at_the_ends() {
        for (x, expected) in [
            (0.0, 1.0),
            (-0.0, 1.0),
            (f32::INFINITY, f32::INFINITY),
            (f32::NEG_INFINITY, 0.0),
            (89.0, f32::INFINITY),
            (f32::MAX, f32::INFINITY),
            (-104.0, 0.0),
        ] {
            assert_eq!(exp_f32(x), expected, "{x}");
        }
        assert!(exp_f32(f32::NAN).is_nan());
        assert!(exp_f32(88.72).is_finite());
    }

    #[test]
    fn tanh_is_close_everywhere() {
        for bits in (0..0x4110_0000).step_by(991) {
            let x = f32::from_bits(bits);
            let (exact, got) = (libm::tanh(f64::from(x)), f64::from(tanh_f32(x)));
            assert!((got - exact).abs() <= 6e-7 * exact.abs() && tanh_f32(-x) == -tanh_f32(x), "{x}: {got} {exact}");
        }
        for (x, expected) in [(0.0, 0.0), (30.0, 1.0), (f32::INFINITY, 1.0), (f32::NEG_INFINITY, -1.0)] {
            assert_eq!(tanh_f32(x), expected);
        }
        assert!(tanh_f32(f32::NAN).is_nan() && tanh_f32(-0.0).is_sign_negative());
    }

    #[test]
    fn digamma_is_the_slope_of_lgamma() {
        for x in [0.1, 0.5, 1.0, 2.5, 7.0, 33.0, -0.5, -2.3] {
            let step = 1e-5;
            let slope = (libm::lgamma(x + step) - libm::lgamma(x - step)) / (2.0 * step);
            assert!((digamma(x) - slope).abs() < 1e-6 * slope.abs().max(1.0), "{x}");
        }
    }
}
