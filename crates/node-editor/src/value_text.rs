//! What typed text means for an attribute or a literal, checked against its description.

use node_core::check::CheckedBlock;
use node_core::page::Written;
use node_core::{AttrSpec, AttrType, DType, PortSpec, Value, literal};

/// Values with more elements than this are not edited in a field.
const EDITABLE: usize = 2000;

/// The text of a value in a field, or `None` where it is too long for one.
pub fn field_text(value: Option<&Value>) -> Option<String> {
    match value {
        None => Some(String::new()),
        Some(value) => (value.leaves(EDITABLE + 1) <= EDITABLE).then(|| value.typed_text()),
    }
}

/// What stands in the place of a field whose value is too long for one.
pub fn too_long(value: &Value) -> String {
    format!("{} (too long to edit here; edit the page's file)", value.excerpt())
}

/// What `text` means for the attribute `spec`: a value in its range, or nothing for its default.
pub fn parse_attr(spec: &AttrSpec, checked: Option<&CheckedBlock>, text: &str) -> Result<Option<Written>, String> {
    if text.trim().is_empty() {
        return match spec.default {
            node_core::attr::AttrDefault::Required => Err(format!("{} must be set", spec.name)),
            _ => Ok(None),
        };
    }
    let dtype = checked.and_then(|block| block.fixed_dtype(spec));
    let value = match spec.ty == AttrType::String || dtype == Some(DType::String) {
        true => Value::parse_typed_text(text)?,
        false => typed(spec, text.trim())?,
    };
    spec.resolve(&value, dtype)?;
    Ok(Some(Written::from(value)))
}

/// Numbers may be written in C++'s way too.
fn typed(spec: &AttrSpec, text: &str) -> Result<Value, String> {
    let numeric = matches!(spec.ty, AttrType::Float | AttrType::Int);
    match number(text).filter(|_| numeric) {
        Some(number) => Value::parse(text).or(Ok(Value::number(number))),
        None => Value::parse_typed(text),
    }
}

/// A number as people write it: `6.`, `.5`, `-6.0f`.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_suffix(['f', 'F']).unwrap_or(text);
    digits.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// What `text` means as the literal of the input `port`: a tensor, or nothing.
pub fn parse_literal(port: &PortSpec, text: &str) -> Result<Option<Written>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let value = Value::parse_typed(text)?;
    let tensor = literal::tensor(&value, port.types.fixed())?;
    if !port.types.allows(tensor.dtype()) {
        let names: Vec<_> = port.types.dtypes().iter().map(|d| d.name()).collect();
        return Err(format!("{} takes {}, not {}", port.name, names.join(", "), tensor.dtype()));
    }
    Ok(Some(Written::from(value)))
}

/// The range and default of an attribute, as a hint beside its field.
pub fn hint(spec: &AttrSpec) -> String {
    match (spec.range, spec.ty) {
        (Some((min, max)), _) => format!("{min}–{max}"),
        (None, ty) => ty.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node_core::AttrKey;

    #[test]
    fn typed_attributes() {
        let bits = AttrKey::int("num_bits", 8, "").range(2.0, 16.0).spec();
        let min = AttrKey::float("min", -6.0, "").spec();
        for (spec, text, expected) in [
            (bits, "4", Ok(Some("4"))),
            (bits, " ", Ok(None)),
            (bits, "17", Err("must be from 2 to 16")),
            (bits, "4.5", Err("fraction")),
            (bits, "four", Err("must be a whole number")),
            (min, "-6.0f", Ok(Some("-6"))),
            (min, ".5", Ok(Some("0.5"))),
            (min, "1e99", Err("beyond float32")),
            (min, "six", Err("must be a number")),
        ] {
            match (parse_attr(&spec, None, text), expected) {
                (Ok(value), Ok(wanted)) => assert_eq!(value.map(|w| w.value.to_string()).as_deref(), wanted, "{text}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{text}: {message}"),
                (got, wanted) => panic!("{text}: {got:?}, not {wanted:?}"),
            }
        }
    }
}
