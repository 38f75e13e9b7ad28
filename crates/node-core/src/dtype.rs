//! Data types, with TensorFlow's names: one row of a table each.

use std::fmt;
use std::sync::Arc;

use crate::erased::{Erased, Family};

/// The table of data types. `data_types!({ some_macro } more)` calls `some_macro!` with `more` and all rows.
///
/// A row is: the variant's name = the Rust type, TensorFlow's name, a short one for tight places, that of TensorFlow's
/// protocol buffers, NumPy's code and other names of NumPy's, and the kind. Of a kind follows what else there is to know:
/// how elements are read, printed, summed and compared.
#[macro_export]
macro_rules! data_types {
    ({ $($then:tt)+ } $($more:tt)*) => {
        $($then)+! {
            { $($more)* }
            Float32 = f32, "float32", "f32", "FLOAT", "f4" ["f", "single"], float;
            Float64 = f64, "float64", "f64", "DOUBLE", "f8" ["d", "double", "float"], float;
            Float16 = $crate::half::f16, "float16", "f16", "HALF", "f2" ["e", "half"], narrow;
            BFloat16 = $crate::half::bf16, "bfloat16", "bf16", "BFLOAT16", "" [], narrow;
            Int8 = i8, "int8", "i8", "INT8", "i1" ["b", "byte"], int;
            Int16 = i16, "int16", "i16", "INT16", "i2" ["h", "short"], int;
            Int32 = i32, "int32", "i32", "INT32", "i4" ["i", "intc"], int;
            Int64 = i64, "int64", "i64", "INT64", "i8" ["q", "longlong"], int;
            UInt8 = u8, "uint8", "u8", "UINT8", "u1" ["B", "ubyte"], uint;
            UInt16 = u16, "uint16", "u16", "UINT16", "u2" ["H", "ushort"], uint;
            UInt32 = u32, "uint32", "u32", "UINT32", "u4" ["I", "uintc"], uint;
            UInt64 = u64, "uint64", "u64", "UINT64", "u8" ["Q", "ulonglong"], uint;
            Bool = bool, "bool", "bool", "BOOL", "b1" ["?"], bool;
            String = std::sync::Arc<str>, "string", "str", "STRING", "" [], text;
        }
    };
}

/// Calls `some_macro!` for each data type with its kind, variant and Rust type: `each_data_type!(some_macro)` expands to
/// `some_macro! { float Float32 f32 }` and so on.
#[macro_export]
macro_rules! each_data_type {
    ($then:ident) => {
        $crate::data_types!({ $crate::each_data_type_rows } $then);
    };
}

/// The calls of [`each_data_type!`](crate::each_data_type).
#[doc(hidden)]
#[macro_export]
macro_rules! each_data_type_rows {
    ({ $then:ident } $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal, $numpy:literal
        [$($also:literal),*], $kind:ident;)*) => {
        $($then! { $kind $variant $rust })*
    };
}

/// What kind of values a data type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Floating-point numbers that are computed with as they are.
    Float,
    /// Narrow floating-point numbers, computed with as float32 and rounded.
    Narrow,
    /// Whole numbers with a sign.
    Int,
    /// Whole numbers without a sign.
    Uint,
    /// True or false.
    Bool,
    /// Text.
    Text,
}

macro_rules! kind {
    (float) => {
        Kind::Float
    };
    (narrow) => {
        Kind::Narrow
    };
    (int) => {
        Kind::Int
    };
    (uint) => {
        Kind::Uint
    };
    (bool) => {
        Kind::Bool
    };
    (text) => {
        Kind::Text
    };
}

