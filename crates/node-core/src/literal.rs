//! Literals: values written on a page that stand for a tensor.

use std::sync::Arc;

use crate::dtype::{DType, Element, Narrow};
use crate::number;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::{Value, non_finite};
use crate::{each_data_type, for_dtype};

/// The tensor that `value` stands for.
///
/// A number, a bool, a text, a nested list, or `{"dtype": …, "shape": […], "data": […]}`. The data type is `wanted`,
/// else the literal's own `dtype`, else bool for booleans, string for texts and float32 for all others. Rounding to
/// float32 is fine; a ragged list, a fraction or an overflow of an integer and a number beyond float32 are errors, said
/// in words for people.
pub fn tensor(value: &Value, wanted: Option<DType>) -> Result<Tensor, String> {
    let (dtype, shape, data) = match value {
        Value::Object(entries) => explicit(entries)?,
        nested => (None, None, nested),
    };
    let dtype = match (wanted, dtype) {
        (Some(wanted), Some(own)) if wanted != own => {
            return Err(format!("the literal says {own}, but {wanted} is needed here"));
        }
        (wanted, own) => wanted.or(own),
    };
    let mut dims = Vec::new();
    measure(data, &mut dims);
    let mut leaves = Vec::new();
    flatten(data, &dims, &mut leaves)?;
    let nested = Shape::new(dims).map_err(|e| e.to_string())?;
    let shape = match shape {
        Some(shape) if nested.rank() > 1 && nested != shape => {
            return Err(format!("the data is nested as {nested}, but shape says {shape}"));
        }
        Some(shape) if shape.elements() != leaves.len() => {
            return Err(format!("{} elements do not fill shape {shape}, which has {}", leaves.len(), shape.elements()));
        }
        Some(shape) => shape,
        None => nested,
    };
    fill(shape, &leaves, dtype.unwrap_or_else(|| natural(&leaves)))
}

/// The value that stands for a tensor, exactly: a nested list for float32, else with its data type, and with its shape
/// where a list would not show it.
pub fn of_tensor(tensor: &Tensor) -> Value {
    let element = |at: usize| tensor.element(at).and_then(|element| Value::parse(&element.json()).ok());
    let elements: Vec<Value> = (0..tensor.len()).map(|at| element(at).unwrap_or(Value::Null)).collect();
    let is_plain = tensor.dtype() == DType::Float32 && !elements.iter().all(is_word);
    if is_plain {
        return nest(&mut elements.into_iter(), tensor.shape().dims());
    }
    let dims = tensor.shape().dims().iter().map(|dim| Value::Int(*dim as i64)).collect();
    let entries = [
        ("dtype", Value::String(tensor.dtype().name().to_owned())),
        ("shape", Value::list(dims)),
        ("data", Value::list(elements)),
    ];
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The same as a person would write it where `dtype` is what a literal is taken for: a nested list.
pub fn of_tensor_as(tensor: &Tensor, dtype: Option<DType>) -> Value {
    if dtype != Some(tensor.dtype()) || tensor.is_empty() {
        return of_tensor(tensor);
    }
    let element = |at: usize| tensor.element(at).and_then(|element| Value::parse(&element.json()).ok());
    nest(&mut (0..tensor.len()).map(|at| element(at).unwrap_or(Value::Null)), tensor.shape().dims())
}

fn is_word(value: &Value) -> bool {
    matches!(value, Value::String(_))
}

/// Elements as a nested list of these dimensions.
fn nest(elements: &mut impl Iterator<Item = Value>, dims: &[usize]) -> Value {
    match dims.split_first() {
        Some((dim, rest)) => Value::list((0..*dim).map(|_| nest(elements, rest)).collect()),
        None => elements.next().unwrap_or(Value::Null),
    }
}

/// The data type that a literal names itself, or shows by its elements: bool for booleans, string for texts (but for
/// those that stand for numbers). None for numbers, which can be of many.
pub fn own_dtype(value: &Value) -> Option<DType> {
    fn of_leaves(value: &Value) -> Option<DType> {
        match value {
            Value::List(items) => {
                let mut found = items.iter().map(of_leaves);
                let first = found.next()??;
                found.all(|dtype| dtype == Some(first)).then_some(first)
            }
            Value::Bool(_) => Some(DType::Bool),
            Value::String(text) if non_finite(text).is_none() => Some(DType::String),
            _ => None,
        }
    }
    match value {
        Value::Object(entries) => {
            let find = |key: &str| entries.iter().find(|(k, _)| k == key).map(|(_, value)| value);
            match find("dtype") {
                Some(Value::String(name)) => DType::from_name(name),
                Some(_) => None,
                None => find("data").and_then(of_leaves),
            }
        }
        other => of_leaves(other),
    }
}

type Explicit<'v> = (Option<DType>, Option<Shape>, &'v Value);

