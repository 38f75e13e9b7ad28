//! Data types, with TensorFlow's names.

use std::fmt;
use std::sync::Arc;

use crate::tensor::{Buffer, Data};

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DType {
    /// IEEE 754 binary32.
    Float32,
    /// IEEE 754 binary64.
    Float64,
    /// 32-bit two's complement.
    Int32,
    /// 64-bit two's complement.
    Int64,
    /// True or false.
    Bool,
    /// UTF-8 text.
    String,
}

impl DType {
    /// Every data type, in the order in which lists show them.
    pub const ALL: [DType; 6] =
        [DType::Float32, DType::Float64, DType::Int32, DType::Int64, DType::Bool, DType::String];

    /// Numbers with an order: TensorFlow's `realnumbertype`.
    pub const REAL: [DType; 4] = [DType::Float32, DType::Float64, DType::Int32, DType::Int64];

    /// TensorFlow's name: `float32`, `int64`, …
    pub const fn name(self) -> &'static str {
        match self {
            DType::Float32 => "float32",
            DType::Float64 => "float64",
            DType::Int32 => "int32",
            DType::Int64 => "int64",
            DType::Bool => "bool",
            DType::String => "string",
        }
    }

    /// The short form for tight places on screen: `f32`, `i64`, …
    pub const fn short(self) -> &'static str {
        match self {
            DType::Float32 => "f32",
            DType::Float64 => "f64",
            DType::Int32 => "i32",
            DType::Int64 => "i64",
            DType::Bool => "bool",
            DType::String => "str",
        }
    }

    /// The type called `name`, if there is one: by its own name, by that of TensorFlow's protocol buffers (`DT_FLOAT`), or
    /// by its short one in TensorFlow's definitions (`float`).
    pub fn from_name(name: &str) -> Option<DType> {
        let proto = |dtype: &DType| name.strip_prefix("DT_").is_some_and(|rest| rest == dtype.proto());
        let short = |dtype: &DType| name == dtype.proto().to_ascii_lowercase();
        let found = DType::ALL.into_iter().find(|dtype| dtype.name() == name || proto(dtype));
        found.or_else(|| DType::ALL.into_iter().find(short))
    }

    /// The name in TensorFlow's protocol buffers, without `DT_`.
    pub const fn proto(self) -> &'static str {
        match self {
            DType::Float32 => "FLOAT",
            DType::Float64 => "DOUBLE",
            DType::Int32 => "INT32",
            DType::Int64 => "INT64",
            DType::Bool => "BOOL",
            DType::String => "STRING",
        }
    }

    /// Bytes that one element takes in memory (for strings: of the handle, without the text).
    pub const fn size(self) -> usize {
        match self {
            DType::Float32 | DType::Int32 => 4,
            DType::Float64 | DType::Int64 => 8,
            DType::Bool => 1,
            DType::String => size_of::<Arc<str>>(),
        }
    }

    /// Whether NaN and infinities are values of this type.
    pub const fn is_floating(self) -> bool {
        matches!(self, DType::Float32 | DType::Float64)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Rust type that can be an element of a tensor.
pub trait Element: Clone + Default + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// The data type that it stands for.
    const DTYPE: DType;

    /// Storage of this type as a tensor's data.
    fn wrap(buffer: Buffer<Self>) -> Data;

    /// The storage, if `data` is of this type.
    fn peel(data: &Data) -> Option<&Buffer<Self>>;

    /// The storage to write to, if `data` is of this type.
    fn peel_mut(data: &mut Data) -> Option<&mut Buffer<Self>>;
}

macro_rules! elements {
    ($($rust:ty => $variant:ident),*) => {$(
        impl Element for $rust {
            const DTYPE: DType = DType::$variant;

            fn wrap(buffer: Buffer<Self>) -> Data {
                Data::$variant(buffer)
            }

            fn peel(data: &Data) -> Option<&Buffer<Self>> {
                match data {
                    Data::$variant(buffer) => Some(buffer),
                    _ => None,
                }
            }

            fn peel_mut(data: &mut Data) -> Option<&mut Buffer<Self>> {
                match data {
                    Data::$variant(buffer) => Some(buffer),
                    _ => None,
                }
            }
        }
    )*};
}

elements!(f32 => Float32, f64 => Float64, i32 => Int32, i64 => Int64, bool => Bool, Arc<str> => String);