macro_rules! dtypes {
    ({} $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal, $numpy:literal
        [$($also:literal),*], $kind:ident;)*) => {
        /// The type of a tensor's elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DType {
            $(#[doc = concat!("TensorFlow's `", $name, "`.")] $variant,)*
        }

        impl DType {
            /// Every data type, in the order in which lists show them.
            pub const ALL: [DType; [$($name),*].len()] = [$(DType::$variant),*];

            /// TensorFlow's name: `float32`, `int64`, …
            pub const fn name(self) -> &'static str {
                match self {
                    $(DType::$variant => $name,)*
                }
            }

            /// The short form for tight places on screen: `f32`, `i64`, …
            pub const fn short(self) -> &'static str {
                match self {
                    $(DType::$variant => $short,)*
                }
            }

            /// The name in TensorFlow's protocol buffers, without `DT_`.
            pub const fn proto(self) -> &'static str {
                match self {
                    $(DType::$variant => $proto,)*
                }
            }

            /// NumPy's code, without the order of bytes; none if NumPy has no such type.
            pub const fn numpy(self) -> Option<&'static str> {
                let code = match self {
                    $(DType::$variant => $numpy,)*
                };
                if code.is_empty() { None } else { Some(code) }
            }

            /// Other names that NumPy has for it.
            pub const fn numpy_names(self) -> &'static [&'static str] {
                match self {
                    $(DType::$variant => &[$($also),*],)*
                }
            }

            /// Bytes that one element takes in memory (for strings: of the handle, without the text).
            pub const fn size(self) -> usize {
                match self {
                    $(DType::$variant => size_of::<$rust>(),)*
                }
            }

            /// What kind of values it has.
            pub const fn kind(self) -> Kind {
                match self {
                    $(DType::$variant => kind!($kind),)*
                }
            }
        }

        $(impl Element for $rust {
            const DTYPE: DType = DType::$variant;

            fn wrap<F: Family>(of: F::Of<Self>) -> Erased<F> {
                Erased::$variant(of)
            }

            fn peel<F: Family>(erased: &Erased<F>) -> Option<&F::Of<Self>> {
                match erased {
                    Erased::$variant(of) => Some(of),
                    _ => None,
                }
            }

            fn peel_mut<F: Family>(erased: &mut Erased<F>) -> Option<&mut F::Of<Self>> {
                match erased {
                    Erased::$variant(of) => Some(of),
                    _ => None,
                }
            }

            fn peel_off<F: Family>(erased: Erased<F>) -> Option<F::Of<Self>> {
                match erased {
                    Erased::$variant(of) => Some(of),
                    _ => None,
                }
            }
        })*
    };
}

data_types!({ dtypes });

impl DType {
    /// Floating-point numbers.
    pub const FLOATING: &'static [DType] = &[DType::Float32, DType::Float64, DType::Float16, DType::BFloat16];