fn explicit(entries: &[(String, Value)]) -> Result<Explicit<'_>, String> {
    let (mut dtype, mut shape, mut data) = (None, None, None);
    for (key, value) in entries {
        match key.as_str() {
            "dtype" => {
                let name = match value {
                    Value::String(name) => DType::from_name(name),
                    _ => None,
                };
                dtype = Some(name.ok_or_else(|| unknown_dtype(value))?);
            }
            "shape" => shape = Some(dimensions(value)?),
            "data" => data = Some(value),
            other => return Err(format!("a literal has the keys dtype, shape and data, not '{other}'")),
        }
    }
    Ok((dtype, shape, data.ok_or("the literal has no 'data'")?))
}

/// The message for something that should name a data type.
pub fn unknown_dtype(value: &Value) -> String {
    let names: Vec<_> = DType::ALL.iter().map(|d| d.name()).collect();
    format!("{} is no data type; there are {}", value.excerpt(), names.join(", "))
}

fn dimensions(value: &Value) -> Result<Shape, String> {
    let Value::List(items) = value else {
        return Err(format!("shape is {}, but must be a list of dimensions", value.excerpt()));
    };
    let dims = items.iter().map(|item| match item {
        Value::Int(d) => usize::try_from(*d).map_err(|_| format!("shape has the negative dimension {d}")),
        other => Err(format!("shape has the dimension {}, which is not a whole number", other.excerpt())),
    });
    Shape::new(dims.collect::<Result<Vec<_>, _>>()?).map_err(|e| e.to_string())
}

fn measure(mut value: &Value, dims: &mut Vec<usize>) {
    while let Value::List(items) = value {
        dims.push(items.len());
        match items.first() {
            Some(first) => value = first,
            None => return,
        }
    }
}

fn flatten<'v>(value: &'v Value, dims: &[usize], leaves: &mut Vec<&'v Value>) -> Result<(), String> {
    match (value, dims.split_first()) {
        (Value::List(items), Some((&dim, rest))) if items.len() == dim => {
            items.iter().try_for_each(|item| flatten(item, rest, leaves))
        }
        (Value::List(items), Some((dim, _))) => {
            Err(format!("the list is ragged: a part has {} elements where others have {dim}", items.len()))
        }
        (Value::List(_), None) | (_, Some(_)) => {
            Err(format!("the list is ragged: {} stands beside parts of another depth", value.excerpt()))
        }
        (Value::Null | Value::Object(_), None) => {
            Err(format!("{} is no element of a tensor; numbers, bools and texts are", value.excerpt()))
        }
        (leaf, None) => {
            leaves.push(leaf);
            Ok(())
        }
    }
}

fn natural(leaves: &[&Value]) -> DType {
    if !leaves.is_empty() && leaves.iter().all(|v| matches!(v, Value::Bool(_))) {
        DType::Bool
    } else if !leaves.is_empty() && leaves.iter().all(|v| matches!(v, Value::String(_))) {
        DType::String
    } else {
        DType::Float32
    }
}

