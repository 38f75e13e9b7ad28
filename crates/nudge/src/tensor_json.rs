//! Tensors as JSON that keeps every bit: float32 in its shortest exact form, `-0.0`, NaN and infinities as strings.

use std::fmt::Write;

use node_core::value::quoted;
use node_core::{PortRef, Tensor};

use crate::warning_json::WarningJson;

/// `{"page": NAME, "results": {"grad.output": {…}}}`, and `"warnings"` where there are any; then `more` entries.
pub fn results<'t>(
    page: &str,
    results: impl IntoIterator<Item = (&'t PortRef, &'t Tensor)>,
    warnings: &[WarningJson],
    more: Option<String>,
) -> String {
    let entries = results.into_iter().map(|(port, tensor)| format!("{}: {}", quoted(&port.to_string()), one(tensor)));
    let warnings = match warnings {
        [] => String::new(),
        some => format!(", \"warnings\": {}", serde_json::to_string(some).unwrap_or_default()),
    };
    let more = more.map(|more| format!(", {more}")).unwrap_or_default();
    format!(
        "{{\"page\": {}, \"results\": {{{}}}{warnings}{more}}}",
        quoted(page),
        entries.collect::<Vec<_>>().join(", ")
    )
}

fn one(tensor: &Tensor) -> String {
    let mut text = format!("{{\"dtype\": \"{}\", \"shape\": {}, \"data\": [", tensor.dtype(), tensor.shape());
    for number in 0..tensor.len() {
        let element = tensor.element(number).map(|element| element.json()).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{element}", if number > 0 { ", " } else { "" });
    }
    text.push_str("]}");
    text
}
