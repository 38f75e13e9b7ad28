//! What blocks over numbers share: arithmetic of every type, and a kernel for each.

/// Arithmetic as TensorFlow's kernels do it: floats as IEEE 754 says, integers wrapping.
pub trait Arithmetic: Copy {
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self - other`.
    fn minus(self, other: Self) -> Self;
    /// `self × other`.
    fn times(self, other: Self) -> Self;
}

macro_rules! floats {
    ($($t:ty),*) => {$(
        impl Arithmetic for $t {
            fn plus(self, other: Self) -> Self { self + other }
            fn minus(self, other: Self) -> Self { self - other }
            fn times(self, other: Self) -> Self { self * other }
        }
    )*};
}

macro_rules! integers {
    ($($t:ty),*) => {$(
        impl Arithmetic for $t {
            fn plus(self, other: Self) -> Self { self.wrapping_add(other) }
            fn minus(self, other: Self) -> Self { self.wrapping_sub(other) }
            fn times(self, other: Self) -> Self { self.wrapping_mul(other) }
        }
    )*};
}

floats!(f32, f64);
integers!(i32, i64);

/// The kernel of a block for a data type, if it is a number: `for_real!(dtype, T => Kernel::map(|x: T| …))`.
macro_rules! for_real {
    ($dtype:expr, $t:ident => $kernel:expr) => {
        match $dtype {
            node_core::DType::Float32 => {
                type $t = f32;
                Some($kernel)
            }
            node_core::DType::Float64 => {
                type $t = f64;
                Some($kernel)
            }
            node_core::DType::Int32 => {
                type $t = i32;
                Some($kernel)
            }
            node_core::DType::Int64 => {
                type $t = i64;
                Some($kernel)
            }
            node_core::DType::Bool | node_core::DType::String => None,
        }
    };
}
pub(crate) use for_real;

/// The kernels of an element-wise block over numbers, by data type: `real!(|x, y| x.plus(y))`. `T` is the number's type.
macro_rules! real {
    (|$x:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T => node_core::Kernel::map(move |$x: T| -> T { $body }))
    };
    (|$x:ident, $y:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(dtype, T => node_core::Kernel::zip(move |$x: T, $y: T| -> T { $body }))
    };
    (|$x:ident, $y:ident, $z:ident| $body:expr) => {
        |dtype| $crate::numbers::for_real!(
            dtype, T => node_core::Kernel::zip3(move |$x: T, $y: T, $z: T| -> T { $body })
        )
    };
}
pub(crate) use real;

/// The kernels of a block that folds numbers, by data type and axes: `real_fold!(|elements, axes| elements.min::<T>(axes))`.
macro_rules! real_fold {
    (|$elements:ident, $axes:ident| $body:expr) => {
        |dtype, $axes: &[bool]| {
            $crate::numbers::for_real!(dtype, T => {
                let $elements = node_core::Kernel::elements::<T>();
                $body
            })
        }
    };
}
pub(crate) use real_fold;

/// A mean from a sum and the number of elements in it.
pub trait Average: node_core::kernel::Operand {
    /// The mean; integers are divided towards zero.
    fn average(sum: Self::Sum, count: usize) -> Self;
}

impl Average for f32 {
    fn average(sum: f64, count: usize) -> f32 {
        sum as f32 / count as f32
    }
}

impl Average for f64 {
    fn average(sum: f64, count: usize) -> f64 {
        sum / count as f64
    }
}

impl Average for i32 {
    fn average(sum: i64, count: usize) -> i32 {
        (sum / count as i64) as i32
    }
}

impl Average for i64 {
    fn average(sum: i64, count: usize) -> i64 {
        sum / count as i64
    }
}
