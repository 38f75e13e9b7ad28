//! Attributes: their description, and what may be written for them.

mod key;
mod values;

use crate::attr_text;
use crate::dtype::DType;
use crate::literal;
use crate::name::Name;
use crate::number;
use crate::shape::PartialShape;
use crate::value::{Value, Wanted};

pub use key::{AttrKey, Keyed};
pub use values::{Attr, AttrValue, Attrs};

/// What kind of value an attribute takes.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrType {
    /// A float32, as in TensorFlow.
    Float,
    /// A whole number.
    Int,
    /// True or false.
    Bool,
    /// Text.
    String,
    /// One of these names.
    OneOf(Vec<Name>),
    /// The name of a data type, one of these; any if there are none.
    DType(Vec<DType>),
    /// A list of dimensions, -1 where unknown.
    Shape,
    /// A tensor literal; its data type is given by the attribute named here, where that is set.
    Tensor {
        /// The attribute that fixes the data type.
        dtype_attr: Name,
    },
    /// A list of these.
    List(Box<AttrType>),
}

impl AttrType {
    /// The type's name in documentation and in `nudge blocks`, TensorFlow's: `float`, `list(int)`, …
    pub fn name(&self) -> Name {
        Name::Borrowed(match self {
            AttrType::Float => "float",
            AttrType::Int => "int",
            AttrType::Bool => "bool",
            AttrType::String | AttrType::OneOf(_) => "string",
            AttrType::DType(_) => "type",
            AttrType::Shape => "shape",
            AttrType::Tensor { .. } => "tensor",
            AttrType::List(of) => return format!("list({})", of.name()).into(),
        })
    }