fn fill(shape: Shape, leaves: &[&Value], dtype: DType) -> Result<Tensor, String> {
    fn of<T: Element>(
        shape: Shape,
        leaves: &[&Value],
        element: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Tensor, String> {
        let elements = leaves.iter().map(|leaf| element(leaf)).collect::<Result<Vec<T>, _>>()?;
        Tensor::new(shape, elements).map_err(|e| e.to_string())
    }
    for_dtype!(dtype, T => of::<T>(shape, leaves, T::from_value))
}

/// An element that can be written as a value.
trait FromValue: Element {
    /// The element that `value` stands for, or what is wrong with it.
    fn from_value(value: &Value) -> Result<Self, String>;
}

macro_rules! from_value {
    (float Float32 $t:ty) => { from_value!(# $t, |v| float32(v)); };
    (float $variant:ident $t:ty) => { from_value!(# $t, |v| floating(v, DType::$variant)); };
    (narrow $variant:ident $t:ty) => { from_value!(# $t, |v| narrow(v)); };
    (int $variant:ident $t:ty) => { from_value!(# $t, |v| whole(v)); };
    (uint $variant:ident $t:ty) => { from_value!(# $t, |v| whole(v)); };
    (bool $variant:ident $t:ty) => {
        from_value!(# $t, |v| match v {
            Value::Bool(b) => Ok(*b),
            other => Err(wrong_element(other, DType::$variant)),
        });
    };
    (text $variant:ident $t:ty) => {
        from_value!(# $t, |v| match v {
            Value::String(text) => Ok(Arc::from(text.as_str())),
            other => Err(wrong_element(other, DType::$variant)),
        });
    };
    (# $t:ty, |$v:ident| $element:expr) => {
        impl FromValue for $t {
            fn from_value($v: &Value) -> Result<Self, String> {
                $element
            }
        }
    };
}

each_data_type!(from_value);

/// `value` as a whole number of a type that may be narrow.
fn whole<T: Element + TryFrom<i128>>(value: &Value) -> Result<T, String> {
    let whole = exact_integer(value, T::DTYPE)?;
    T::try_from(whole).map_err(|_| format!("{whole} is beyond {}", T::DTYPE))
}

/// `value` as a narrow floating-point number: rounded once, but a finite number beyond the type is an error.
fn narrow<T: Narrow>(value: &Value) -> Result<T, String> {
    let double = floating(value, T::DTYPE)?;
    let narrow = T::nearest_to(double);
    if narrow.wide().is_infinite() && double.is_finite() {
        return Err(format!("{} is beyond {}", number::f64_text(double), T::DTYPE));
    }
    Ok(narrow)
}

fn wrong_element(value: &Value, dtype: DType) -> String {
    format!("{} ({}) is no {dtype}", value.excerpt(), value.kind())
}

fn floating(value: &Value, dtype: DType) -> Result<f64, String> {
    match value {
        Value::Int(v) => Ok(*v as f64),
        Value::Large(v) => Ok(*v as f64),
        Value::Float(v) => Ok(*v),
        Value::String(text) => non_finite(text).ok_or_else(|| wrong_element(value, dtype)),
        other => Err(wrong_element(other, dtype)),
    }
}

/// `value` as a float32: rounded, but a finite number beyond float32 is an error.
pub fn float32(value: &Value) -> Result<f32, String> {
    // Rounded once, not by way of a double.
    match value {
        Value::Int(v) => return Ok(*v as f32),
        Value::Large(v) => return Ok(*v as f32),
        _ => {}
    }
    let double = floating(value, DType::Float32)?;
    let single = double as f32;
    if single.is_infinite() && double.is_finite() {
        return Err(format!("{} is beyond float32", number::f64_text(double)));
    }
    Ok(single)
}

/// `value` as a whole number in 64 bits.
pub fn integer(value: &Value, dtype: DType) -> Result<i64, String> {
    let whole = exact_integer(value, dtype)?;
    i64::try_from(whole).map_err(|_| format!("{} is beyond {dtype}", value.excerpt()))
}

/// `value` as a whole number that some type holds.
fn exact_integer(value: &Value, dtype: DType) -> Result<i128, String> {
    match value {
        Value::Int(v) => Ok(i128::from(*v)),
        Value::Large(v) => Ok(i128::from(*v)),
        Value::Float(v) if v.fract() != 0.0 => {
            Err(format!("{} has a fraction, but {dtype} is whole", number::f64_text(*v)))
        }
        Value::Float(v) if *v == 0.0 => Ok(0),
        Value::Float(v) if (i64::MIN as f64..u64::MAX as f64).contains(v) => Ok(*v as i128),
        Value::Float(v) => Err(format!("{} is beyond {dtype}", number::f64_text(*v))),
        Value::String(text) if non_finite(text).is_some() => {
            Err(format!("{text} is no {dtype}: whole numbers have neither NaN nor infinities"))
        }
        other => Err(wrong_element(other, dtype)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, wanted: Option<DType>) -> Result<String, String> {
        tensor(&Value::parse(json).unwrap(), wanted).map(|t| format!("{} {}", t.tensor_type(), t.preview(9)))
    }

    #[test]
    fn literals() {
        for (json, wanted, expected) in [
            ("1", None, "float32 [] 1"),
            ("true", None, "bool [] true"),
            ("\"a\"", None, "string [] \"a\""),
            ("[]", None, "float32 [0] []"),
            ("[[], []]", None, "float32 [2, 0] [[], []]"),
            ("[1, \"NaN\", \"-Infinity\"]", None, "float32 [3] [1, NaN, -Infinity]"),
            ("[[1, 2], [3, 4]]", Some(DType::Int32), "int32 [2, 2] [[1, 2], [3, 4]]"),
            ("[9007199254740993]", Some(DType::Int64), "int64 [1] [9007199254740993]"),
            (
                "[9.2e18, -9223372036854775808.0]",
                Some(DType::Int64),
                "int64 [2] [9200000000000000000, -9223372036854775808]",
            ),
            (r#"{"dtype": "int64", "shape": [2, 1], "data": [1, 2]}"#, None, "int64 [2, 1] [[1], [2]]"),
            (r#"{"shape": [0, 3], "data": []}"#, None, "float32 [0, 3] []"),
            (r#"{"shape": [], "data": [3]}"#, None, "float32 [] 3"),
            ("16777217", None, "float32 [] 16777216"),
            ("18446744073709551615", Some(DType::UInt64), "uint64 [] 18446744073709551615"),
            ("[255, 0]", Some(DType::UInt8), "uint8 [2] [255, 0]"),
            ("-128", Some(DType::Int8), "int8 [] -128"),
            ("[0.1, 65504, \"NaN\"]", Some(DType::Float16), "float16 [3] [0.1, 65504, NaN]"),
            ("[0.1, 1e38, 257]", Some(DType::BFloat16), "bfloat16 [3] [0.1, 1e38, 256]"),
            ("-0.0", None, "float32 [] -0"),
        ] {
            assert_eq!(read(json, wanted).as_deref(), Ok(expected), "{json}");
        }
    }

    #[test]
    fn refusals() {
        for (json, wanted, part) in [
            ("[[1, 2], [3]]", None, "ragged"),
            ("[1, [2]]", None, "ragged"),
            ("[[1], 2]", None, "ragged"),
            ("1.5", Some(DType::Int32), "fraction"),
            ("3000000000", Some(DType::Int32), "beyond int32"),
            ("1e19", Some(DType::Int64), "beyond int64"),
            ("9223372036854775808.0", Some(DType::Int64), "beyond int64"),
            ("1e39", None, "beyond float32"),
            ("18446744073709551616", Some(DType::UInt64), "beyond uint64"),
            ("-1", Some(DType::UInt64), "-1 is beyond uint64"),
            ("256", Some(DType::UInt8), "256 is beyond uint8"),
            ("65520", Some(DType::Float16), "beyond float16"),
            ("\"NaN\"", Some(DType::Int32), "is no int32"),
            ("1", Some(DType::Bool), "is no bool"),
            ("[1, true]", None, "is no float32"),
            ("[null]", None, "no element"),
            (r#"{"dtype": "int32", "data": 1}"#, Some(DType::Float32), "says int32"),
            (r#"{"dtype": "float31", "data": 1}"#, None, "no data type"),
            (r#"{"shape": [2], "data": [1]}"#, None, "do not fill"),
            (r#"{"shape": [-2], "data": [1]}"#, None, "negative"),
            (r#"{"shape": [4294967296, 4294967296], "data": []}"#, None, "overflows"),
            (r#"{"shape": [2], "data": [1, 2], "x": 0}"#, None, "not 'x'"),
            (r#"{"dtype": "int32"}"#, None, "no 'data'"),
        ] {
            let message = read(json, wanted).unwrap_err();
            assert!(message.contains(part), "{json}: {message}");
        }
    }
}
