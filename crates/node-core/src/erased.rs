//! Storage without its type: one thing of any element type. Everything that holds elements of whichever type is an
//! [`Erased`] of a family: a tensor's buffers, stretches of them, accumulators, working memory.

use std::fmt;

use crate::data_types;
use crate::dtype::{DType, Element};

/// What there is of each element type: a buffer of them, a stretch of them, …
pub trait Family {
    /// That of `T`.
    type Of<T: Element>;

    /// Shows it.
    fn fmt<T: Element>(of: &Self::Of<T>, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A family of things that can be copied.
pub trait Cloned: Family {
    /// A copy.
    fn cloned<T: Element>(of: &Self::Of<T>) -> Self::Of<T>;
}

macro_rules! erased {
    ({} $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal, $numpy:literal
        [$($also:literal),*], $kind:ident;)*) => {
        /// One of a family, of any element type.
        pub enum Erased<F: Family> {
            $(#[doc = concat!("Of `", $name, "`.")] $variant(F::Of<$rust>),)*
        }

        impl<F: Family> Erased<F> {
            /// The data type of the elements.
            pub fn dtype(&self) -> DType {
                match self {
                    $(Erased::$variant(_) => DType::$variant,)*
                }
            }
        }

        impl<F: Family> fmt::Debug for Erased<F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Erased::$variant(of) => {
                        f.write_str(concat!(stringify!($variant), "("))?;
                        F::fmt::<$rust>(of, f)?;
                        f.write_str(")")
                    })*
                }
            }
        }

        impl<F: Cloned> Clone for Erased<F> {
            fn clone(&self) -> Self {
                match self {
                    $(Erased::$variant(of) => Erased::$variant(F::cloned::<$rust>(of)),)*
                }
            }
        }
    };
}

data_types!({ erased });

/// Code for what is held, whatever its type: `for_erased!(erased, T, of => f::<T>(of))`.
#[macro_export]
macro_rules! for_erased {
    ($erased:expr, $t:ident, $of:ident => $body:expr) => {
        $crate::data_types!({ $crate::for_erased_rows } $erased, $t, $of, $body)
    };
}

/// The arms of [`for_erased!`](crate::for_erased).
#[doc(hidden)]
#[macro_export]
macro_rules! for_erased_rows {
    ({ $erased:expr, $t:ident, $of:ident, $body:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal,
        $proto:literal, $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $erased {
            $($crate::erased::Erased::$variant($of) => {
                #[allow(dead_code, reason = "not every body names the type")]
                type $t = $rust;
                $body
            })*
        }
    };
}

/// Code for the Rust type that a data type stands for: `for_dtype!(dtype, T => f::<T>())`.
#[macro_export]
macro_rules! for_dtype {
    ($dtype:expr, $t:ident => $body:expr) => {
        $crate::data_types!({ $crate::for_dtype_rows } $dtype, $t, $body)
    };
}

/// The arms of [`for_dtype!`](crate::for_dtype).
#[doc(hidden)]
#[macro_export]
macro_rules! for_dtype_rows {
    ({ $dtype:expr, $t:ident, $body:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal, $proto:literal,
        $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $dtype {
            $($crate::DType::$variant => {
                type $t = $rust;
                $body
            })*
        }
    };
}

/// As [`for_dtype!`](crate::for_dtype), for types that kernels work on: `for_operand!(dtype, T => f::<T>(), else …)`;
/// `else` is for strings.
#[macro_export]
macro_rules! for_operand {
    ($dtype:expr, $t:ident => $body:expr, else $other:expr) => {
        $crate::data_types!({ $crate::for_operand_rows } $dtype, $t, $body, $other)
    };
}

/// The arms of [`for_operand!`](crate::for_operand).
#[doc(hidden)]
#[macro_export]
macro_rules! for_operand_rows {
    ({ $dtype:expr, $t:ident, $body:expr, $other:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal,
        $proto:literal, $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $dtype {
            $($crate::DType::$variant => $crate::for_operand_rows!(@ $kind, $rust, $t, $body, $other),)*
        }
    };
    (@ text, $rust:ty, $t:ident, $body:expr, $other:expr) => {
        $other
    };
    (@ $kind:ident, $rust:ty, $t:ident, $body:expr, $other:expr) => {{
        type $t = $rust;
        $body
    }};
}
