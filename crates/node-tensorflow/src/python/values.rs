//! Values as Python spells them: so that what Python reads is the same to the bit.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use node_core::half::{bf16, f16};
use node_core::number::{f32_text, f64_text, narrow_text};
use node_core::{DType, Tensor};

use crate::data_type;
use crate::proto::attr_value::{ListValue, Value};
use crate::proto::{AttrValue, DataType, TensorProto, TensorShapeProto};
use crate::tensor::{content, from_proto};

/// Tensors of more elements are written as bytes.
const SHOWN: usize = 256;

/// `text` within other text, without what would end that.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !"\"\\".contains(*c)).collect()
}

/// A text.
pub fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A data type: `tf.float32`.
fn dtype(number: i32) -> String {
    match data_type::of_number(number) {
        Ok(dtype) => format!("tf.{dtype}"),
        Err(_) => {
            let name = DataType::try_from(number).unwrap_or_default().as_str_name();
            format!("tf.{}", name.trim_start_matches("DT_").to_ascii_lowercase())
        }
    }
}

/// The data type that an attribute is.
pub fn dtype_of(attr: Option<&AttrValue>) -> String {
    match attr.and_then(|attr| attr.value.as_ref()) {
        Some(Value::Type(number)) => dtype(*number),
        _ => "None".to_owned(),
    }
}

/// An attribute of the type that its operation says: `int`, `list(float)`, …
pub fn attr(attr: &AttrValue, ty: &str) -> String {
    match &attr.value {
        Some(Value::S(v)) => bytes_or_text(v),
        Some(Value::I(v)) => v.to_string(),
        Some(Value::F(v)) => float(f64::from(*v), &f32_text(*v), |read| (read as f32).to_bits() == v.to_bits()),
        Some(Value::B(v)) => if *v { "True" } else { "False" }.to_owned(),
        Some(Value::Type(v)) => dtype(*v),
        Some(Value::Shape(v)) => shape(v),
        Some(Value::Tensor(v)) => tensor(v),
        Some(Value::List(v)) => list(v),
        Some(Value::Func(_) | Value::Placeholder(_)) | None => {
            if ty.starts_with("list") { "[]" } else { "None" }.to_owned()
        }
    }
}

fn list(list: &ListValue) -> String {
    let single = |value: Value| attr(&AttrValue { value: Some(value) }, "");
    let mut items: Vec<String> = Vec::new();
    items.extend(list.s.iter().map(|v| bytes_or_text(v)));
    items.extend(list.i.iter().map(|v| v.to_string()));
    items.extend(list.f.iter().map(|v| single(Value::F(*v))));
    items.extend(list.b.iter().map(|v| single(Value::B(*v))));
    items.extend(list.r#type.iter().map(|v| dtype(*v)));
    items.extend(list.shape.iter().map(shape));
    items.extend(list.tensor.iter().map(tensor));
    format!("[{}]", items.join(", "))
}

fn bytes_or_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(valid) => text(valid),
        Err(_) => format!("base64.b64decode(\"{}\")", STANDARD.encode(bytes)),
    }
}

fn shape(shape: &TensorShapeProto) -> String {
    if shape.unknown_rank {
        return "None".to_owned();
    }
    let dim = |size: i64| if size < 0 { "None".to_owned() } else { size.to_string() };
    let dims: Vec<String> = shape.dim.iter().map(|d| dim(d.size)).collect();
    format!("[{}]", dims.join(", "))
}

/// A number whose shortest text is `short`, if Python reads that as the same, else all of its digits.
fn float(value: f64, short: &str, is_same: impl Fn(f64) -> bool) -> String {
    if value.is_nan() {
        return "float(\"nan\")".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "float(\"inf\")" } else { "float(\"-inf\")" }.to_owned();
    }
    match short.parse::<f64>() {
        Ok(read) if is_same(read) => {
            let whole = !short.contains(['.', 'e', 'E']);
            if whole { format!("{short}.0") } else { short.to_owned() }
        }
        _ => f64_text(value),
    }
}

/// A constant.
pub fn tensor(proto: &TensorProto) -> String {
    let Ok(tensor) = from_proto(proto) else { return "None".to_owned() };
    let (ty, dims) = (dtype(proto.dtype), tensor.shape().dims());
    if tensor.is_empty() {
        return format!("tf.constant([], dtype={ty}, shape={dims:?})");
    }
    if tensor.slice::<Arc<str>>().is_none() && (tensor.len() > SHOWN || has_odd_nan(&tensor)) {
        let bytes = STANDARD.encode(content(&tensor));
        return format!(
            "tf.constant(np.frombuffer(base64.b64decode(\"{bytes}\"), {ty}.as_numpy_dtype).reshape({dims:?}))"
        );
    }
    if dims.is_empty() && tensor.element(0).and_then(|element| element.as_f64()) == Some(0.0) && is_float(&tensor) {
        // TensorFlow keeps scalars by their value, to which the sign of 0 makes no difference.
        return format!("tf.constant(np.array({}, {ty}.as_numpy_dtype))", element(&tensor, 0));
    }
    let elements: Vec<String> = (0..tensor.len()).map(|flat| element(&tensor, flat)).collect();
    format!("tf.constant({}, dtype={ty})", nested(dims, &elements))
}

fn is_float(tensor: &Tensor) -> bool {
    tensor.dtype().is_floating()
}

/// Whether a NaN has a sign or bits that `float("nan")` would lose.
fn has_odd_nan(tensor: &Tensor) -> bool {
    macro_rules! odd {
        ($t:ty) => {
            tensor.slice::<$t>().is_some_and(|s| s.iter().any(|v| v.is_nan() && v.to_bits() != <$t>::NAN.to_bits()))
        };
    }
    odd!(f32) || odd!(f64) || odd!(f16) || odd!(bf16)
}

fn element(tensor: &Tensor, flat: usize) -> String {
    if let Some(v) = tensor.slice::<f32>().map(|s| s[flat]) {
        return float(f64::from(v), &f32_text(v), |read| (read as f32).to_bits() == v.to_bits());
    }
    if let Some(v) = tensor.slice::<f64>().map(|s| s[flat]) {
        return float(v, &f64_text(v), |read| read.to_bits() == v.to_bits());
    }
    if let Some(v) = tensor.slice::<f16>().map(|s| s[flat]) {
        let short = narrow_text(v.to_f32(), DType::Float16);
        return float(v.to_f64(), &short, |read| f16::from_f64(read).to_bits() == v.to_bits());
    }
    if let Some(v) = tensor.slice::<bf16>().map(|s| s[flat]) {
        let short = narrow_text(v.to_f32(), DType::BFloat16);
        return float(v.to_f64(), &short, |read| bf16::from_f64(read).to_bits() == v.to_bits());
    }
    if let Some(v) = tensor.slice::<bool>().map(|s| s[flat]) {
        return if v { "True" } else { "False" }.to_owned();
    }
    if let Some(v) = tensor.slice::<Arc<str>>().map(|s| &s[flat]) {
        return text(v);
    }
    tensor.element(flat).map(|scalar| scalar.json()).unwrap_or_default()
}

/// Elements as lists in lists.
fn nested(dims: &[usize], elements: &[String]) -> String {
    match dims {
        [] => elements.concat(),
        [_] => format!("[{}]", elements.join(", ")),
        [len, rest @ ..] => {
            let each = elements.len() / len.max(&1);
            let parts: Vec<String> = elements.chunks(each.max(1)).map(|part| nested(rest, part)).collect();
            format!("[{}]", parts.join(", "))
        }
    }
}
