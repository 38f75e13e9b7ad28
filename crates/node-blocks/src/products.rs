//! Products of matrices: the loops that MatMul, convolutions and their gradients come down to.
//!
//! Floats are multiplied by the `gemm` library, with fused multiply-add where the processor has it; the order of a sum
//! depends on the sizes alone. Whole numbers wrap.

use std::ops::Range;

use gemm::{Parallelism, gemm};
use node_core::dtype::Narrow;
use node_core::kernel::Operand;
use node_core::{DType, Fault, RunCx, Tensor, each_data_type};

use crate::numbers::Arithmetic;

/// How far apart neighbours are in a matrix: in a column, and in a row.
#[derive(Clone, Copy, Debug)]
pub struct Strides {
    /// In a column.
    pub column: usize,
    /// In a row.
    pub row: usize,
}

impl Strides {
    /// Of a matrix that lies row by row with this width in memory; exchanged if its rows are to be columns.
    pub fn of(width: usize, exchanged: bool) -> Strides {
        match exchanged {
            true => Strides { column: 1, row: width },
            false => Strides { column: width, row: 1 },
        }
    }
}

/// The sides of a product, and how its operands lie.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    /// Columns of the first operand, rows of the second.
    pub inner: usize,
    /// Columns of the second operand and of the product.
    pub columns: usize,
    /// How the first operand lies.
    pub a: Strides,
    /// How the second operand lies.
    pub b: Strides,
}

/// An element type of matrices that are multiplied as they are; narrow floats are widened before.
pub trait Factor: Operand + Arithmetic {
    /// Some rows of a product, row by row in `out`; added to what is there if `add`.
    fn product(sides: &Sides, a: &[Self], b: &[Self], rows: Range<usize>, out: &mut [Self], add: bool);
}

macro_rules! factor {
    (float $variant:ident $t:ty) => {
        impl Factor for $t {
            fn product(sides: &Sides, a: &[$t], b: &[$t], rows: Range<usize>, out: &mut [$t], add: bool) {
                let Sides { inner, columns, .. } = *sides;
                if rows.is_empty() || columns == 0 || inner == 0 {
                    if !add {
                        out.fill(0.0);
                    }
                    return;
                }
                // The last elements that are read and written, so that what is handed out below is in bounds.
                let last_a = (rows.end - 1) * sides.a.column + (inner - 1) * sides.a.row;
                let last_b = (inner - 1) * sides.b.column + (columns - 1) * sides.b.row;
                assert!(last_a < a.len() && last_b < b.len() && out.len() == rows.len() * columns, "of the sides");
                let at = rows.start * sides.a.column;
                #[expect(unsafe_code, reason = "the product of matrices, by a library that takes pointers")]
                // SAFETY: all elements that are read and written lie in the slices, as asserted; `out` is nobody else's.
                unsafe {
                    gemm(
                        rows.len(),
                        columns,
                        inner,
                        out.as_mut_ptr(),
                        1,
                        columns as isize,
                        add,
                        a.as_ptr().add(at),
                        sides.a.row as isize,
                        sides.a.column as isize,
                        b.as_ptr(),
                        sides.b.row as isize,
                        sides.b.column as isize,
                        1.0,
                        1.0,
                        false,
                        false,
                        false,
                        Parallelism::None,
                    );
                }
            }
        }
    };
    (int $variant:ident $t:ty) => { factor!(@whole $t); };
    (uint $variant:ident $t:ty) => { factor!(@whole $t); };
    (@whole $t:ty) => {
        impl Factor for $t {
            fn product(sides: &Sides, a: &[$t], b: &[$t], rows: Range<usize>, out: &mut [$t], add: bool) {
                if !add {
                    out.fill(0);
                }
                for (row, out) in rows.zip(out.chunks_mut(sides.columns.max(1))) {
                    for k in 0..sides.inner {
                        let factor = a[row * sides.a.column + k * sides.a.row];
                        for (column, sum) in out.iter_mut().enumerate() {
                            *sum = sum.plus(factor.times(b[k * sides.b.column + column * sides.b.row]));
                        }
                    }
                }
            }
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(factor);

/// Rows of the product that are computed together: enough for the library's loops, few enough to share out.
pub fn piece(sides: &Sides) -> usize {
    const LEAST: usize = 128;
    const PRODUCTS: usize = 1 << 24;
    (PRODUCTS / (sides.inner * sides.columns).max(1)).next_multiple_of(LEAST).clamp(LEAST, 256)
}

/// Code for the type that elements of `dtype` are multiplied as, or summed: narrow floats as float32.
macro_rules! for_factor {
    ($dtype:expr, $t:ident => $body:expr) => {
        node_core::data_types!({ $crate::products::factor_rows } $dtype, $t, $body)
    };
}

/// The arms of [`for_factor!`].
macro_rules! factor_rows {
    ({ $dtype:expr, $t:ident, $body:expr } $($variant:ident = $rust:ty, $name:literal, $short:literal,
        $proto:literal, $numpy:literal [$($also:literal),*], $kind:ident;)*) => {
        match $dtype {
            $(node_core::DType::$variant => $crate::products::factor_rows!(@ $kind, $rust, $t, $body),)*
        }
    };
    (@ text, $rust:ty, $t:ident, $body:expr) => { Err(vec![node_core::Fault::block("multiplies numbers")]) };
    (@ bool, $rust:ty, $t:ident, $body:expr) => { Err(vec![node_core::Fault::block("multiplies numbers")]) };
    (@ narrow, $rust:ty, $t:ident, $body:expr) => {{
        type $t = f32;
        $body
    }};
    (@ $kind:ident, $rust:ty, $t:ident, $body:expr) => {{
        type $t = $rust;
        $body
    }};
}
pub(crate) use {factor_rows, for_factor};

/// A tensor of narrow floats as float32; any other as it is.
pub fn widened(cx: &RunCx<'_>, tensor: &Tensor) -> Result<Tensor, Vec<Fault>> {
    fn of<N: Narrow>(cx: &RunCx<'_>, tensor: &Tensor) -> Result<Tensor, Vec<Fault>> {
        let elements = tensor.slice::<N>().unwrap_or_default();
        cx.write::<f32>(tensor.shape(), 1 << 15, |first, out| N::widen_all(&elements[first..first + out.len()], out))
    }
    match tensor.dtype() {
        DType::Float16 => of::<node_core::half::f16>(cx, tensor),
        DType::BFloat16 => of::<node_core::half::bf16>(cx, tensor),
        _ => Ok(tensor.clone()),
    }
}

/// A tensor of float32 rounded to a narrow type; as it is if that is its own.
pub fn narrowed(cx: &RunCx<'_>, tensor: Tensor, dtype: DType) -> Result<Tensor, Vec<Fault>> {
    fn of<N: Narrow>(cx: &RunCx<'_>, tensor: &Tensor) -> Result<Tensor, Vec<Fault>> {
        let elements = tensor.slice::<f32>().unwrap_or_default();
        cx.write::<N>(tensor.shape(), 1 << 15, |first, out| N::narrow_all(&elements[first..first + out.len()], out))
    }
    match dtype {
        DType::Float16 => of::<node_core::half::f16>(cx, &tensor),
        DType::BFloat16 => of::<node_core::half::bf16>(cx, &tensor),
        _ => Ok(tensor),
    }
}