    /// What there is to choose from, where there is a choice of names.
    pub fn choices(&self) -> Vec<Name> {
        match self {
            AttrType::OneOf(names) => names.clone(),
            AttrType::DType(allowed) => {
                let all = if allowed.is_empty() { &DType::ALL[..] } else { allowed };
                all.iter().map(|dtype| Name::Borrowed(dtype.name())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Reads `value` as an attribute of this type, or says what is wrong with it. `name` is the attribute's.
    fn resolve(&self, name: &str, value: &Value, dtype: Option<DType>) -> Result<Attr, String> {
        let wrong = |what: &str| Err(format!("{name} is {} ({}), but must be {what}", value.excerpt(), value.kind()));
        let named = |message: String| format!("{name}: {message}");
        match (self, value) {
            (AttrType::Float, _) => match value.as_number() {
                Some(_) => literal::float32(value).map(Attr::Float).map_err(named),
                None => wrong("a number"),
            },
            (AttrType::Int, Value::Int(_) | Value::Large(_) | Value::Float(_)) => {
                literal::integer(value, DType::Int64).map(Attr::Int).map_err(named)
            }
            (AttrType::Int, _) => wrong("a whole number"),
            (AttrType::Bool, Value::Bool(v)) => Ok(Attr::Bool(*v)),
            (AttrType::Bool, _) => wrong("true or false"),
            (AttrType::String, Value::String(v)) => Ok(Attr::String(v.as_str().into())),
            (AttrType::String, _) => wrong("text"),
            (AttrType::OneOf(names), Value::String(v)) if names.iter().any(|name| name == v) => {
                Ok(Attr::String(v.as_str().into()))
            }
            (AttrType::OneOf(names), _) => wrong(&format!("one of {}", names.join(", "))),
            (AttrType::DType(allowed), Value::String(v)) => match DType::from_name(v) {
                Some(dtype) if allowed.is_empty() || allowed.contains(&dtype) => Ok(Attr::DType(dtype)),
                Some(dtype) => Err(format!("{name} is {dtype}, but must be one of {}", self.choices().join(", "))),
                None => Err(named(literal::unknown_dtype(value))),
            },
            (AttrType::DType(_), _) => Err(named(literal::unknown_dtype(value))),
            (AttrType::Shape, _) => partial_shape(value).map(Attr::Shape).map_err(named),
            (AttrType::Tensor { .. }, _) => literal::tensor(value, dtype).map(Attr::Tensor).map_err(named),
            (AttrType::List(of), Value::List(items)) => {
                let one = |(nth, item)| of.resolve(&crate::name::of_item(name, nth), item, dtype);
                items.iter().enumerate().map(one).collect::<Result<_, _>>().map(Attr::List)
            }
            (AttrType::List(_), _) => wrong("a list"),
        }
    }
}

/// What an attribute is when nobody sets it.
#[derive(Clone, Debug, PartialEq)]
pub enum AttrDefault {
    /// It must be set.
    Required,
    /// It may be left out.
    Absent,
    /// This.
    Is(Value),
}

impl AttrDefault {
    /// The default as a value on a page, if there is one.
    pub fn value(&self) -> Option<Value> {
        match self {
            AttrDefault::Required | AttrDefault::Absent => None,
            AttrDefault::Is(value) => Some(value.clone()),
        }
    }
}

/// The description of one attribute, from which editor, checker and documentation work.
#[derive(Clone, Debug, PartialEq)]
pub struct AttrSpec {
    /// TensorFlow's name.
    pub name: Name,
    /// Other names of it that TensorFlow has.
    pub aliases: Vec<Name>,
    /// The kind of value.
    pub ty: AttrType,
    /// The value when it is not set.
    pub default: AttrDefault,
    /// The least and greatest value allowed, both inclusive; of each for a list.
    pub range: Option<(f64, f64)>,
    /// One or two sentences for people.
    pub docs: Name,
}

impl AttrSpec {
    /// Whether `name` is this attribute's name or one of its aliases.
    pub fn answers_to(&self, name: &str) -> bool {
        self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Reads `value` as this attribute, or says what is wrong with it. `dtype` is the data type that the attribute
    /// named by [`AttrType::Tensor`] fixes.
    pub fn resolve(&self, value: &Value, dtype: Option<DType>) -> Result<Attr, String> {
        let attr = self.ty.resolve(&self.name, value, dtype)?;
        self.within(&attr)?;
        Ok(attr)
    }

    /// What `text`, typed by a person, means for this attribute: a value that fits, or nothing for its default. `dtype` is
    /// what another attribute fixes a literal to. Numbers may be written in C++'s way too.
    pub fn parse_typed(&self, text: &str, dtype: Option<DType>) -> Result<Option<Value>, String> {
        let text = text.trim();
        if text.is_empty() {
            return match &self.default {
                AttrDefault::Required => Err(format!("{} must be set", self.name)),
                _ => Ok(None),
            };
        }
        let numeric = matches!(&self.ty, AttrType::Float | AttrType::Int);
        let value = match attr_text::cpp_number(text).filter(|number| numeric && number.is_finite()) {
            Some(number) => Value::parse(text).unwrap_or(Value::number(number)),
            None => Value::parse_typed(text, self.wanted(dtype))?,
        };
        self.resolve(&value, dtype)?;
        Ok(Some(value))
    }

    /// What is wanted where a person types a value of this attribute.
    pub fn wanted(&self, dtype: Option<DType>) -> Wanted {
        let mut ty = &self.ty;
        while let AttrType::List(of) = ty {
            ty = of;
        }
        match ty {
            AttrType::Tensor { .. } => Wanted::of(dtype),
            AttrType::String | AttrType::OneOf(_) | AttrType::DType(_) => Wanted::Texts,
            AttrType::Float | AttrType::Int | AttrType::Bool | AttrType::Shape | AttrType::List(_) => Wanted::Numbers,
        }
    }

    fn within(&self, attr: &Attr) -> Result<(), String> {
        let v = match attr {
            Attr::Float(v) => f64::from(*v),
            Attr::Int(v) => *v as f64,
            Attr::List(items) => return items.iter().try_for_each(|item| self.within(item)),
            _ => return Ok(()),
        };
        match self.range {
            Some((min, max)) if !(min <= v && v <= max) => {
                let (is, text) = (number::f64_text(v), number::f64_text);
                let most = if max.is_finite() {
                    format!("from {} to {}", text(min), text(max))
                } else {
                    format!("at least {}", text(min))
                };
                Err(format!("{} is {is}, but must be {most}", self.name))
            }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const BITS: AttrKey<i64> = AttrKey::int("num_bits", 8, "").range(2.0, 16.0);
    const MIN: AttrKey<f32> = AttrKey::float("min", -6.0, "");
    const SHAPE: AttrKey<PartialShape> = AttrKey::shape("shape", "");
    const DTYPE: AttrKey<DType> = AttrKey::dtype("dtype", "");
    const NARROW: AttrKey<bool> = AttrKey::bool("narrow_range", false, "");

    const INDEX: AttrKey<DType> = AttrKey::one_of_dtypes("Tidx", &[DType::Int32, DType::Int64], Some(DType::Int32), "");
    const FORMAT: AttrKey<Arc<str>> = AttrKey::one_of("data_format", &["NHWC", "NCHW"], "");
    const STRIDES: AttrKey<Vec<i64>> = AttrKey::list("strides", "").range(1.0, f64::INFINITY);

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
            (DTYPE.spec(), "\"DT_HALF2\"", Err("is no data type")),
            (DTYPE.spec(), "\"DT_FLOAT\"", Ok("DType(Float32)")),
            (DTYPE.spec(), "\"float\"", Ok("DType(Float32)")),
            (INDEX.spec(), "\"int64\"", Ok("DType(Int64)")),
            (INDEX.spec(), "\"float32\"", Err("must be one of int32, int64")),
            (FORMAT.spec(), "\"NCHW\"", Ok("String(\"NCHW\")")),
            (FORMAT.spec(), "\"HWC\"", Err("must be one of NHWC, NCHW")),
            (STRIDES.spec(), "[1, 2]", Ok("List([Int(1), Int(2)])")),
            (STRIDES.spec(), "[1, 0]", Err("strides is 0, but must be at least 1")),
            (STRIDES.spec(), "[1, true]", Err("strides[1] is true")),
            (STRIDES.spec(), "1", Err("must be a list")),
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
