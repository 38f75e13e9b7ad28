//! Attributes once resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dtype::DType;
use crate::name::Name;
use crate::shape::PartialShape;
use crate::tensor::Tensor;

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
    /// A list.
    List(Vec<Attr>),
}

/// A block's attributes once resolved: every one that is set or has a default.
#[derive(Clone, Debug, Default)]
pub struct Attrs(BTreeMap<Name, Attr>);

impl Attrs {
    /// Sets one.
    pub fn insert(&mut self, name: Name, attr: Attr) {
        self.0.insert(name, attr);
    }

    /// All, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attr)> {
        self.0.iter().map(|(name, attr)| (&**name, attr))
    }

    /// The attribute called `name`.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        self.0.get(name)
    }

    /// The data type that the attribute called `name` is.
    pub fn dtype(&self, name: &str) -> Option<DType> {
        self.get(name).and_then(DType::of)
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

impl<T: AttrValue> AttrValue for Vec<T> {
    fn of(attr: &Attr) -> Option<Self> {
        match attr {
            Attr::List(items) => items.iter().map(T::of).collect(),
            _ => None,
        }
    }
}
