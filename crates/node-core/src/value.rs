//! What a person or a file may write for an attribute or a literal: JSON, with its order and its integers kept.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::number;

mod typed;

pub use typed::Wanted;

/// A JSON value. Objects keep their order; a duplicate key is refused when reading; integers are exact in 64 bits.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without a fraction.
    Int(i64),
    /// A number without a fraction beyond those.
    Large(u64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A list; shared, so that a page with large literals is cheap to clone.
    List(Arc<Vec<Value>>),
    /// An object.
    Object(Vec<(String, Value)>),
}

impl PartialEq for Value {
    /// By bits: `-0.0` is not `0.0`.
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Large(a), Value::Large(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::String(a), Value::String(b)) => a == b,
            (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Value::Object(a), Value::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// The value for `number`: [`Value::Int`] where that stands for the same double, and is how the number is written.
    pub fn number(number: f64) -> Value {
        let exact = number.fract() == 0.0 && number.abs() < 1e16 && !(number == 0.0 && number.is_sign_negative());
        if exact { Value::Int(number as i64) } else { Value::Float(number) }
    }

    /// A list of `items`.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// Reads JSON.
    pub fn parse(json: &str) -> Result<Value, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The value's kind, for messages: "a number", "a list", …
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a bool",
            Value::Int(_) | Value::Large(_) | Value::Float(_) => "a number",
            Value::String(_) => "text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// The value as text for messages, shortened.
    pub fn excerpt(&self) -> String {
        let mut text = Limited { text: String::new(), room: 40 };
        match write!(text, "{self}") {
            Ok(()) => text.text,
            Err(_) => text.text.chars().take(39).chain(['…']).collect(),
        }
    }

    /// The number of numbers, texts and so on in it, counted up to `limit`.
    pub fn leaves(&self, limit: usize) -> usize {
        let mut count = 0;
        let mut add = |value: &Value| {
            if count < limit {
                count += value.leaves(limit - count);
            }
        };
        match self {
            Value::List(items) => items.iter().for_each(&mut add),
            Value::Object(entries) => entries.iter().for_each(|(_, value)| add(value)),
            _ => count = 1,
        }
        count
    }

    /// The number, also where it is written as one of the texts that stand for a number that JSON lacks.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Int(v) => Some(*v as f64),
            Value::Large(v) => Some(*v as f64),
            Value::Float(v) => Some(*v),
            Value::String(text) => non_finite(text),
            _ => None,
        }
    }
}

macro_rules! value_from {
    ($($rust:ty => |$v:ident| $value:expr),* $(,)?) => {$(
        impl From<$rust> for Value {
            fn from($v: $rust) -> Value {
                $value
            }
        }
    )*};
}

value_from!(
    bool => |v| Value::Bool(v),
    i64 => |v| Value::Int(v),
    &str => |v| Value::String(v.to_owned()),
    String => |v| Value::String(v),
    Vec<i64> => |v| Value::list(v.into_iter().map(Value::Int).collect()),
);

/// Text that takes so many characters and then refuses more.
struct Limited {
    text: String,
    room: usize,
}

impl fmt::Write for Limited {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let fits: String = part.chars().take(self.room).collect();
        let all = fits.len() == part.len();
        self.room -= fits.chars().count();
        self.text.push_str(&fits);
        if all { Ok(()) } else { Err(fmt::Error) }
    }
}

/// The number that `NaN`, `Infinity` or `-Infinity` stands for.
pub fn non_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

impl fmt::Display for Value {
    /// One line of JSON in the canonical form: `", "` and `": "`, shortest numbers without `.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(v) => write!(f, "{v}"),
            Value::Int(v) => write!(f, "{v}"),
            Value::Large(v) => write!(f, "{v}"),
            Value::Float(v) => f.write_str(&number::f64_json(*v)),
            Value::String(v) => f.write_str(&quoted(v)),
            Value::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Value::Object(entries) => {
                f.write_str("{")?;
                for (i, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if i > 0 { ", " } else { "" })?;
                    write!(f, "{}: {value}", quoted(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// `text` as a JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(v) => serializer.serialize_bool(*v),
            Value::Int(v) => serializer.serialize_i64(*v),
            Value::Large(v) => serializer.serialize_u64(*v),
            Value::Float(v) => serializer.serialize_f64(*v),
            Value::String(v) => serializer.serialize_str(v),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items.iter() {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Value::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Int(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(i64::try_from(v).map_or(Value::Large(v), Value::Int))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::number(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(de::Error::custom(format!("duplicate key {}", quoted(&key))));
            }
            entries.push((key, map.next_value()?));
        }
        Ok(Value::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text() {
        for (json, canonical) in [
            ("1.0", "1"),
            ("-0.0", "-0.0"),
            ("1e2", "100"),
            ("0.10", "0.1"),
            ("9007199254740993", "9007199254740993"),
            ("1e30", "1e30"),
            ("18446744073709551615", "18446744073709551615"),
            ("[1,2.5 , [true]]", "[1, 2.5, [true]]"),
            (r#"{"b":1,"a":"x\ny"}"#, r#"{"b": 1, "a": "x\ny"}"#),
        ] {
            let value = Value::parse(json).unwrap();
            assert_eq!(value.to_string(), canonical);
            assert_eq!(Value::parse(canonical).unwrap(), value, "{canonical} reads back");
        }
    }

    #[test]
    fn excerpts_and_leaves() {
        let long = Value::list((0..1000).map(Value::Int).collect());
        assert_eq!(long.excerpt(), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …");
        assert_eq!(Value::Int(7).excerpt(), "7");
        assert_eq!((long.leaves(50), long.leaves(5000)), (50, 1000));
        assert_eq!(Value::parse("[[1, 2], []]").unwrap().leaves(9), 2);
    }

    #[test]
    fn duplicate_keys_are_refused() {
        assert!(Value::parse(r#"{"a": 1, "a": 2}"#).unwrap_err().to_string().contains("duplicate key \"a\""));
    }

    #[test]
    fn what_is_typed_badly_is_explained() {
        for (text, expected) in [
            ("[1, 2", Err("not closed")),
            ("[NaN, one]", Err("cannot be read")),
            ("[1, two]", Err("cannot be read")),
            ("1e400", Err("beyond float64")),
            ("\"float32\"", Ok("\"float32\"")),
            (" 7 ", Ok("7")),
        ] {
            match (Value::parse_typed(text, Wanted::Anything), expected) {
                (Ok(value), Ok(wanted)) => assert_eq!(value.to_string(), wanted),
                (Err(message), Err(part)) => assert!(message.contains(part), "{text}: {message}"),
                (got, wanted) => panic!("{text}: {got:?}, not {wanted:?}"),
            }
        }
    }
}
