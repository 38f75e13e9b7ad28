//! Typed handles to attributes: a block declares each once, lists it in its spec and reads it by it.

use std::marker::PhantomData;
use std::sync::Arc;

use super::{AttrDefault, AttrSpec, AttrType, AttrValue, Attrs};
use crate::dtype::DType;
use crate::name::Name;
use crate::number;
use crate::problem::Fault;
use crate::shape::PartialShape;
use crate::tensor::Tensor;
use crate::value::Value;

/// A typed handle to one attribute.
#[derive(Clone, Copy, Debug)]
pub struct AttrKey<T> {
    name: &'static str,
    docs: &'static str,
    default: Default,
    aliases: &'static [&'static str],
    range: Option<(f64, f64)>,
    choice: Choice,
    value: PhantomData<fn() -> T>,
}

/// A default in the program's text.
#[derive(Clone, Copy, Debug)]
enum Default {
    Required,
    Absent,
    Float(f32),
    Int(i64),
    Bool(bool),
    Text(&'static str),
    DType(DType),
    Ints(&'static [i64]),
}

/// What there is to choose from, in the program's text; or the attribute that fixes a tensor's type.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Free,
    Names(&'static [&'static str]),
    DTypes(&'static [DType]),
    DTypeOf(&'static str),
}

/// A Rust type that is that of an attribute.
pub trait Keyed: AttrValue {
    /// The attribute's type, but for what there is to choose from.
    fn attr_type() -> AttrType;
}

macro_rules! keyed {
    ($($rust:ty => $ty:expr),* $(,)?) => {$(
        impl Keyed for $rust {
            fn attr_type() -> AttrType {
                $ty
            }
        }
    )*};
}

keyed! {
    f32 => AttrType::Float,
    i64 => AttrType::Int,
    bool => AttrType::Bool,
    Arc<str> => AttrType::String,
    DType => AttrType::DType(Vec::new()),
    PartialShape => AttrType::Shape,
    Tensor => AttrType::Tensor { dtype_attr: Name::Borrowed("dtype") },
}

impl<T: Keyed> Keyed for Vec<T> {
    fn attr_type() -> AttrType {
        AttrType::List(Box::new(T::attr_type()))
    }
}

impl<T> AttrKey<T> {
    const fn with(name: &'static str, default: Default, choice: Choice, docs: &'static str) -> AttrKey<T> {
        AttrKey { name, docs, default, aliases: &[], range: None, choice, value: PhantomData }
    }

    /// The same attribute with a range, both ends inclusive.
    pub const fn range(mut self, min: f64, max: f64) -> AttrKey<T> {
        self.range = Some((min, max));
        self
    }

    /// The same attribute, which also answers to these names.
    pub const fn aliases(mut self, names: &'static [&'static str]) -> AttrKey<T> {
        self.aliases = names;
        self
    }

    /// The same attribute, which must be set.
    pub const fn required(mut self) -> AttrKey<T> {
        self.default = Default::Required;
        self
    }

    /// The same attribute, which may be left out.
    pub const fn optional(mut self) -> AttrKey<T> {
        self.default = Default::Absent;
        self
    }

    /// The attribute's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl AttrKey<f32> {
    /// A float attribute with a default.
    pub const fn float(name: &'static str, default: f32, docs: &'static str) -> AttrKey<f32> {
        AttrKey::with(name, Default::Float(default), Choice::Free, docs)
    }
}

impl AttrKey<i64> {
    /// A whole-number attribute with a default.
    pub const fn int(name: &'static str, default: i64, docs: &'static str) -> AttrKey<i64> {
        AttrKey::with(name, Default::Int(default), Choice::Free, docs)
    }
}

impl AttrKey<bool> {
    /// A true-or-false attribute with a default.
    pub const fn bool(name: &'static str, default: bool, docs: &'static str) -> AttrKey<bool> {
        AttrKey::with(name, Default::Bool(default), Choice::Free, docs)
    }
}

impl AttrKey<Arc<str>> {
    /// A text with a default.
    pub const fn text(name: &'static str, default: &'static str, docs: &'static str) -> AttrKey<Arc<str>> {
        AttrKey::with(name, Default::Text(default), Choice::Free, docs)
    }

