//! `MatMul`: the product of two matrices.
//!
//! No edge cases: an element is a sum of products, as those of Mul and AddN.

use std::ops::Range;

use gemm::{Parallelism, gemm};
use node_core::dtype::{Element, Narrow};
use node_core::kernel::Operand;
use node_core::number;
use node_core::type_rule::Real;
use node_core::why::{Named, Origin};
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType,
    WhyCx, each_data_type, for_dtype, register_block,
};

use crate::numbers::Arithmetic;

const A: In<Real> = In::new("a", "The first matrix; two dimensions.");
const B: In<Real> = In::new("b", "The second matrix; as many rows as `a` has columns.");
const TRANSPOSE_A: AttrKey<bool> =
    AttrKey::bool("transpose_a", false, "Whether rows and columns of `a` are exchanged.");
const TRANSPOSE_B: AttrKey<bool> =
    AttrKey::bool("transpose_b", false, "Whether rows and columns of `b` are exchanged.");
const OUTPUT: Out<Real> = Out::new("output", "The product: the rows of `a`, the columns of `b`.").aliases(&["product"]);

register_block!(
    BlockSpec::new(
        "MatMul",
        "Math",
        "The product of two matrices.",
        "Each element is the sum of the products of a row of `a` and a column of `b`. Floats are summed with fused \
         multiply-add where the processor has it, in an order that does not depend on threads; TensorFlow agrees to \
         about 1e-5. Narrow floats are summed as float32; integers wrap.",
    )
    .ports([A.port(), B.port()])
    .attrs([TRANSPOSE_A.spec(), TRANSPOSE_B.spec()])
    .ports([OUTPUT.port()])
    .code(MatMul)
);

struct MatMul;

impl Block for MatMul {
    fn infer(&self, cx: &InferCx<'_>) -> Result<Vec<TensorType>, Vec<Fault>> {
        let (a_rows, a_columns) = sides(cx, A, cx.attr(TRANSPOSE_A)?)?;
        let (b_rows, b_columns) = sides(cx, B, cx.attr(TRANSPOSE_B)?)?;
        if let (Some(columns), Some(rows)) = (a_columns, b_rows)
            && columns != rows
        {
            let counted = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            let (rows, columns) = (counted(rows, "row"), counted(columns, "column"));
            let message = format!("has {rows}, but a has {columns}{}", as_seen(cx));
            return Err(vec![Fault::at("b", message)]);
        }
        Ok(vec![TensorType::new(cx.dtype(A)?, PartialShape::of_dims(vec![a_rows, b_columns]))])
    }

    fn why(&self, cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
        why(cx)
    }

    fn compute(&self, cx: &RunCx<'_>) -> Result<Vec<Tensor>, Vec<Fault>> {
        let ty = &cx.outputs()[0];
        Ok(vec![for_dtype!(ty.dtype, T => T::product(cx, ty))?])
    }
}

