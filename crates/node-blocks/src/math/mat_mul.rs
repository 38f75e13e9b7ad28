//! `MatMul`: the product of two matrices.
//!
//! No edge cases: an element is a sum of products, as those of Mul and AddN.

use node_core::type_rule::Real;
use node_core::why::Origin;
use node_core::{
    AttrKey, Block, BlockSpec, Fault, In, InferCx, KnownType, Out, PartialShape, Reason, RunCx, Tensor, TensorType,
    WhyCx, register_block,
};

use crate::computed;
use crate::products::{self, Factor, Sides, Strides, for_factor};

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
        let (a, b) = (products::widened(cx, cx.tensor(A)?)?, products::widened(cx, cx.tensor(B)?)?);
        let product = for_factor!(ty.dtype, T => multiplied::<T>(cx, &a, &b, ty))?;
        Ok(vec![products::narrowed(cx, product, ty.dtype)?])
    }
}

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
    computed::products(cx, (0..inner).map(|k| (in_a(k), in_b(k))))
}

fn sizes(cx: &RunCx<'_>, ty: &KnownType) -> Result<Sides, Vec<Fault>> {
    let (a, b) = (cx.tensor(A)?.shape().dims(), cx.tensor(B)?.shape().dims());
    let (exchanged_a, exchanged_b) = (cx.attr(TRANSPOSE_A)?, cx.attr(TRANSPOSE_B)?);
    let inner = a[usize::from(!exchanged_a)];
    let columns = ty.shape.dims()[1];
    Ok(Sides { inner, columns, a: Strides::of(a[1], exchanged_a), b: Strides::of(b[1], exchanged_b) })
}

fn multiplied<T: Factor>(cx: &RunCx<'_>, a: &Tensor, b: &Tensor, ty: &KnownType) -> Result<Tensor, Vec<Fault>> {
    let sides = sizes(cx, ty)?;
    let (a, b): (&[T], &[T]) = (a.slice().unwrap_or_default(), b.slice().unwrap_or_default());
    cx.fill::<T>(&ty.shape, products::piece(&sides).saturating_mul(sides.columns), |first, out| {
        let first = first / sides.columns.max(1);
        T::product(&sides, a, b, first..first + out.len() / sides.columns.max(1), out, false);
    })
}