    /// One of `names`, the first if nobody says which.
    pub const fn one_of(name: &'static str, names: &'static [&'static str], docs: &'static str) -> AttrKey<Arc<str>> {
        let default = match names {
            [first, ..] => Default::Text(first),
            [] => Default::Absent,
        };
        AttrKey::with(name, default, Choice::Names(names), docs)
    }
}

impl AttrKey<DType> {
    /// A data type that may be left out.
    pub const fn dtype(name: &'static str, docs: &'static str) -> AttrKey<DType> {
        AttrKey::with(name, Default::Absent, Choice::Free, docs)
    }

    /// One of these data types.
    pub const fn one_of_dtypes(
        name: &'static str,
        allowed: &'static [DType],
        default: Option<DType>,
        docs: &'static str,
    ) -> AttrKey<DType> {
        let default = match default {
            Some(dtype) => Default::DType(dtype),
            None => Default::Required,
        };
        AttrKey::with(name, default, Choice::DTypes(allowed), docs)
    }
}

impl AttrKey<PartialShape> {
    /// A shape that may be left out.
    pub const fn shape(name: &'static str, docs: &'static str) -> AttrKey<PartialShape> {
        AttrKey::with(name, Default::Absent, Choice::Free, docs)
    }
}

impl AttrKey<Tensor> {
    /// A tensor literal that may be left out; `dtype_attr` names the attribute that fixes its data type.
    pub const fn tensor(name: &'static str, dtype_attr: &'static str, docs: &'static str) -> AttrKey<Tensor> {
        AttrKey::with(name, Default::Absent, Choice::DTypeOf(dtype_attr), docs)
    }
}

impl<T: Keyed> AttrKey<Vec<T>> {
    /// A list that must be set.
    pub const fn list(name: &'static str, docs: &'static str) -> AttrKey<Vec<T>> {
        AttrKey::with(name, Default::Required, Choice::Free, docs)
    }
}

impl AttrKey<Vec<i64>> {
    /// A list of whole numbers with a default.
    pub const fn ints(name: &'static str, default: &'static [i64], docs: &'static str) -> AttrKey<Vec<i64>> {
        AttrKey::with(name, Default::Ints(default), Choice::Free, docs)
    }
}

impl<T: Keyed> AttrKey<T> {
    /// The description, for the block's spec.
    pub fn spec(&self) -> AttrSpec {
        let ty = match self.choice {
            Choice::Free => T::attr_type(),
            Choice::Names(names) => AttrType::OneOf(names.iter().map(|name| Name::Borrowed(*name)).collect()),
            Choice::DTypes(allowed) => AttrType::DType(allowed.to_vec()),
            Choice::DTypeOf(attr) => AttrType::Tensor { dtype_attr: Name::Borrowed(attr) },
        };
        let default = match self.default {
            Default::Required => AttrDefault::Required,
            Default::Absent => AttrDefault::Absent,
            Default::Float(v) => {
                let shown = number::f32_text(v).parse().map(Value::number);
                shown.map_or(AttrDefault::Absent, AttrDefault::Is)
            }
            Default::Int(v) => AttrDefault::Is(Value::Int(v)),
            Default::Bool(v) => AttrDefault::Is(Value::Bool(v)),
            Default::Text(v) => AttrDefault::Is(Value::String(v.to_owned())),
            Default::DType(v) => AttrDefault::Is(Value::String(v.name().to_owned())),
            Default::Ints(v) => AttrDefault::Is(Value::list(v.iter().map(|v| Value::Int(*v)).collect())),
        };
        let aliases = self.aliases.iter().map(|alias| Name::Borrowed(*alias)).collect();
        let (name, docs) = (Name::Borrowed(self.name), Name::Borrowed(self.docs));
        AttrSpec { name, aliases, ty, default, range: self.range, docs }
    }
}

impl<T: AttrValue> AttrKey<T> {
    /// The value, if set.
    pub fn find(&self, attrs: &Attrs) -> Option<T> {
        attrs.get(self.name).and_then(T::of)
    }

    /// The value; the checker has seen to it that an attribute with a default, or a required one, is there.
    pub fn read(&self, attrs: &Attrs) -> Result<T, Fault> {
        self.find(attrs).ok_or_else(|| Fault::attrs(format!("{} is not set", self.name)))
    }
}