/// An element type of matrices.
trait Factor: Element {
    /// The product of the inputs.
    fn product(cx: &RunCx<'_>, ty: &KnownType) -> Result<Tensor, Vec<Fault>>;
}

macro_rules! factor {
    (float $variant:ident $t:ty) => { factor!(# $t, |cx, ty| floats::<$t>(cx, cx.tensor(A)?, cx.tensor(B)?, ty)); };
    (narrow $variant:ident $t:ty) => { factor!(# $t, |cx, ty| narrow::<$t>(cx, ty)); };
    (bool $variant:ident $t:ty) => { factor!(# $t, |_cx, _ty| Err(vec![Fault::at("a", "must be of numbers")])); };
    (text $variant:ident $t:ty) => { factor!(# $t, |_cx, _ty| Err(vec![Fault::at("a", "must be of numbers")])); };
    ($whole:ident $variant:ident $t:ty) => { factor!(# $t, |cx, ty| whole::<$t>(cx, ty)); };
    (# $t:ty, |$cx:ident, $ty:ident| $product:expr) => {
        impl Factor for $t {
            fn product($cx: &RunCx<'_>, $ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
                $product
            }
        }
    };
}

each_data_type!(factor);

/// Rows and columns of a matrix, exchanged where that is asked for.
fn sides(cx: &InferCx<'_>, port: In<Real>, exchanged: bool) -> Result<(Option<usize>, Option<usize>), Vec<Fault>> {
    let shape = cx.shape(port)?;
    match shape.dims() {
        None => Ok((None, None)),
        Some([rows, columns]) if exchanged => Ok((*columns, *rows)),
        Some([rows, columns]) => Ok((*rows, *columns)),
        Some(_) => {
            Err(vec![Fault::at(port.name(), format!("must be a matrix (two dimensions), but has shape {shape}"))])
        }
    }
}

fn as_seen(cx: &InferCx<'_>) -> &'static str {
    let exchanged = |key| cx.find_attr(key).unwrap_or_default();
    if exchanged(TRANSPOSE_A) || exchanged(TRANSPOSE_B) { ", transposed as they are" } else { "" }
}

/// The products of a row and a column, the largest first.
fn why(cx: &WhyCx<'_>) -> Result<Reason, Vec<Fault>> {
    let position = cx.shape().position(cx.flat());
    let side = |port: In<Real>, exchanged: bool, is_row: bool| {
        let input = cx.input_number(port)?;
        let dims = cx.operand_type(input, 0)?.shape;
        let [rows, columns] = *dims.dims() else { return Err(vec![Fault::at(port.name(), "is no matrix")]) };
        // Along the row of `a`, or down the column of `b`, that meet at the element.
        let along = is_row != exchanged;
        let at = if is_row { position[0] } else { position[1] };
        let flat = move |k: usize| if along { at * columns + k } else { k * columns + at };
        Ok((if along { columns } else { rows }, move |k| Origin { input, item: 0, flat: flat(k) }))
    };
    let (inner, in_a) = side(A, cx.attr(TRANSPOSE_A)?, true)?;
    let (_, in_b) = side(B, cx.attr(TRANSPOSE_B)?, false)?;
    let mut products = Vec::with_capacity(inner);
    for k in 0..inner {
        let number = |origin| cx.scalar_at(origin).map(|value| value.as_f64().unwrap_or(f64::NAN));
        products.push((number(in_a(k))? * number(in_b(k))?, k));
    }
    let size = |product: f64| if product.is_nan() { f64::INFINITY } else { product.abs() };
    products.sort_by(|(a, _), (b, _)| size(*b).total_cmp(&size(*a)));
    let others = products.split_off(cx.terms().min(inner));
    let named = products.iter().map(|(_, k)| cx.told(&[in_a(*k), in_b(*k)])).collect::<Result<Vec<_>, _>>()?;
    let sum = |term: &dyn Fn(&[Named]) -> String| named.iter().map(|told| term(told)).collect::<Vec<_>>();
    let mut names = sum(&|told| format!("{} × {}", told[0].name, told[1].name));
    let mut numbers = sum(&|told| format!("{} × {}", told[0].value, told[1].value));
    if !others.is_empty() {
        let rest: f64 = others.iter().map(|(product, _)| product).sum();
        names.push(format!("{} others", others.len()));
        numbers.push(number::f64_text(rest));
    }
    let because = match inner {
        0 => "the sum of no products".to_owned(),
        _ => format!("{} = {}", names.join(" + "), numbers.join(" + ")),
    };
    let from = products.iter().flat_map(|(_, k)| [in_a(*k), in_b(*k)]).collect();
    Ok(Reason { because, from, omitted: 2 * others.len(), ..Reason::default() })
}

/// How far apart neighbours are in a matrix: in a column, and in a row.
struct Strides {
    column: usize,
    row: usize,
}

/// The sides of a product, and how its operands lie.
struct Sides {
    inner: usize,
    columns: usize,
    a: Strides,
    b: Strides,
}

fn sizes(cx: &RunCx<'_>, ty: &KnownType) -> Result<Sides, Vec<Fault>> {
    let strides = |width: usize, exchanged: bool| match exchanged {
        true => Strides { column: 1, row: width },
        false => Strides { column: width, row: 1 },
    };
    let (a, b) = (cx.tensor(A)?.shape().dims(), cx.tensor(B)?.shape().dims());
    let (exchanged_a, exchanged_b) = (cx.attr(TRANSPOSE_A)?, cx.attr(TRANSPOSE_B)?);
    let inner = a[usize::from(!exchanged_a)];
    let columns = ty.shape.dims()[1];
    Ok(Sides { inner, columns, a: strides(a[1], exchanged_a), b: strides(b[1], exchanged_b) })
}

/// Rows of the product that are computed together: enough for the loops below, few enough to share out.
fn piece(sides: &Sides) -> usize {
    const LEAST: usize = 128;
    const PRODUCTS: usize = 1 << 24;
    (PRODUCTS / (sides.inner * sides.columns).max(1)).next_multiple_of(LEAST).clamp(LEAST, 256)
}

fn floats<T: Operand + One>(cx: &RunCx<'_>, a: &Tensor, b: &Tensor, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let sides = sizes(cx, ty)?;
    let (a, b): (&[T], &[T]) = (a.slice().unwrap_or_default(), b.slice().unwrap_or_default());
    cx.fill::<T>(&ty.shape, piece(&sides).saturating_mul(sides.columns), |first, out| {
        let first = first / sides.columns.max(1);
        product(&sides, a, b, first..first + out.len() / sides.columns.max(1), out);
    })
}

/// The neutral elements of products and sums.
trait One {
    const ZERO: Self;
    const ONE: Self;
}

macro_rules! one {
    (float $variant:ident $t:ty) => {
        impl One for $t {
            const ZERO: $t = 0.0;
            const ONE: $t = 1.0;
        }
    };
    ($($other:tt)*) => {};
}

each_data_type!(one);

/// Some rows of a product.
fn product<T: One + Copy + 'static>(sides: &Sides, a: &[T], b: &[T], rows: Range<usize>, out: &mut [T]) {
    let Sides { inner, columns, .. } = *sides;
    if rows.is_empty() || columns == 0 || inner == 0 {
        return;
    }
    // The last elements that are read and written, so that what is handed out below is in bounds.
    let last_a = (rows.end - 1) * sides.a.column + (inner - 1) * sides.a.row;
    let last_b = (inner - 1) * sides.b.column + (columns - 1) * sides.b.row;
    assert!(last_a < a.len() && last_b < b.len() && out.len() == rows.len() * columns, "matrices of the sides");
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
            false,
            a.as_ptr().add(at),
            sides.a.row as isize,
            sides.a.column as isize,
            b.as_ptr(),
            sides.b.row as isize,
            sides.b.column as isize,
            T::ZERO,
            T::ONE,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// Narrow floats: computed as float32, and rounded.
fn narrow<N: Narrow + Operand>(cx: &RunCx<'_>, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let wide = |tensor: &Tensor| -> Result<Tensor, Vec<Fault>> {
        let elements = tensor.slice::<N>().unwrap_or_default();
        cx.fill::<f32>(tensor.shape(), 1 << 15, |first, out| N::widen_all(&elements[first..first + out.len()], out))
    };
    let (a, b) = (wide(cx.tensor(A)?)?, wide(cx.tensor(B)?)?);
    let product = floats::<f32>(cx, &a, &b, ty)?;
    let product = product.slice::<f32>().unwrap_or_default();
    cx.fill::<N>(&ty.shape, 1 << 15, |first, out| N::narrow_all(&product[first..first + out.len()], out))
}

/// Whole numbers, which wrap.
fn whole<T: Operand + Arithmetic>(cx: &RunCx<'_>, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let sides = sizes(cx, ty)?;
    let (a, b): (&[T], &[T]) = (cx.tensor(A)?.slice().unwrap_or_default(), cx.tensor(B)?.slice().unwrap_or_default());
    cx.fill::<T>(&ty.shape, piece(&sides).saturating_mul(sides.columns), |first, out| {
        for (row, out) in (first / sides.columns.max(1)..).zip(out.chunks_mut(sides.columns.max(1))) {
            for k in 0..sides.inner {
                let factor = a[row * sides.a.column + k * sides.a.row];
                for (column, sum) in out.iter_mut().enumerate() {
                    *sum = sum.plus(factor.times(b[k * sides.b.column + column * sides.b.row]));
                }
            }
        }
    })
}
