//! Values as text in fields.

use node_core::value::Wanted;
use node_core::{AttrSpec, Value};

/// Values with more elements than this are edited in a dialog, not in a field.
const IN_A_FIELD: usize = 2000;

/// The text of a value in a field, or `None` where it is too long for one.
pub fn field_text(value: Option<&Value>, wanted: Wanted) -> Option<String> {
    match value {
        None => Some(String::new()),
        Some(value) => (value.leaves(IN_A_FIELD + 1) <= IN_A_FIELD).then(|| value.typed_text(wanted)),
    }
}

/// The range and default of an attribute, as a hint beside its field.
pub fn hint(spec: &AttrSpec) -> String {
    match (spec.range, &spec.ty) {
        (Some((min, max)), _) if max.is_finite() => format!("{min}–{max}"),
        (Some((min, _)), _) => format!("≥ {min}"),
        (None, ty) => ty.name().into_owned(),
    }
}
