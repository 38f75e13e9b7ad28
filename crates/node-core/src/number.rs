//! How numbers are written: the shortest text that stands for exactly the same value.

use crate::dtype::DType;
use crate::for_dtype;
use crate::tensor::{Scalar, ToScalar};

/// `value` for people: shortest exact form, `-0` for negative zero.
pub fn f32_text(value: f32) -> String {
    text(f64::from(value), || (value.to_string(), format!("{value:e}")))
}

/// `value` for people: shortest exact form, `-0` for negative zero.
pub fn f64_text(value: f64) -> String {
    text(value, || (value.to_string(), format!("{value:e}")))
}

/// `value`, one of the narrow floating-point type `dtype`, for people: a whole number up to 2^24 as it is,
/// else the shortest text that stands for it in that type.
pub fn narrow_text(value: f32, dtype: DType) -> String {
    if value.fract() == 0.0 && value.abs() <= 16_777_216.0 {
        return f32_text(value);
    }
    let digits = narrow_digits(value, dtype);
    text(f64::from(value), || (plain(&digits), digits.clone()))
}

/// The fewest digits that stand for a value of a narrow type, with an exponent: `1.5e-7`. Of two that are equally near to
/// the value the first.
pub fn narrow_digits(value: f32, dtype: DType) -> String {
    let exact = f64::from(value);
    let reads_back = |text: &String| {
        let read: f64 = text.parse().unwrap_or(f64::NAN);
        nearest(read, dtype).to_bits() == value.to_bits()
    };
    let few = (0..8).map(|digits| format!("{exact:.digits$e}")).find(reads_back);
    few.unwrap_or_else(|| format!("{value:e}"))
}

/// The nearest value of a narrow type, as a float32.
fn nearest(value: f64, dtype: DType) -> f32 {
    let near = for_dtype!(dtype, T => T::of_scalar(&Scalar::Float64(value)).and_then(|near| near.to_scalar().as_f64()));
    near.unwrap_or(value) as f32
}

/// `1.5e2` as `150`.
fn plain(scientific: &str) -> String {
    scientific.parse::<f64>().map_or_else(|_| scientific.to_owned(), |v| v.to_string())
}

fn text(magnitude: f64, forms: impl FnOnce() -> (String, String)) -> String {
    if magnitude.is_nan() {
        return "NaN".to_owned();
    }
    if magnitude.is_infinite() {
        return if magnitude > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    let (plain, scientific) = forms();
    let size = magnitude.abs();
    if size == 0.0 || (1e-5..1e16).contains(&size) { plain } else { scientific }
}

/// `value` as JSON: as for people, but `-0.0` keeps its sign in readers that take `-0` for an integer, and what JSON
/// has no number for is a string.
pub fn f64_json(value: f64) -> String {
    json(value, f64_text(value))
}

/// As [`f64_json`], with the digits that a float32 needs.
pub fn f32_json(value: f32) -> String {
    json(f64::from(value), f32_text(value))
}

/// `text` of `value` as JSON.
pub fn json(value: f64, text: String) -> String {
    if !value.is_finite() {
        format!("\"{text}\"")
    } else if value == 0.0 && value.is_sign_negative() {
        "-0.0".to_owned()
    } else {
        text
    }
}

/// A number of bytes for people: `512 MiB`.
pub fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let text = format!("{value:.1}");
    format!("{} {}", text.strip_suffix(".0").unwrap_or(&text), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest_exact_forms() {
        for (value, people, json) in [
            (0.0f32, "0", "0"),
            (-0.0, "-0", "-0.0"),
            (5.9764705, "5.9764705", "5.9764705"),
            (3.4e38, "3.4e38", "3.4e38"),
            (1e-7, "1e-7", "1e-7"),
            (0.0001, "0.0001", "0.0001"),
            (16777216.0, "16777216", "16777216"),
            (f32::NAN, "NaN", "\"NaN\""),
            (f32::NEG_INFINITY, "-Infinity", "\"-Infinity\""),
        ] {
            assert_eq!((f32_text(value).as_str(), f32_json(value).as_str()), (people, json), "{value}");
        }
    }

    #[test]
    fn bytes() {
        for (n, text) in [(0, "0 bytes"), (1024, "1 KiB"), (1_610_612_736, "1.5 GiB"), (u64::MAX, "16 EiB")] {
            assert_eq!(bytes_text(n), text);
        }
    }
}
