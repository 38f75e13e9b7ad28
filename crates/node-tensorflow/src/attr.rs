//! Attributes, as TensorFlow writes them.

use bytes::Bytes;
use node_core::Attr;

use crate::data_type;
use crate::proto::AttrValue;
use crate::proto::attr_value::{ListValue, Value};
use crate::tensor;

/// Wraps a value.
pub fn value(value: Value) -> AttrValue {
    AttrValue { value: Some(value) }
}

/// A data type, by its number.
pub fn of_type(number: i32) -> AttrValue {
    value(Value::Type(number))
}

/// Data types, by their numbers.
pub fn of_types(numbers: Vec<i32>) -> AttrValue {
    value(Value::List(ListValue { r#type: numbers, ..ListValue::default() }))
}

/// A number.
pub fn of_int(number: i64) -> AttrValue {
    value(Value::I(number))
}

/// An attribute of a block.
pub fn to_proto(attr: &Attr) -> AttrValue {
    value(match attr {
        Attr::Float(v) => Value::F(*v),
        Attr::Int(v) => Value::I(*v),
        Attr::Bool(v) => Value::B(*v),
        Attr::String(v) => Value::S(text(v)),
        Attr::DType(v) => Value::Type(data_type::number(*v)),
        Attr::Shape(v) => Value::Shape(tensor::shape_to_proto(v)),
        Attr::Tensor(v) => Value::Tensor(tensor::to_proto(v)),
        Attr::List(items) => Value::List(list(items)),
    })
}

fn text(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn list(items: &[Attr]) -> ListValue {
    let mut list = ListValue::default();
    for item in items {
        match item {
            Attr::Float(v) => list.f.push(*v),
            Attr::Int(v) => list.i.push(*v),
            Attr::Bool(v) => list.b.push(*v),
            Attr::String(v) => list.s.push(text(v)),
            Attr::DType(v) => list.r#type.push(data_type::number(*v)),
            Attr::Shape(v) => list.shape.push(tensor::shape_to_proto(v)),
            Attr::Tensor(v) => list.tensor.push(tensor::to_proto(v)),
            // No attribute of TensorFlow's is a list of lists.
            Attr::List(_) => {}
        }
    }
    list
}
