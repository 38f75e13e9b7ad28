//! Floating-point numbers as NumPy prints them (`FloatingFormat` and Dragon4 in its sources).

use node_core::Scalar;
use node_core::half::f16;
use node_core::number::narrow_digits;

const PRECISION: usize = 8;

/// The texts of all values, of equal width.
pub fn floats(values: &[Scalar]) -> Vec<String> {
    let finite: Vec<&Scalar> = values.iter().filter(|v| special(v).is_none()).collect();
    let number: Box<dyn Fn(&Scalar) -> String> = if needs_exponents(&finite) {
        let cut: Vec<String> = finite.iter().map(|v| scientific(v, PRECISION)).collect();
        let digits = cut.iter().map(|text| fraction_digits(text)).max().unwrap_or(0);
        let size = cut.iter().map(|text| exponent_digits(text)).max().unwrap_or(0);
        Box::new(move |v| with_exponent(&scientific_of(v, digits), size))
    } else {
        let right = finite.iter().map(|v| fraction_digits(&plain(v))).max().unwrap_or(0);
        Box::new(move |v| {
            let text = plain(v);
            let fraction = fraction_digits(&text);
            text + if fraction == 0 { "." } else { "" } + &" ".repeat(right - fraction)
        })
    };
    let texts: Vec<String> = values.iter().map(|v| special(v).unwrap_or_else(|| number(v))).collect();
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    texts.iter().map(|t| format!("{t:>width$}")).collect()
}

/// Whether numbers are too large, too small or too different to be shown without exponents. NumPy asks in the elements'
/// own precision.
fn needs_exponents(finite: &[&Scalar]) -> bool {
    let sizes = || finite.iter().filter_map(|v| v.as_f64()).map(f64::abs).filter(|v| *v != 0.0);
    let (min, max) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    if max == 0.0 {
        return false;
    }
    if matches!(finite.first(), Some(Scalar::Float32(_))) {
        let (min, max) = (min as f32, max as f32);
        return max >= 1e6 || min < 1e-4 || max / min > 1000.0;
    }
    if matches!(finite.first(), Some(Scalar::Narrow(..))) {
        return max >= 1e3 || min < 1e-4 || f16::from_f64(max / min).to_f64() > 1000.0;
    }
    max >= 1e8 || min < 1e-4 || max / min > 1000.0
}

/// What stands for a value that is not finite.
pub fn special(value: &Scalar) -> Option<String> {
    let v = value.as_f64()?;
    if v.is_nan() {
        return Some("nan".to_owned());
    }
    v.is_infinite().then(|| if v > 0.0 { "inf".to_owned() } else { "-inf".to_owned() })
}

/// Shortest digits without an exponent, cut to eight after the point.
fn plain(value: &Scalar) -> String {
    let shortest = shortest(value);
    if fraction_digits(&shortest) <= PRECISION {
        return shortest;
    }
    let cut = format!("{:.PRECISION$}", value.as_f64().unwrap_or_default());
    cut.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Shortest digits with an exponent, cut to `most` after the point: `1.5e-7`, `1e8`.
fn scientific(value: &Scalar, most: usize) -> String {
    let shortest = shortest_exponent(value);
    if fraction_digits(&shortest) <= most {
        return shortest;
    }
    let cut = format!("{:.most$e}", value.as_f64().unwrap_or_default());
    let (mantissa, exponent) = cut.split_once('e').unwrap_or((&cut, "0"));
    format!("{}e{exponent}", trimmed(mantissa))
}

/// The mantissa without zeros that say nothing.
fn trimmed(mantissa: &str) -> &str {
    if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa }
}

/// The fewest digits, without an exponent: `0.1`, `3`.
pub fn shortest(value: &Scalar) -> String {
    let (mantissa, exponent) = digits_of(value);
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    let before = exponent as usize + 1;
    if digits.len() <= before {
        return format!("{sign}{digits}{}", "0".repeat(before - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..before], &digits[before..])
}

/// The fewest digits, with an exponent: `1e-7`.
pub fn shortest_exponent(value: &Scalar) -> String {
    let (mantissa, exponent) = digits_of(value);
    format!("{mantissa}e{exponent}")
}

/// The fewest digits that read back as the value, and its exponent. Of two that are equally near NumPy takes the even one.
fn digits_of(value: &Scalar) -> (String, i32) {
    let few = match value {
        Scalar::Float32(v) => format!("{v:e}"),
        Scalar::Narrow(v, dtype) => {
            let few = narrow_digits(*v, *dtype);
            let (mantissa, exponent) = few.split_once('e').unwrap_or((&few, "0"));
            return (trimmed(mantissa).to_owned(), exponent.parse().unwrap_or_default());
        }
        other => format!("{:e}", other.as_f64().unwrap_or_default()),
    };
    let exact = value.as_f64().unwrap_or_default();
    let nearest = format!("{exact:.*e}", fraction_digits(&few));
    let reads_back = match value {
        Scalar::Float32(v) => nearest.parse() == Ok(*v),
        _ => nearest.parse() == Ok(exact),
    };
    let text = if reads_back { nearest } else { few };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (trimmed(mantissa).to_owned(), exponent.parse().unwrap_or_default())
}

fn fraction_digits(text: &str) -> usize {
    let mantissa = text.split('e').next().unwrap_or(text);
    mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

fn exponent_digits(text: &str) -> usize {
    text.split_once('e').map_or(0, |(_, exponent)| exponent.trim_start_matches('-').len())
}

/// The value with just so many digits after the point; those beyond the shortest ones are the exact value's.
fn scientific_of(value: &Scalar, digits: usize) -> String {
    let shortest = shortest_exponent(value);
    if fraction_digits(&shortest) == digits {
        return shortest;
    }
    format!("{:.digits$e}", value.as_f64().unwrap_or_default())
}

/// `1e-7` as `1.e-07`: with a point, and at least two digits in the exponent, as many as `size`.
pub fn with_exponent(text: &str, size: usize) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    let point = if mantissa.contains('.') { "" } else { "." };
    format!("{mantissa}{point}e{sign}{exponent:0>0$}", size.max(2))
}
