//! Attributes: their description, and their values once resolved.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::attr_text;
use crate::dtype::DType;
use crate::literal;
use crate::number;
use crate::problem::Fault;
use crate::shape::PartialShape;
use crate::tensor::Tensor;
use crate::value::{Value, Wanted};

/// What kind of value an attribute takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AttrType {
    /// A float32, as in TensorFlow.
    Float,
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// Text.
    String,
    /// The name of a data type.
    DType,
    /// A list of dimensions, -1 where unknown.
    Shape,
    /// A tensor literal; its data type is given by the attribute named here, where that is set.
    Tensor {
        /// The attribute that fixes the data type.
        dtype_attr: &'static str,
    },
}

impl AttrType {
    /// The type's name in documentation and in `nudge blocks`.
    pub const fn name(self) -> &'static str {
        match self {
            AttrType::Float => "float",
            AttrType::Int => "int",
            AttrType::Bool => "bool",
            AttrType::String => "string",
            AttrType::DType => "type",
            AttrType::Shape => "shape",
            AttrType::Tensor { .. } => "tensor",
        }
    }
}

/// What an attribute is when nobody sets it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AttrDefault {
    /// It must be set.
    Required,
    /// It may be left out.
    Absent,
    /// A float.
    Float(f32),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
}

impl AttrDefault {
    /// The default as a value on a page, if there is one.
    pub fn value(self) -> Option<Value> {
        match self {
            AttrDefault::Required | AttrDefault::Absent => None,
            AttrDefault::Float(v) => number::f32_text(v).parse().ok().map(Value::number),
            AttrDefault::Int(v) => Some(Value::Int(v)),
            AttrDefault::Bool(v) => Some(Value::Bool(v)),
        }
    }
}

/// The description of one attribute, from which editor, checker and documentation work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttrSpec {
    /// TensorFlow's name.
    pub name: &'static str,
    /// The kind of value.
    pub ty: AttrType,
    /// The value when it is not set.
    pub default: AttrDefault,
    /// The least and greatest value allowed, both inclusive.
    pub range: Option<(f64, f64)>,
    /// One or two sentences for people.
    pub docs: &'static str,
}

impl AttrSpec {
    /// Reads `value` as this attribute, or says what is wrong with it. `dtype` is the data type that the attribute
    /// named by [`AttrType::Tensor`] fixes.
    pub fn resolve(&self, value: &Value, dtype: Option<DType>) -> Result<Attr, String> {
        let wrong =
            |what: &str| Err(format!("{} is {} ({}), but must be {what}", self.name, value.excerpt(), value.kind()));
        let named = |message: String| format!("{}: {message}", self.name);
        match (self.ty, value) {
            (AttrType::Float, _) => match value.as_number() {
                Some(_) => literal::float32(value).map_err(named).and_then(|v| {
                    self.within(f64::from(v))?;
                    Ok(Attr::Float(v))
                }),
                None => wrong("a number"),
            },
            (AttrType::Int, Value::Int(_) | Value::Float(_)) => {
                let v = literal::integer(value, DType::Int64).map_err(named)?;
                self.within(v as f64)?;
                Ok(Attr::Int(v))
            }
            (AttrType::Int, _) => wrong("a whole number"),
            (AttrType::Bool, Value::Bool(v)) => Ok(Attr::Bool(*v)),
            (AttrType::Bool, _) => wrong("true or false"),
            (AttrType::String, Value::String(v)) => Ok(Attr::String(v.as_str().into())),
            (AttrType::String, _) => wrong("text"),
            (AttrType::DType, Value::String(v)) if DType::from_name(v).is_some() => {
                Ok(Attr::DType(DType::from_name(v).unwrap_or(DType::Float32)))
            }
            (AttrType::DType, _) => Err(named(literal::unknown_dtype(value))),
            (AttrType::Shape, _) => partial_shape(value).map(Attr::Shape).map_err(named),
            (AttrType::Tensor { .. }, _) => literal::tensor(value, dtype).map(Attr::Tensor).map_err(named),
        }
    }

    /// What `text`, typed by a person, means for this attribute: a value that fits, or nothing for its default. `dtype` is
    /// what another attribute fixes a literal to. Numbers may be written in C++'s way too.
    pub fn parse_typed(&self, text: &str, dtype: Option<DType>) -> Result<Option<Value>, String> {
        let text = text.trim();
        if text.is_empty() {
            return match self.default {
                AttrDefault::Required => Err(format!("{} must be set", self.name)),
                _ => Ok(None),
            };
        }
        let numeric = matches!(self.ty, AttrType::Float | AttrType::Int);
        let value = match attr_text::cpp_number(text).filter(|number| numeric && number.is_finite()) {
            Some(number) => Value::parse(text).unwrap_or(Value::number(number)),
            None => Value::parse_typed(text, self.wanted(dtype))?,
        };
        self.resolve(&value, dtype)?;
        Ok(Some(value))
    }

