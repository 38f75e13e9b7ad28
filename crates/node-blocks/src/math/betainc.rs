//! `Betainc`: the regularised incomplete beta function.
//!
//! No edge cases: it is one function at every value; where it is not defined its documentation says.

use node_core::kernel::Lean;
use node_core::type_rule::Floating;
use node_core::why::Words;
use node_core::{DType, In, register_block};

use crate::elementwise::ternary;

const KINDS: &[DType] = &[DType::Float32, DType::Float64];

register_block!(
    ternary(
        "Betainc",
        "The regularised incomplete beta function.",
        "The share of the beta distribution with parameters a and b that lies below x. Computed in double precision; \
         TensorFlow agrees to about 1e-4. NaN where x lies outside [0, 1], or a or b is not above 0. TensorFlow takes \
         operands of one shape, or scalars; here they broadcast.",
    )
    .operand(In::<Floating>::new("a", "The first parameter, above 0; any shape.").among(KINDS))
    .operand(
        In::<Floating>::new("b", "The second parameter, above 0; its shape broadcasts with the others'.").among(KINDS)
    )
    .operand(In::<Floating>::new("x", "From 0 to 1; its shape broadcasts with the others'.").among(KINDS))
    .output::<Floating>("The share; the shape to which all broadcast.", &["z"])
    .words(|_| Words::Formula("betainc(a, b, x)"))
    .kernel(|dtype| match dtype {
        DType::Float64 => Some(Lean::zip3(betainc)),
        DType::Float32 => {
            Some(Lean::zip3(|a: f32, b: f32, x: f32| betainc(f64::from(a), f64::from(b), f64::from(x)) as f32))
        }
        _ => None,
    })
);

fn betainc(a: f64, b: f64, x: f64) -> f64 {
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    if x == 0.0 || x == 1.0 {
        return x;
    }
    let log = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    // The continued fraction comes to its end soon on this side of the mean; the other is what is left of 1.
    if x < (a + 1.0) / (a + b + 2.0) {
        libm::exp(log) * fraction(a, b, x) / a
    } else {
        1.0 - libm::exp(log) * fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    // So many terms as the peak is sharp.
    let most = (10.0 * a.max(b).sqrt() + 100.0).min(1e6) as u32;
    for m in 1..most {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            value *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}