    /// Floating-point numbers, and whole numbers with a sign.
    pub const SIGNED: &'static [DType] = &[
        DType::Float32,
        DType::Float64,
        DType::Float16,
        DType::BFloat16,
        DType::Int8,
        DType::Int16,
        DType::Int32,
        DType::Int64,
    ];

    /// Numbers with an order: TensorFlow's `realnumbertype`.
    pub const REAL: &'static [DType] = &DType::numbers::<{ DType::count(false) }>(false);

    /// Numbers and booleans: what kernels work on.
    pub const NUMERIC: &'static [DType] = &DType::numbers::<{ DType::count(true) }>(true);

    /// Whether its elements are numbers; `or_booleans`, whether kernels work on them.
    const fn is_number(self, or_booleans: bool) -> bool {
        match self.kind() {
            Kind::Text => false,
            Kind::Bool => or_booleans,
            _ => true,
        }
    }

    /// How many data types are numbers.
    const fn count(or_booleans: bool) -> usize {
        let (mut at, mut count) = (0, 0);
        while at < DType::ALL.len() {
            count += DType::ALL[at].is_number(or_booleans) as usize;
            at += 1;
        }
        count
    }

    /// The `N` data types that are numbers.
    const fn numbers<const N: usize>(or_booleans: bool) -> [DType; N] {
        let mut found = [DType::Float32; N];
        let (mut from, mut to) = (0, 0);
        while from < DType::ALL.len() {
            if DType::ALL[from].is_number(or_booleans) {
                found[to] = DType::ALL[from];
                to += 1;
            }
            from += 1;
        }
        found
    }

    /// The type called `name`, if there is one: by its own name, by that of TensorFlow's protocol buffers (`DT_FLOAT`), or
    /// by its short one in TensorFlow's definitions (`float`). TensorFlow's quantized types (`qint8`, `DT_QUINT8`, …) are
    /// the whole numbers with the same bits.
    pub fn from_name(name: &str) -> Option<DType> {
        let plain = |name: &str| DType::from_plain_name(name);
        let quantized = || match (name.strip_prefix("DT_Q"), name.strip_prefix('q')) {
            (Some(whole), _) => plain(&format!("DT_{whole}")),
            (None, Some(whole)) => plain(whole),
            (None, None) => None,
        };
        plain(name).or_else(|| quantized().filter(|dtype| dtype.is_whole()))
    }

    fn from_plain_name(name: &str) -> Option<DType> {
        let proto = |dtype: &DType| name.strip_prefix("DT_").is_some_and(|rest| rest == dtype.proto());
        let short = |dtype: &DType| name == dtype.proto().to_ascii_lowercase();
        let found = DType::ALL.into_iter().find(|dtype| dtype.name() == name || proto(dtype));
        found.or_else(|| DType::ALL.into_iter().find(short))
    }

    /// Whether NaN and infinities are values of this type.
    pub const fn is_floating(self) -> bool {
        matches!(self.kind(), Kind::Float | Kind::Narrow)
    }

    /// Whether it is of whole numbers.
    pub const fn is_whole(self) -> bool {
        matches!(self.kind(), Kind::Int | Kind::Uint)
    }

    /// Whether every value of `narrower` is one of this type, of the same kind of numbers.
    pub fn holds_all_of(self, narrower: DType) -> bool {
        let wider = self.size() > narrower.size();
        match (self.kind(), narrower.kind()) {
            _ if self == narrower => true,
            (Kind::Float, Kind::Float | Kind::Narrow) | (Kind::Int, Kind::Int | Kind::Uint) => wider,
            (Kind::Uint, Kind::Uint) => wider,
            _ => false,
        }
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

    /// Something of this type, as something of any.
    fn wrap<F: Family>(of: F::Of<Self>) -> Erased<F>;

    /// What is of this type, if it is.
    fn peel<F: Family>(erased: &Erased<F>) -> Option<&F::Of<Self>>;

    /// What is of this type, if it is.
    fn peel_mut<F: Family>(erased: &mut Erased<F>) -> Option<&mut F::Of<Self>>;

    /// What is of this type, if it is.
    fn peel_off<F: Family>(erased: Erased<F>) -> Option<F::Of<Self>>;
}

/// A narrow floating-point type: computed with as float32, and rounded to the nearest, of two the even one.
pub trait Narrow: Element + Copy {
    /// The float32 of the same value.
    fn wide(self) -> f32;

    /// The nearest value of this type to a float32.
    fn nearest(value: f32) -> Self;

    /// The nearest value of this type to a float64, rounded once.
    fn nearest_to(value: f64) -> Self;

    /// Float32 values of the same elements.
    fn widen_all(from: &[Self], to: &mut [f32]);

    /// The nearest elements of this type.
    fn narrow_all(from: &[f32], to: &mut [Self]);
}

/// The float32 from which a narrow float is rounded as if from the float64 itself: what lies between two float32 becomes
/// the one whose last bit is 1, which is never halfway between two narrow ones.
fn to_odd(value: f64) -> f32 {
    let near = value as f32;
    let rounded = f64::from(near);
    if rounded == value || !near.is_finite() || near.to_bits() & 1 == 1 {
        return near;
    }
    if rounded < value { near.next_up() } else { near.next_down() }
}