    /// What is wanted where a person types a value of this attribute.
    pub fn wanted(&self, dtype: Option<DType>) -> Wanted {
        match self.ty {
            AttrType::Tensor { .. } => Wanted::of(dtype),
            AttrType::String | AttrType::DType => Wanted::Texts,
            AttrType::Float | AttrType::Int | AttrType::Bool | AttrType::Shape => Wanted::Numbers,
        }
    }

    fn within(&self, v: f64) -> Result<(), String> {
        match self.range {
            Some((min, max)) if !(min <= v && v <= max) => Err(format!(
                "{} is {}, but must be from {} to {}",
                self.name,
                number::f64_text(v),
                number::f64_text(min),
                number::f64_text(max)
            )),
            _ => Ok(()),
        }
    }
}

fn partial_shape(value: &Value) -> Result<PartialShape, String> {
    let Value::List(items) = value else {
        return Err(format!("{} is no shape; a shape is a list such as [2, -1], -1 where unknown", value.excerpt()));
    };
    let dims = items
        .iter()
        .map(|item| match item {
            Value::Int(-1) => Ok(None),
            Value::Int(d) => usize::try_from(*d).map(Some).map_err(|_| format!("{d} is no dimension")),
            other => Err(format!("{} is no dimension", other.excerpt())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let least: Vec<usize> = dims.iter().map(|d| d.unwrap_or(1)).collect();
    crate::shape::Shape::new(least).map_err(|e| e.to_string())?;
    Ok(PartialShape::of_dims(dims))
}

/// An attribute's value, of its declared type.
#[derive(Clone, Debug)]
pub enum Attr {
    /// A float32.
    Float(f32),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Text.
    String(Arc<str>),
    /// A data type.
    DType(DType),
    /// A shape.
    Shape(PartialShape),
    /// A tensor.
    Tensor(Tensor),
}

/// A block's attributes once resolved: every one that is set or has a default.
#[derive(Clone, Debug, Default)]
pub struct Attrs(BTreeMap<&'static str, Attr>);

impl Attrs {
    /// Sets one.
    pub fn insert(&mut self, name: &'static str, attr: Attr) {
        self.0.insert(name, attr);
    }

    /// All, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Attr)> {
        self.0.iter().map(|(name, attr)| (*name, attr))
    }

    /// The attribute called `name`.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        self.0.get(name)
    }
}

/// A Rust type that an attribute's value can be read as.
pub trait AttrValue: Sized {
    /// The value, if the attribute is of this type.
    fn of(attr: &Attr) -> Option<Self>;
}

macro_rules! attr_values {
    ($($rust:ty => $variant:ident),*) => {$(
        impl AttrValue for $rust {
            fn of(attr: &Attr) -> Option<Self> {
                match attr {
                    Attr::$variant(v) => Some(v.clone()),
                    _ => None,
                }
            }
        }
    )*};
}

attr_values!(f32 => Float, i64 => Int, bool => Bool, Arc<str> => String, DType => DType, PartialShape => Shape, Tensor => Tensor);

/// A typed handle to one attribute: a block declares it once, lists it in its spec and reads it by it.
#[derive(Clone, Copy, Debug)]
pub struct AttrKey<T> {
    spec: AttrSpec,
    value: PhantomData<fn() -> T>,
}

impl<T> AttrKey<T> {
    const fn with(name: &'static str, ty: AttrType, default: AttrDefault, docs: &'static str) -> AttrKey<T> {
        AttrKey { spec: AttrSpec { name, ty, default, range: None, docs }, value: PhantomData }
    }

    /// The same attribute with a range, both ends inclusive.
    pub const fn range(mut self, min: f64, max: f64) -> AttrKey<T> {
        self.spec.range = Some((min, max));
        self
    }

    /// The description, for the block's spec.
    pub const fn spec(&self) -> AttrSpec {
        self.spec
    }
}

impl AttrKey<f32> {
    /// A float attribute with a default.
    pub const fn float(name: &'static str, default: f32, docs: &'static str) -> AttrKey<f32> {
        AttrKey::with(name, AttrType::Float, AttrDefault::Float(default), docs)
    }
}

impl AttrKey<i64> {
    /// A whole-number attribute with a default.
    pub const fn int(name: &'static str, default: i64, docs: &'static str) -> AttrKey<i64> {
        AttrKey::with(name, AttrType::Int, AttrDefault::Int(default), docs)
    }
}

impl AttrKey<bool> {
    /// A true-or-false attribute with a default.
    pub const fn bool(name: &'static str, default: bool, docs: &'static str) -> AttrKey<bool> {
        AttrKey::with(name, AttrType::Bool, AttrDefault::Bool(default), docs)
    }
}

impl AttrKey<DType> {
    /// A data type that may be left out.
    pub const fn dtype(name: &'static str, docs: &'static str) -> AttrKey<DType> {
        AttrKey::with(name, AttrType::DType, AttrDefault::Absent, docs)
    }
}

impl AttrKey<PartialShape> {
    /// A shape that may be left out.
    pub const fn shape(name: &'static str, docs: &'static str) -> AttrKey<PartialShape> {
        AttrKey::with(name, AttrType::Shape, AttrDefault::Absent, docs)
    }
}

impl AttrKey<Tensor> {
    /// A tensor literal that may be left out; `dtype_attr` names the attribute that fixes its data type.
    pub const fn tensor(name: &'static str, dtype_attr: &'static str, docs: &'static str) -> AttrKey<Tensor> {
        AttrKey::with(name, AttrType::Tensor { dtype_attr }, AttrDefault::Absent, docs)
    }

    /// The same attribute, which must be set.
    pub const fn required(mut self) -> AttrKey<Tensor> {
        self.spec.default = AttrDefault::Required;
        self
    }
}

impl<T: AttrValue> AttrKey<T> {
    /// The value, if set.
    pub fn find(&self, attrs: &Attrs) -> Option<T> {
        attrs.get(self.spec.name).and_then(T::of)
    }

    /// The value; the checker has seen to it that an attribute with a default, or a required one, is there.
    pub fn read(&self, attrs: &Attrs) -> Result<T, Fault> {
        self.find(attrs).ok_or_else(|| Fault::attrs(format!("{} is not set", self.spec.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BITS: AttrKey<i64> = AttrKey::int("num_bits", 8, "").range(2.0, 16.0);
    const MIN: AttrKey<f32> = AttrKey::float("min", -6.0, "");
    const SHAPE: AttrKey<PartialShape> = AttrKey::shape("shape", "");
    const DTYPE: AttrKey<DType> = AttrKey::dtype("dtype", "");
    const NARROW: AttrKey<bool> = AttrKey::bool("narrow_range", false, "");

    #[test]
    fn typing() {
        for (spec, text, expected) in [
            (BITS.spec(), "4", Ok(Some("4"))),
            (BITS.spec(), " ", Ok(None)),
            (BITS.spec(), "17", Err("must be from 2 to 16")),
            (BITS.spec(), "4.5", Err("fraction")),
            (BITS.spec(), "four", Err("must be a whole number")),
            (MIN.spec(), "-6.0f", Ok(Some("-6"))),
            (MIN.spec(), ".5", Ok(Some("0.5"))),
            (MIN.spec(), "nan", Ok(Some("\"NaN\""))),
            (MIN.spec(), "1e99", Err("beyond float32")),
            (MIN.spec(), "six", Err("must be a number")),
            (NARROW.spec(), "True", Ok(Some("true"))),
            (DTYPE.spec(), "int64", Ok(Some("\"int64\""))),
        ] {
            match (spec.parse_typed(text, None), expected) {
                (Ok(value), Ok(wanted)) => assert_eq!(value.map(|v| v.to_string()).as_deref(), wanted, "{text}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{text}: {message}"),
                (got, wanted) => panic!("{text}: {got:?}, not {wanted:?}"),
            }
        }
    }

    #[test]
    fn resolving() {
        for (spec, json, expected) in [
            (BITS.spec(), "4", Ok("Int(4)")),
            (BITS.spec(), "4.5", Err("fraction")),
            (BITS.spec(), "17", Err("num_bits is 17, but must be from 2 to 16")),
            (BITS.spec(), "\"8\"", Err("must be a whole number")),
            (MIN.spec(), "-6", Ok("Float(-6.0)")),
            (MIN.spec(), "\"-Infinity\"", Ok("Float(-inf)")),
            (MIN.spec(), "1e300", Err("beyond float32")),
            (MIN.spec(), "null", Err("must be a number")),
            (MIN.spec(), "true", Err("must be a number")),
            (NARROW.spec(), "1", Err("must be true or false")),
            (DTYPE.spec(), "\"int64\"", Ok("DType(Int64)")),
            (DTYPE.spec(), "\"float\"", Err("is no data type")),
            (SHAPE.spec(), "[2, -1]", Ok("Shape(PartialShape(Some([Some(2), None])))")),
            (SHAPE.spec(), "[-2]", Err("no dimension")),
            (SHAPE.spec(), "[9223372036854775807, 2]", Err("overflows")),
        ] {
            let result = spec.resolve(&Value::parse(json).unwrap(), None);
            match expected {
                Ok(text) => assert_eq!(format!("{:?}", result.unwrap()), text, "{json}"),
                Err(part) => {
                    let message = result.unwrap_err();
                    assert!(message.contains(part), "{json}: {message}");
                }
            }
        }
    }
}
