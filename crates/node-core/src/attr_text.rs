//! Attributes as one line of text, the way that enuSpace and TensorFlow's C++ API write them:
//! `min_=-6.0f;max_=6.0f;num_bits_=8;`.

use crate::dtype::DType;
use crate::value::Value;

/// Reads the text form. The trailing underscore of a name, the `f` suffix of a number, `DT_FLOAT` for `float32` and
/// the final semicolon are all optional; a value may be any JSON. Blank text is no attributes.
pub fn parse(text: &str) -> Result<Vec<(String, Value)>, String> {
    let mut attrs: Vec<(String, Value)> = Vec::new();
    for part in split(text)? {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let Some((name, value)) = part.split_once('=') else {
            return Err(format!("'{part}' has no '='; attributes are written as name=value;"));
        };
        let name = name.trim();
        let name = name.strip_suffix('_').unwrap_or(name);
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("'{name}' in '{part}' is no name of an attribute"));
        }
        if attrs.iter().any(|(n, _)| n == name) {
            return Err(format!("{name} is given twice"));
        }
        let value = read_value(value.trim()).map_err(|why| format!("{name} {why}"))?;
        attrs.push((name.to_owned(), value));
    }
    Ok(attrs)
}

/// Writes the text form that [`parse`] reads, with `f` after the names that `is_float` picks.
pub fn write<'a>(attrs: impl IntoIterator<Item = (&'a str, &'a Value, bool)>) -> String {
    let mut text = String::new();
    for (name, value, is_float) in attrs {
        let value = match value {
            Value::Int(v) if is_float => format!("{v}.0f"),
            Value::Float(v) if is_float && v.is_finite() => {
                let digits = crate::number::f64_text(*v);
                if digits.contains(['.', 'e']) { format!("{digits}f") } else { format!("{digits}.0f") }
            }
            other => other.to_string(),
        };
        text.push_str(&format!("{name}_={value};"));
    }
    text
}

fn split(text: &str) -> Result<Vec<&str>, String> {
    let (mut parts, mut start, mut in_text, mut escaped) = (Vec::new(), 0, false, false);
    for (i, c) in text.char_indices() {
        match c {
            '\\' if in_text && !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => in_text = !in_text,
            ';' if !in_text => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
        escaped = false;
    }
    if in_text {
        return Err("a text is not closed: its second '\"' is missing".to_owned());
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn read_value(text: &str) -> Result<Value, String> {
    if text.is_empty() {
        return Err("has no value".to_owned());
    }
    if let Ok(value) = Value::parse(text) {
        return Ok(value);
    }
    if let Some(number) = cpp_number(text) {
        return if number.is_finite() { Ok(Value::number(number)) } else { Err(format!("is {text}, beyond float64")) };
    }
    match text {
        "True" => return Ok(Value::Bool(true)),
        "False" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let dtype = DType::from_name(text).filter(|_| text.starts_with("DT_"));
    Ok(Value::String(dtype.map_or_else(|| text.to_owned(), |dtype| dtype.name().to_owned())))
}

/// A number in digits as C++ writes it: `6.`, `.5`, `-6.0f`; infinite if it is beyond float64.
pub fn cpp_number(text: &str) -> Option<f64> {
    let digits = text.strip_suffix(['f', 'F']).unwrap_or(text);
    let is_digits = digits.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    digits.parse().ok().filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading() {
        for (text, expected) in [
            ("", ""),
            ("min_=-6.0f;max_=6.0f;num_bits_=8;", r#"{"min": -6, "max": 6, "num_bits": 8}"#),
            ("min=-6;max=6.5", r#"{"min": -6, "max": 6.5}"#),
            (" narrow_range_ = true ; ", r#"{"narrow_range": true}"#),
            ("narrow_range=True", r#"{"narrow_range": true}"#),
            ("num_bits=0.5F", r#"{"num_bits": 0.5}"#),
            ("max_=6.f;", r#"{"max": 6}"#),
            ("max_=.5;min_=-1e3f", r#"{"max": 0.5, "min": -1000}"#),
            ("dtype_=DT_FLOAT;", r#"{"dtype": "float32"}"#),
            ("dtype_=DT_INT64;", r#"{"dtype": "int64"}"#),
            ("value=[1, 2];name=\"a;b=c\"", r#"{"value": [1, 2], "name": "a;b=c"}"#),
            ("max=Infinity", r#"{"max": "Infinity"}"#),
        ] {
            let read = parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(Value::Object(read).to_string(), if expected.is_empty() { "{}" } else { expected }, "{text}");
        }
    }

    #[test]
    fn refusals() {
        for (text, part) in [
            ("min_", "no '='"),
            ("=3", "no name"),
            ("a b=3", "no name"),
            ("min=1;min_=2", "given twice"),
            ("min=", "no value"),
            ("name=\"open", "not closed"),
            ("max=1e400f", "max is 1e400f, beyond float64"),
            ("max=-1e400", "beyond float64"),
        ] {
            let message = parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn writing_reads_back() {
        let attrs =
            [("min", Value::Int(-6), true), ("max", Value::Float(6.5), true), ("num_bits", Value::Int(8), false)];
        let text = write(attrs.iter().map(|(n, v, f)| (*n, v, *f)));
        assert_eq!(text, "min_=-6.0f;max_=6.5f;num_bits_=8;");
        let read = parse(&text).unwrap();
        assert!(read.iter().zip(&attrs).all(|((n, v), (m, w, _))| n == m && v == w));
    }
}