macro_rules! narrow {
    (narrow $variant:ident $t:ty) => {
        impl Narrow for $t {
            fn wide(self) -> f32 {
                self.to_f32()
            }

            fn nearest(value: f32) -> Self {
                <$t>::from_f32(value)
            }

            fn nearest_to(value: f64) -> Self {
                <$t>::from_f32(to_odd(value))
            }

            fn widen_all(from: &[Self], to: &mut [f32]) {
                half::slice::HalfFloatSliceExt::convert_to_f32_slice(from, to);
            }

            fn narrow_all(from: &[f32], to: &mut [Self]) {
                half::slice::HalfFloatSliceExt::convert_from_f32_slice(to, from);
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(narrow);

/// Text, as an element.
pub type Text = Arc<str>;

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn names() {
        for dtype in DType::ALL {
            for name in [dtype.name().to_owned(), format!("DT_{}", dtype.proto())] {
                assert_eq!(DType::from_name(&name), Some(dtype), "{name}");
            }
        }
        let expected = [("float", "float32"), ("half", "float16"), ("double", "float64"), ("DT_BFLOAT16", "bfloat16")];
        for (name, dtype) in expected {
            assert_eq!(DType::from_name(name).map(DType::name), Some(dtype), "{name}");
        }
        for (name, dtype) in [("qint8", DType::Int8), ("DT_QUINT16", DType::UInt16), ("qint32", DType::Int32)] {
            assert_eq!(DType::from_name(name), Some(dtype), "{name}");
        }
        for name in ["int7", "q", "qfloat", "qqint8", "DT_QSTRING", "qint7"] {
            assert_eq!(DType::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn what_holds_what() {
        for (wide, narrow, holds) in [
            ("float32", "bfloat16", true),
            ("float64", "float32", true),
            ("float16", "bfloat16", false),
            ("int32", "uint16", true),
            ("int16", "uint16", false),
            ("uint64", "uint8", true),
            ("uint64", "int8", false),
            ("float32", "int8", false),
            ("int32", "bool", false),
        ] {
            let dtype = |name| DType::from_name(name).unwrap();
            assert_eq!(dtype(wide).holds_all_of(dtype(narrow)), holds, "{wide} of {narrow}");
        }
    }

    /// Every float16 and bfloat16 is itself as float32 and back, element by element and in rows.
    #[test]
    fn narrow_floats_are_themselves_as_float32() {
        fn all<N: Narrow>(of_bits: impl Fn(u16) -> N, bits: impl Fn(N) -> u16) {
            let elements: Vec<N> = (0..=u16::MAX).map(of_bits).collect();
            let (mut wide, mut back) = (vec![0f32; elements.len()], vec![N::default(); elements.len()]);
            N::widen_all(&elements, &mut wide);
            N::narrow_all(&wide, &mut back);
            for ((element, wide), back) in elements.iter().zip(&wide).zip(&back) {
                assert!(wide.to_bits() == element.wide().to_bits() || wide.is_nan());
                assert!(bits(*element) == bits(*back) || wide.is_nan(), "{element:?} {wide}");
                assert!(bits(N::nearest(*wide)) == bits(*back) || wide.is_nan());
            }
        }
        all(f16::from_bits, f16::to_bits);
        all(bf16::from_bits, bf16::to_bits);
    }

    /// A float64 beside the middle of two neighbours becomes the one on its side, however little it is beside it; the
    /// middle itself the even one.
    #[test]
    fn float64_is_rounded_once() {
        fn all<N: Narrow>(of_bits: impl Fn(u16) -> N, bits: impl Fn(N) -> u16) {
            for number in 0..u16::MAX / 2 {
                let (low, high) = (of_bits(number), of_bits(number + 1));
                if !high.wide().is_finite() {
                    return;
                }
                let middle = f64::midpoint(f64::from(low.wide()), f64::from(high.wide()));
                let even = if number % 2 == 0 { number } else { number + 1 };
                for (value, expected) in [(middle.next_down(), number), (middle, even), (middle.next_up(), number + 1)]
                {
                    assert_eq!(bits(N::nearest_to(value)), expected, "{value:e}");
                    assert_eq!(bits(N::nearest_to(-value)), expected | 1 << 15, "{value:e}");
                }
            }
        }
        all(f16::from_bits, f16::to_bits);
        all(bf16::from_bits, bf16::to_bits);
    }
}
