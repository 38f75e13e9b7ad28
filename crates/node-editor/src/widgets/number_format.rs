//! Numbers in the form that a person has chosen.

use node_core::half::{bf16, f16};
use node_core::{DType, Scalar};

use crate::state::results::Format;

/// An element as text; `dtype` is that of its tensor.
pub fn text(value: &Scalar, dtype: DType, format: Format) -> String {
    match format {
        Format::Shortest => value.to_string(),
        Format::Bits => bits(value, dtype).unwrap_or_else(|| value.to_string()),
        Format::Fixed(digits) => decimal(value, |v| format!("{v:.*}", usize::from(digits))),
        Format::Scientific(digits) => decimal(value, |v| format!("{v:.*e}", usize::from(digits))),
    }
}

/// Floats so; whole numbers, truth and text have no digits behind the point.
fn decimal(value: &Scalar, of: impl Fn(f64) -> String) -> String {
    match (value, value.as_f64()) {
        (Scalar::Float32(_) | Scalar::Float64(_) | Scalar::Narrow(..), Some(v)) if v.is_finite() => of(v),
        _ => value.to_string(),
    }
}

fn bits(value: &Scalar, dtype: DType) -> Option<String> {
    let digits = dtype.size() * 2;
    let bits = match value {
        Scalar::Float32(v) => u64::from(v.to_bits()),
        Scalar::Float64(v) => v.to_bits(),
        Scalar::Narrow(v, DType::BFloat16) => u64::from(bf16::from_f32(*v).to_bits()),
        Scalar::Narrow(v, _) => u64::from(f16::from_f32(*v).to_bits()),
        // The lower bits of two's complement.
        Scalar::Int(v) => (*v as u64) & (u64::MAX >> (64 - digits.clamp(1, 16) * 4)),
        Scalar::Uint(v) => *v,
        Scalar::Bool(v) => u64::from(*v),
        Scalar::String(_) => return None,
    };
    Some(format!("{bits:0digits$x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let f32_of = |v: f32, format| text(&Scalar::Float32(v), DType::Float32, format);
        assert_eq!(f32_of(-6.023_529_5, Format::Shortest), "-6.0235295");
        assert_eq!(f32_of(-6.023_529_5, Format::Fixed(3)), "-6.024");
        assert_eq!(f32_of(-6.023_529_5, Format::Scientific(2)), "-6.02e0");
        assert_eq!(f32_of(-0.0, Format::Bits), "80000000");
        assert_eq!(f32_of(f32::NAN, Format::Fixed(3)), "NaN");
        assert_eq!(f32_of(-0.0, Format::Fixed(1)), "-0.0");
        assert_eq!(text(&Scalar::Int(-1), DType::Int8, Format::Bits), "ff");
        assert_eq!(text(&Scalar::Int(-1), DType::Int64, Format::Bits), "ffffffffffffffff");
        assert_eq!(text(&Scalar::Int(7), DType::Int32, Format::Fixed(3)), "7");
        assert_eq!(text(&Scalar::Narrow(1.0, DType::Float16), DType::Float16, Format::Bits), "3c00");
        assert_eq!(text(&Scalar::Narrow(1.0, DType::BFloat16), DType::BFloat16, Format::Bits), "3f80");
        assert_eq!(text(&Scalar::Bool(true), DType::Bool, Format::Bits), "01");
    }
}
