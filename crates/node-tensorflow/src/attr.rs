//! Attributes, as TensorFlow writes them.

use bytes::Bytes;
use node_core::number::f32_text;
use node_core::{Attr, Value as Written, literal};

use crate::data_type;
use crate::proto::attr_value::{ListValue, Value};
use crate::proto::{AttrValue, NameAttrList, TensorShapeProto};
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

/// An attribute of the type `ty`, as TensorFlow calls it: data types and functions are written by their names, too.
pub fn to_proto_as(attr: &Attr, ty: &str) -> AttrValue {
    let number = |name: &str| data_type::named(name).unwrap_or_default();
    match (attr, ty) {
        (Attr::String(name), "type") => of_type(number(name)),
        (Attr::String(name), "func") => value(Value::Func(function(name))),
        (Attr::List(items), "list(type)") => {
            of_types(items.iter().map(|item| if let Attr::String(name) = item { number(name) } else { 0 }).collect())
        }
        (Attr::List(items), "list(func)") => {
            let named = |item: &Attr| if let Attr::String(name) = item { function(name) } else { function("") };
            value(Value::List(ListValue { func: items.iter().map(named).collect(), ..ListValue::default() }))
        }
        _ => to_proto(attr),
    }
}

fn function(name: &str) -> NameAttrList {
    NameAttrList { name: name.to_owned(), ..NameAttrList::default() }
}

/// An attribute as a page writes it down; nothing if a page cannot say it.
pub fn from_proto(attr: &AttrValue) -> Option<Written> {
    match attr.value.as_ref()? {
        Value::S(bytes) => string(bytes),
        Value::I(number) => Some(Written::Int(*number)),
        Value::F(number) => float(number),
        Value::B(is) => Some(Written::Bool(*is)),
        Value::Type(number) => data_type::name(*number).map(Written::String),
        Value::Shape(shape) => dims(shape),
        Value::Tensor(proto) => tensor::from_proto(proto).ok().map(|tensor| literal::of_tensor(&tensor)),
        Value::Func(function) => named(function),
        Value::List(list) => items(list),
        Value::Placeholder(_) => None,
    }
}

fn string(bytes: &Bytes) -> Option<Written> {
    std::str::from_utf8(bytes).ok().map(|text| Written::String(text.to_owned()))
}

/// The shortest number that is this one in single precision.
fn float(number: &f32) -> Option<Written> {
    match number.is_finite() {
        true => f32_text(*number).parse().ok().map(Written::number),
        false => Some(Written::number(f64::from(*number))),
    }
}

fn dims(shape: &TensorShapeProto) -> Option<Written> {
    let dims = || Written::list(shape.dim.iter().map(|dim| Written::Int(dim.size)).collect());
    (!shape.unknown_rank).then(dims)
}

fn named(function: &NameAttrList) -> Option<Written> {
    function.attr.is_empty().then(|| Written::String(function.name.clone()))
}

fn items(list: &ListValue) -> Option<Written> {
    fn all<T>(items: &[T], one: impl Fn(&T) -> Option<Written>) -> Option<Vec<Written>> {
        items.iter().map(one).collect()
    }
    let tensor = |proto: &_| tensor::from_proto(proto).ok().map(|tensor| literal::of_tensor(&tensor));
    // It holds items of one kind.
    let mut found = all(&list.s, string)?;
    found.extend(all(&list.i, |number| Some(Written::Int(*number)))?);
    found.extend(all(&list.f, float)?);
    found.extend(all(&list.b, |is| Some(Written::Bool(*is)))?);
    found.extend(all(&list.r#type, |number| data_type::name(*number).map(Written::String))?);
    found.extend(all(&list.shape, dims)?);
    found.extend(all(&list.tensor, tensor)?);
    found.extend(all(&list.func, named)?);
    Some(Written::list(found))
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
