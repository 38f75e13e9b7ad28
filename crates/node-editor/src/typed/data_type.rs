//! Another data type for a constant, whose elements stay.

use node_core::attr::AttrType;
use node_core::check::CheckedPage;
use node_core::page::Written;
use node_core::value::Wanted;
use node_core::{BlockId, DType, Scalar, Tensor, Value, literal};

use super::elements::constant;
use crate::command::Command;

/// The command that gives a constant another data type. Elements stay as they are written where that type takes them so;
/// between booleans, texts and numbers they become what means the same. What would lose anything else than rounding is
/// refused.
pub fn change(checked: &CheckedPage, id: &BlockId, dtype: DType) -> Result<Option<Command>, String> {
    let (attr, tensor) = constant(checked, id).ok_or("It cannot be edited here.")?;
    let AttrType::Tensor { dtype_attr } = &attr.ty else { return Ok(None) };
    if dtype == tensor.dtype() {
        return Ok(None);
    }
    let node = checked.page.block(id.as_str()).ok_or("There is no such block.")?;
    let own = node.attrs.get(&attr.name).ok_or("It has no value.")?;
    let mut value = with_dtype(own, dtype);
    if let Err(why) = literal::tensor(&value, Some(dtype)) {
        value = with_dtype(&converted(own, tensor, dtype).ok_or(why)?, dtype);
        literal::tensor(&value, Some(dtype))?;
    }
    let is_said = literal::own_dtype(&value) == Some(dtype);
    let had_own = node.attrs.get(dtype_attr).is_some();
    let name = Value::String(dtype.name().to_owned());
    let mut values = vec![(attr.name.to_string(), Some(Written::from(value)))];
    if had_own || !is_said {
        values.push((dtype_attr.to_string(), Some(name.into())));
    }
    Ok(Some(Command::SetAttrs { block: id.clone(), values }))
}

/// A literal that says its data type says the new one.
fn with_dtype(value: &Value, dtype: DType) -> Value {
    let Value::Object(entries) = value else { return value.clone() };
    let entry = |(key, value): &(String, Value)| match key.as_str() {
        "dtype" => (key.clone(), Value::String(dtype.name().to_owned())),
        _ => (key.clone(), value.clone()),
    };
    Value::Object(entries.iter().map(entry).collect())
}

/// The literal with each of its elements as the data type writes it; `None` where one means nothing there.
fn converted(value: &Value, tensor: &Tensor, dtype: DType) -> Option<Value> {
    let mut elements = (0..tensor.len()).map(|i| tensor.element(i).and_then(|element| element_as(&element, dtype)));
    fn leaves(value: &Value, next: &mut dyn FnMut() -> Option<Value>) -> Option<Value> {
        match value {
            Value::List(items) => items.iter().map(|item| leaves(item, next)).collect::<Option<_>>().map(Value::list),
            _ => next(),
        }
    }
    let next = &mut || elements.next().flatten();
    match value {
        Value::Object(entries) => {
            let entry = |(key, value): &(String, Value)| match key.as_str() {
                "data" => leaves(value, next).map(|value| (key.clone(), value)),
                _ => Some((key.clone(), value.clone())),
            };
            entries.iter().map(entry).collect::<Option<_>>().map(Value::Object)
        }
        _ => leaves(value, next),
    }
}

fn element_as(element: &Scalar, dtype: DType) -> Option<Value> {
    let json = Value::parse(&element.json()).ok()?;
    match (element, dtype) {
        (Scalar::String(text), _) => Value::parse_typed(text, Wanted::of(Some(dtype))).ok(),
        (_, DType::String) => Some(Value::String(element.to_string())),
        (Scalar::Bool(is), _) => Some(Value::Int(i64::from(*is))),
        (_, DType::Bool) => match element.as_f64()? {
            0.0 => Some(Value::Bool(false)),
            1.0 => Some(Value::Bool(true)),
            _ => None,
        },
        _ => Some(json),
    }
}
