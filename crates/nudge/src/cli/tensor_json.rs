//! Tensors as JSON that keeps every bit: float32 in its shortest exact form, `-0.0`, NaN and infinities as strings.

use std::fmt::Write;

use node_core::number::{f32_json, f64_json};
use node_core::tensor::Data;
use node_core::value::quoted;
use node_core::{PortRef, Tensor};

use super::warning_json::WarningJson;

/// `{"page": NAME, "results": {"grad.output": {…}}}`, and `"warnings"` where there are any.
pub fn results<'t>(
    page: &str,
    results: impl IntoIterator<Item = (&'t PortRef, &'t Tensor)>,
    warnings: &[WarningJson],
) -> String {
    let entries = results.into_iter().map(|(port, tensor)| format!("{}: {}", quoted(&port.to_string()), one(tensor)));
    let warnings = match warnings {
        [] => String::new(),
        some => format!(", \"warnings\": {}", serde_json::to_string(some).unwrap_or_default()),
    };
    format!("{{\"page\": {}, \"results\": {{{}}}{warnings}}}", quoted(page), entries.collect::<Vec<_>>().join(", "))
}

fn one(tensor: &Tensor) -> String {
    let mut text = format!("{{\"dtype\": \"{}\", \"shape\": {}, \"data\": [", tensor.dtype(), tensor.shape());
    match tensor.data() {
        Data::Float32(b) => list(&mut text, b.as_slice(), |v| f32_json(*v)),
        Data::Float64(b) => list(&mut text, b.as_slice(), |v| f64_json(*v)),
        Data::Int32(b) => list(&mut text, b.as_slice(), i32::to_string),
        Data::Int64(b) => list(&mut text, b.as_slice(), i64::to_string),
        Data::Bool(b) => list(&mut text, b.as_slice(), bool::to_string),
        Data::String(b) => list(&mut text, b.as_slice(), |v| quoted(v)),
    }
    text.push_str("]}");
    text
}

fn list<T>(text: &mut String, elements: &[T], element: impl Fn(&T) -> String) {
    for (i, value) in elements.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{}", if i > 0 { ", " } else { "" }, element(value));
    }
}
